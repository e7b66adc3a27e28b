package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"catalog-infra/test/mutations/schemata"
)

// perMutant is how long the tests of one mutant may take: several times what
// they take alone, since two run at once.
const perMutant = 10 * time.Minute

// limits are the tests of time and memory, and of the example as a program, which two
// runs at once may fail.
const limits = "^TestNo(File|Assembly)Takes|^TestTheExampleKeepsTheContractOfTheImage$"

// listings see most mutants in seconds.
const listings = "^TestOnlyTheListedSettingsExist$|^TestOnlyTheListedStatementsExist$"

// laboratory has the template tests, compiled with every mutant that a program can
// choose.
type laboratory struct {
	directory, overlay, tests string
}

// newLaboratory compiles the tests, and returns an error if they fail while no mutant
// is chosen, which would prove nothing of any.
func newLaboratory(mutants []mutant) (*laboratory, error) {
	directory, err := newDirectory("", "mutants")
	if err != nil {
		return nil, err
	}
	lab := &laboratory{directory: directory, tests: filepath.Join(directory, "tests")}
	choices, err := all(directory, mutants)
	if err != nil {
		return nil, err
	}
	if lab.overlay, err = choices.write(); err != nil {
		return nil, err
	}
	if output, err := exec.Command("go", "test", "-c", "-o", lab.tests, "-overlay", lab.overlay, "./test").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling the tests with all mutants: %w\n%s", err, output)
	}
	if err := lab.passesWithoutMutant(); err != nil {
		return nil, err
	}
	return lab, nil
}

// passesWithoutMutant runs the tests under the same conditions as for a mutant.
func (l *laboratory) passesWithoutMutant() error {
	temporary, err := newDirectory(l.directory, "none")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	output, passed := goTest([]string{"TMPDIR=" + temporary}, "-overlay", l.overlay, "./config", "./constructs/...", "./test")
	if !passed {
		return fmt.Errorf("the tests fail without a mutant, which proves nothing of any:\n%s", output)
	}
	return nil
}

// newDirectory makes a temporary directory that other accounts may enter: a PostgreSQL
// server that root starts has its own.
func newDirectory(parent, name string) (string, error) {
	directory, err := os.MkdirTemp(parent, name)
	if err != nil {
		return "", err
	}
	return directory, os.Chmod(directory, 0o755)
}

func (l *laboratory) close() { _ = os.RemoveAll(l.directory) }

// try runs the tests until one fails.
func (l *laboratory) try(m mutant) outcome {
	began := time.Now()
	temporary, err := newDirectory(l.directory, "mutant")
	if err != nil {
		panic(err) // without a temporary directory nothing can be said of any mutant
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	environment := []string{"TMPDIR=" + temporary}
	o := outcome{mutant: m}
	if m.choosable {
		o.output, o.passed = l.choose(m, environment)
	} else {
		o.output, o.passed = compileAlone(m, temporary, environment)
	}
	o.unbuilt = strings.Contains(o.output, "[build failed]")
	o.took = time.Since(began)
	return o
}

// choose runs the tests that are compiled already, the likeliest first.
func (l *laboratory) choose(m mutant, environment []string) (output string, passed bool) {
	environment = append(environment, fmt.Sprintf("%s=%d", schemata.Variable, m.id))
	for _, tests := range []string{listings, "."} {
		command := exec.Command(l.tests, "-test.failfast", "-test.timeout", perMutant.String(), "-test.run", tests, "-test.skip", limits)
		command.Dir, command.Env = "test", append(os.Environ(), environment...)
		if text, err := command.CombinedOutput(); err != nil {
			return string(text), false
		}
	}
	if own := filepath.Dir(m.file); own != "stacks" {
		return goTest(environment, "-overlay", l.overlay, "./"+own)
	}
	return "", true
}

// compileAlone is for a constant.
func compileAlone(m mutant, directory string, environment []string) (output string, passed bool) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return err.Error(), true
	}
	alone := &overlay{directory: directory, Replace: map[string]string{}}
	if err := alone.add(m.file, m.apply(text)); err != nil {
		return err.Error(), true
	}
	path, err := alone.write()
	if err != nil {
		return err.Error(), true
	}
	for _, arguments := range [][]string{{"-run", listings, "./test"}, {"./" + filepath.Dir(m.file)}, {"./test", "./test/..."}} {
		if output, passed := goTest(environment, append([]string{"-overlay", path}, arguments...)...); !passed {
			return output, false
		}
	}
	return "", true
}

func goTest(environment []string, arguments ...string) (output string, passed bool) {
	// A program reads its mutant before it is a test, so that a result of another mutant
	// would be taken from the cache.
	always := []string{"test", "-count=1", "-failfast", "-vet=off", "-timeout", perMutant.String(), "-skip", limits}
	command := exec.Command("go", append(always, arguments...)...)
	command.Env = append(os.Environ(), environment...)
	text, err := command.CombinedOutput()
	return string(text), err == nil
}
