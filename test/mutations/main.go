// Command mutations breaks the Go code that defines the stacks, one place at a
// time, and runs the tests after each: every number, switch and dependency in
// stacks, constructs and config/defaults.go must matter to some test.
//
//	go run ./test/mutations [-only PATTERN] [-list] [-jobs N]
//
// First the tests must pass without a mutant. It prints each mutant and what
// became of it, and fails if one survives that equivalent.txt does not give a
// reason for, or if a reason is for none.
package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// equivalent has a line for each mutant that no test can see: its name, a tab
// and the reason. A name has no line number: code may move.
//
//go:embed equivalent.txt
var equivalent string

// perMutant is how long the tests of one mutant may take: several times what
// they take alone, since two run at once.
const perMutant = 10 * time.Minute

func main() {
	only := flag.String("only", "", "run the mutants whose name matches `PATTERN`")
	list := flag.Bool("list", false, "list the mutants and run none")
	jobs := flag.Int("jobs", 2, "run `N` at a time")
	flag.Parse()
	if err := run(regexp.MustCompile(*only), *list, *jobs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(only *regexp.Regexp, list bool, jobs int) error {
	all, err := mutants("stacks", "constructs", "config/defaults.go")
	if err != nil {
		return err
	}
	reasons, err := readReasons(equivalent, all)
	if err != nil {
		return err
	}
	var chosen []mutant
	for _, m := range all {
		if only.MatchString(m.name) {
			chosen = append(chosen, m)
		}
	}
	if list {
		for _, m := range chosen {
			fmt.Println(m.name)
		}
		fmt.Printf("%d of %d mutants\n", len(chosen), len(all))
		return nil
	}
	if output, passed := test(nil, "./config", "./constructs/...", "./test"); !passed {
		return fmt.Errorf("the tests fail without a mutant, which proves nothing of any:\n%s", output)
	}
	return report(chosen, reasons, jobs)
}

// report runs the mutants and says what became of each as it ends.
func report(chosen []mutant, reasons map[string]string, jobs int) error {
	next, ended := make(chan mutant), make(chan outcome)
	var running sync.WaitGroup
	for range jobs {
		running.Go(func() {
			for m := range next {
				ended <- try(m)
			}
		})
	}
	go func() {
		for _, m := range chosen {
			next <- m
		}
		close(next)
		running.Wait()
		close(ended)
	}()
	counts, surprising := map[string]int{}, 0
	for o := range ended {
		verdict := o.verdict(reasons)
		counts[verdict]++
		if verdict == survived || verdict == needless {
			surprising++
		}
		fmt.Printf("%4d of %d  %-9s %3.0f s  %s%s\n", total(counts), len(chosen), verdict, o.took.Seconds(), o.mutant.name, o.by())
	}
	fmt.Printf("%d mutants: %d killed, %d refused by the compiler, %d equivalent, %d survived\n",
		len(chosen), counts[killed], counts[refused], counts[harmless], counts[survived])
	if surprising > 0 {
		return fmt.Errorf("%d mutants: kill each with a test, or give the reason in test/mutations/equivalent.txt why none can", surprising)
	}
	return nil
}

func total(counts map[string]int) int {
	sum := 0
	for _, count := range counts {
		sum += count
	}
	return sum
}

const (
	killed   = "killed"
	refused  = "refused"  // it does not compile
	harmless = "harmless" // it survived, and a reason says why
	survived = "SURVIVED"
	needless = "NEEDLESS" // it was killed, and a reason says that it cannot be
)

// outcome is what the tests said of a mutant.
type outcome struct {
	mutant  mutant
	passed  bool
	output  string
	took    time.Duration
	unbuilt bool
}

func (o outcome) verdict(reasons map[string]string) string {
	_, spared := reasons[o.mutant.name]
	switch {
	case o.unbuilt:
		return refused
	case o.passed && spared:
		return harmless
	case o.passed:
		return survived
	case spared:
		return needless
	}
	return killed
}

var failure = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)

// by names the first test that noticed.
func (o outcome) by() string {
	if found := failure.FindStringSubmatch(o.output); found != nil {
		return "  by " + found[1]
	}
	return ""
}

// packages are the tests that may see a mutant, the likeliest first: the listing
// of settings sees most of them in seconds.
func (m mutant) packages() [][]string {
	first := []string{"-run", "^TestOnlyTheListedSettingsExist$|^TestOnlyTheListedStatementsExist$", "./test"}
	switch {
	case strings.HasPrefix(m.file, "config/"):
		return [][]string{{"./config"}, first, {"./test", "./test/..."}}
	case strings.HasPrefix(m.file, "constructs/"):
		return [][]string{first, {"./" + filepath.Dir(m.file)}, {"./test"}}
	}
	return [][]string{first, {"./test"}}
}

// try runs the tests with the mutant in the place of its file.
func try(m mutant) outcome {
	began := time.Now()
	directory, err := os.MkdirTemp("", "mutant")
	if err != nil {
		panic(err) // without a temporary directory nothing can be said of any mutant
	}
	defer func() { _ = os.RemoveAll(directory) }()
	overlay, err := m.overlay(directory)
	if err != nil {
		panic(err)
	}
	o := outcome{mutant: m, passed: true}
	for _, arguments := range m.packages() {
		o.output, o.passed = test([]string{"TMPDIR=" + directory}, append([]string{"-overlay", overlay}, arguments...)...)
		if !o.passed {
			break
		}
	}
	o.unbuilt = strings.Contains(o.output, "[build failed]")
	o.took = time.Since(began)
	return o
}

// limits are the tests of time and memory, which are about no setting, and which
// two runs at once may fail.
const limits = "^TestNo(File|Assembly)Takes"

// test runs go test. With a TMPDIR of its own its temporary files end with it.
func test(environment []string, arguments ...string) (output string, passed bool) {
	command := exec.Command("go", append([]string{"test", "-failfast", "-timeout", perMutant.String(), "-skip", limits}, arguments...)...)
	command.Env = append(os.Environ(), environment...)
	text, err := command.CombinedOutput()
	return string(text), err == nil
}

// overlay writes the mutated file, and the file that tells go of it.
func (m mutant) overlay(directory string) (string, error) {
	absolute, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	mutated, overlay := filepath.Join(directory, "mutated.go"), filepath.Join(directory, "overlay.json")
	if err := os.WriteFile(mutated, m.text, 0o600); err != nil {
		return "", err
	}
	content, err := json.Marshal(map[string]any{"Replace": map[string]string{absolute: mutated}})
	if err != nil {
		return "", err
	}
	return overlay, os.WriteFile(overlay, content, 0o600)
}

// readReasons refuses a reason that is for no mutant, and a mutant without one.
func readReasons(text string, all []mutant) (map[string]string, error) {
	known := map[string]bool{}
	for _, m := range all {
		known[m.name] = true
	}
	reasons := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		if lines.Text() == "" || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		name, reason, found := strings.Cut(lines.Text(), "\t")
		if !found || reason == "" || !known[name] {
			return nil, fmt.Errorf("test/mutations/equivalent.txt: got %q, want the name of a mutant that -list prints, a tab and the reason", lines.Text())
		}
		reasons[name] = reason
	}
	return reasons, lines.Err()
}
