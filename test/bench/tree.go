package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tree is a commit, checked out and built in a directory of its own, so that
// edits of the measurement and an operator's files play no part.
type tree struct {
	name, dir string
	edits     int
	resources int
}

// workingTree returns a commit with what is in the working tree, as far as git
// knows the files.
func workingTree() string {
	stash, err := exec.Command("git", "stash", "create").Output()
	if commit := strings.TrimSpace(string(stash)); err == nil && commit != "" {
		return commit
	}
	return "HEAD"
}

// newTree returns the tree also where it could not be made, so that what there is
// of it can be removed.
func newTree(dir, commit string) (*tree, error) {
	t := &tree{name: filepath.Base(dir), dir: dir}
	fmt.Printf("building %s (%s)\n", t.name, commit)
	t.remove() // what an interrupted run left
	if output, err := exec.Command("git", "worktree", "add", "--quiet", "--detach", dir, commit).CombinedOutput(); err != nil {
		return t, errors.New(strings.TrimSpace(string(output)))
	}
	return t, t.build()
}

func (t *tree) remove() {
	os.RemoveAll(t.dir)                            //nolint:errcheck // git is told next, and .build is ignored
	exec.Command("git", "worktree", "prune").Run() //nolint:errcheck // only tidies up
}

func (t *tree) build() error {
	if err := t.useReferenceFiles(); err != nil {
		return err
	}
	for _, command := range [][]string{{"npm", "ci"}, {"make", "setup"}} {
		if output, err := t.command(command...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", command, err, output)
		}
	}
	if err := t.buildEmptyApp(); err != nil {
		return err
	}
	return t.countResources()
}

// useReferenceFiles replaces the operator's files, so that figures compare.
func (t *tree) useReferenceFiles() error {
	files, err := filepath.Glob(filepath.Join(t.dir, "test/environments/*.yaml"))
	if err != nil || len(files) == 0 {
		return err
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(t.dir, "config/environments", filepath.Base(file)), content, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// command runs in the tree, with the environment of a person who names prod.
func (t *tree) command(args ...string) *exec.Cmd {
	command := exec.Command(args[0], args[1:]...)
	command.Dir = t.dir
	command.Env = append(os.Environ(), "ENVIRONMENT_SUFFIX=prod", "CDK_OUTDIR="+t.outdir(),
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20", "JSII_DEPRECATED=quiet", "CDK_VALIDATION=false", "MAKEFLAGS=")
	return command
}

func (t *tree) outdir() string { return filepath.Join(t.dir, ".build/out") }

const emptyApp = `package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	awscdk.NewStack(app, jsii.String("empty"), nil)
	app.Synth(nil)
}
`

// buildEmptyApp makes an app with one empty stack, of the tree's library: what a
// synthesis costs before anything is defined.
func (t *tree) buildEmptyApp() error {
	dir := filepath.Join(t.dir, ".build/empty")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	module, err := os.ReadFile(filepath.Join(t.dir, "go.mod"))
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(t.dir, "go.sum"))
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"go.mod": bytes.Replace(module, []byte("module catalog-infra"), []byte("module empty"), 1), "go.sum": sums, "main.go": []byte(emptyApp),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	build := exec.Command("go", "build", "-o", "app", ".")
	build.Dir = dir
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("empty app: %w\n%s", err, output)
	}
	return nil
}

// edited is a text in a construct that a template shows.
const (
	editedFile = "constructs/database/credentials.go"
	editedText = "Credentials of the catalog database"
)

// edit changes a construct as a person would, so that it must be compiled and
// synthesized anew.
func (t *tree) edit() error {
	path := filepath.Join(t.dir, editedFile)
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before := editedText + strings.Repeat("!", t.edits)
	t.edits++
	after := editedText + strings.Repeat("!", t.edits)
	if !bytes.Contains(content, []byte(before+`"`)) {
		return fmt.Errorf("%s: want the text %q", path, before)
	}
	return os.WriteFile(path, bytes.Replace(content, []byte(before+`"`), []byte(after+`"`), 1), 0o644)
}
