//go:build firstweek

// The tag keeps it out of go test ./..., which it runs: make first-week gives it.

package firstweek

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/environments"
)

const root = "../.."

// scratch is the copy, without git and below a name with a space, as somebody may
// have it. assemblies is where it puts what it synthesizes: beside it, since a
// directory more in it is a change.
var (
	scratch    = filepath.Join(root, ".build", "first-week", "a repository")
	assemblies = filepath.Join(root, ".build", "first-week", "assemblies")
)

// mayRun are the packages whose tests are about the operator's files. All others
// must be as they passed before: Go has their results, since nothing that they
// read has changed.
var mayRun = []string{"catalog-infra", "catalog-infra/test/operator"}

func TestEverythingPassesAfterEachEditOfAnOperatorsFirstWeek(t *testing.T) {
	start(t)
	goTest(t)
	for _, edit := range edits {
		t.Run(edit.name, func(t *testing.T) {
			edited(t, edit)
			for _, ran := range goTest(t) {
				if !edit.ofCode() {
					require.Contains(t, mayRun, ran, "its tests depend on the operator's files: take test/environments")
				}
			}
		})
	}
	for name, second := range map[string]bool{"together": false, "together too": true} {
		t.Run(name, func(t *testing.T) {
			edited(t, slices.DeleteFunc(slices.Clone(edits), func(e edit) bool { return e.second != second })...)
			goTest(t)
			checkTemplates(t)
		})
	}
}

// edited makes the edits, and has them taken back at the end of the test.
func edited(t *testing.T, edits ...edit) {
	t.Helper()
	t.Cleanup(func() { startWithFiles(t) })
	for _, edit := range edits {
		require.NoError(t, edit.apply(scratch), edit.name)
	}
}

// start makes the scratch copy what the repository is. It keeps the times of
// files and directories, by which Go knows that they are the same.
func start(t *testing.T) {
	t.Helper()
	require.NoError(t, os.RemoveAll(scratch))
	directories := map[string]time.Time{}
	require.NoError(t, fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		switch {
		case err != nil:
			return err
		case slices.Contains([]string{".git", ".build", ".venv", "node_modules", "cdk.out", "__pycache__"}, entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			directories[path] = info.ModTime()
			return os.MkdirAll(filepath.Join(scratch, path), 0o755)
		case info.Mode().IsRegular() && !operators(path):
			return copied(path, info.ModTime())
		}
		return nil
	}))
	startWithFiles(t)
	for path, at := range directories {
		require.NoError(t, os.Chtimes(filepath.Join(scratch, path), at, at))
	}
}

// startWithFiles makes the operator's files those that are shipped.
func startWithFiles(t *testing.T) {
	t.Helper()
	const schema = "# yaml-language-server: $schema=schema.json\n\n"
	files, err := filepath.Glob(filepath.Join(scratch, "config/environments/*.y*"))
	require.NoError(t, err)
	for _, file := range files {
		require.NoError(t, os.Remove(file))
	}
	for _, suffix := range config.EnvironmentNames(environments.Files) {
		content, err := environments.Files.ReadFile(suffix + ".yaml")
		require.NoError(t, err)
		require.NoError(t, write("config/environments/"+suffix+".yaml", append([]byte(schema), content...), time.Unix(0, 0)))
	}
	info, err := os.Stat(filepath.Join(root, ofCode))
	require.NoError(t, err)
	require.NoError(t, copied(ofCode, info.ModTime()))
}

// operators reports whether the file is the operator's own.
func operators(path string) bool {
	return strings.HasPrefix(path, "config/environments/") && !slices.Contains([]string{".go", ".json"}, filepath.Ext(path))
}

func copied(path string, at time.Time) error {
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return err
	}
	return write(path, content, at)
}

func write(path string, content []byte, at time.Time) error {
	file := filepath.Join(scratch, path)
	if err := os.WriteFile(file, content, 0o755); err != nil {
		return err
	}
	return os.Chtimes(file, at, at)
}

var passed = regexp.MustCompile(`(?m)^ok  \t(\S+)\t(\S+)`)

// goTest runs every test of the scratch copy, and returns the packages whose
// tests were run anew.
func goTest(t *testing.T) (ran []string) {
	t.Helper()
	output := run(t, scratch, "go", "test", "./...")
	found := passed.FindAllStringSubmatch(output, -1)
	require.Greater(t, len(found), 5, output)
	for _, each := range found {
		if each[2] != "(cached)" {
			ran = append(ran, each[1])
		}
	}
	return ran
}

// checkTemplates runs the checkers over the operator's environments.
func checkTemplates(t *testing.T) {
	t.Helper()
	run(t, scratch, "go", "run", "./test/assemblies", "-reference", "../assemblies/reference", "-operator", "../assemblies/operator")
	assemblies, err := filepath.Glob(filepath.Join(assemblies, "operator", "*"))
	require.NoError(t, err)
	python := strings.TrimSpace(run(t, ".", "../policy/python.sh"))
	for _, checker := range []string{"../policy/cfn_lint.py", "../drill/check.py"} {
		run(t, ".", python, append([]string{checker}, assemblies...)...)
	}
}

// run returns what the program prints; one that fails fails the test with it.
func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	command := exec.Command(program, args...)
	command.Dir = dir
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	return string(output)
}
