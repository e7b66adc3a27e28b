package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/config/environments"
	"catalog-infra/stacks"
)

// TestMain runs the command if a test has started this program as one.
func TestMain(m *testing.M) {
	if app := os.Getenv("RUN_MAIN"); app != "" {
		newApp = apps[app]
		main()
	}
	status := m.Run()
	jsii.Close()
	os.Exit(status)
}

// apps are what the command defines: this app, or one with a mistake.
var apps = map[string]func(config.Config, string) *stacks.App{
	"app": stacks.NewApp,
	"an app that CDK refuses": func(config.Config, string) *stacks.App {
		awscdk.NewStack(awscdk.NewApp(nil), jsii.String("no stack's name"), nil)
		return nil
	},
	"an app that forgets a pointer":       func(config.Config, string) *stacks.App { var none *nothing; return none.app },
	"an app whose construct lacks a prop": func(config.Config, string) *stacks.App { panic("storage: Logs: LogGroupProps lacks RetentionDays") },
}

// nothing has no app.
type nothing struct{ app *stacks.App }

// anyEnvironment returns the variable that names one of the operator's
// environments. Which they are is nothing that a test may know.
func anyEnvironment(t *testing.T) string {
	t.Helper()
	suffixes := config.EnvironmentNames(environments.Files)
	require.NotEmpty(t, suffixes)
	return "ENVIRONMENT_SUFFIX=" + suffixes[0]
}

// process is the command in a directory of its own, with a temporary directory of
// its own, so that whatever it leaves behind is seen.
type process struct {
	*exec.Cmd
	home           string
	stdout, stderr bytes.Buffer
}

func command(t *testing.T, variables ...string) *process {
	t.Helper()
	p := &process{home: t.TempDir()}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	p.Cmd = exec.CommandContext(ctx, os.Args[0])
	for _, name := range []string{"tmp", "work"} {
		require.NoError(t, os.Mkdir(filepath.Join(p.home, name), 0o755))
	}
	p.Dir = filepath.Join(p.home, "work")
	p.Env = append([]string{"RUN_MAIN=app", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		"TMPDIR=" + filepath.Join(p.home, "tmp")}, variables...)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	return p
}

func (p *process) leaves(t *testing.T) (files []string) {
	t.Helper()
	for _, name := range []string{"tmp", "work"} {
		entries, err := os.ReadDir(filepath.Join(p.home, name))
		require.NoError(t, err)
		for _, entry := range entries {
			files = append(files, filepath.Join(name, entry.Name()))
		}
	}
	return files
}

func TestAMistakeIsReportedAndLeavesNothing(t *testing.T) {
	cases := map[string]struct {
		variables, args []string
		want            string
	}{
		"a name that cannot be": {[]string{"ENVIRONMENT_SUFFIX=Prod_1"}, nil, `environmentSuffix: got "Prod_1", want`},
		"an empty variable":     {[]string{"ENVIRONMENT_SUFFIX="}, nil, "ENVIRONMENT_SUFFIX (SUFFIX and FROM of make): got nothing"},
		"an argument":           {nil, []string{"prod"}, `catalog-infra: got ["prod"], want no arguments`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			p := command(t, test.variables...)
			p.Args = append(p.Args, test.args...)

			var exit *exec.ExitError
			require.ErrorAs(t, p.Run(), &exit)

			require.Equal(t, 1, exit.ExitCode())
			require.True(t, strings.HasPrefix(p.stderr.String(), test.want), p.stderr.String())
			require.Empty(t, p.stdout.String())
			require.Empty(t, p.leaves(t))
		})
	}
}

func TestOnlyAMistakeOfTheProgramShowsItsStackTrace(t *testing.T) {
	for app, want := range map[string]struct {
		status  int
		message string
	}{
		"an app that CDK refuses":             {1, "Stack name must match"},
		"an app that forgets a pointer":       {2, "nil pointer dereference"},
		"an app whose construct lacks a prop": {2, "storage: Logs: LogGroupProps lacks RetentionDays"},
	} {
		t.Run(app, func(t *testing.T) {
			p := command(t, anyEnvironment(t), "RUN_MAIN="+app)

			var exit *exec.ExitError
			require.ErrorAs(t, p.Run(), &exit)

			require.Equal(t, want.status, exit.ExitCode(), p.stderr.String())
			require.Contains(t, p.stderr.String(), want.message)
			if want.status == 1 {
				lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(p.stderr.String()), "\n"), func(line string) bool {
					return strings.HasPrefix(line, "warning: ") // of the operator's files
				})
				require.Len(t, lines, 1, p.stderr.String())
			} else {
				require.Regexp(t, `(?s)main_test\.go:\d+.*\ncatalog-infra\.define\(`, p.stderr.String())
			}
			require.Empty(t, p.leaves(t))
		})
	}
}

// The banner of an old Node.js and CDK's own deprecations would be printed here.
func TestASynthesisPrintsOnlyWarningsOfTheFile(t *testing.T) {
	p := command(t, anyEnvironment(t))

	require.NoError(t, p.Run(), p.stderr.String())

	for line := range strings.Lines(p.stderr.String()) {
		require.True(t, strings.HasPrefix(line, "warning: config/environments/"), line)
	}
	require.Empty(t, p.stdout.String())
	require.Equal(t, []string{"work/cdk.out"}, p.leaves(t))
	require.FileExists(t, filepath.Join(p.Dir, "cdk.out", "network.template.json"))
}

func TestTakingDevIsReported(t *testing.T) {
	p := command(t)
	err := p.Run() // an operator may have no dev
	require.Contains(t, p.stderr.String(), "no -c environmentSuffix= and no ENVIRONMENT_SUFFIX: taking dev\n")
	require.Equal(t, slices.Contains(config.EnvironmentNames(environments.Files), "dev"), err == nil, p.stderr.String())
}

// make nodes installs the versions of Node.js that the README asks for.
func TestEveryNodeMakesTheSameTemplates(t *testing.T) {
	nodes, err := filepath.Glob(".build/nodes/*/node_modules/node/bin/node")
	require.NoError(t, err)
	if len(nodes) == 0 {
		t.Skip("the node of the path is the only one here; make nodes installs others")
	}
	synthesized := func(variables ...string) string {
		p := command(t, append(variables, anyEnvironment(t))...)
		require.NoError(t, p.Run(), p.stderr.String())
		return filepath.Join(p.Dir, "cdk.out")
	}
	want := synthesized()
	for _, node := range nodes {
		path, err := filepath.Abs(node)
		require.NoError(t, err)
		got := synthesized("JSII_NODE=" + path)
		templates, err := filepath.Glob(filepath.Join(want, "*.template.json"))
		require.NoError(t, err)
		require.NotEmpty(t, templates)
		for _, template := range templates {
			require.Equal(t, read(t, template), read(t, filepath.Join(got, filepath.Base(template))), node)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(content)
}

// The CLI has locked its directory, and looks for the assembly there.
func TestTheCLIGetsTheAssemblyWhereItAsksForIt(t *testing.T) {
	p := command(t, "CDK_CLI_VERSION=2.1148.1", "CDK_OUTDIR=asked-for", anyEnvironment(t))
	dir := filepath.Join(p.Dir, "asked-for")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "synth.lock"), nil, 0o600))

	require.NoError(t, p.Run(), p.stderr.String())

	require.FileExists(t, filepath.Join(dir, "synth.lock"))
	require.FileExists(t, filepath.Join(dir, "manifest.json"))
}

// The node process here answers nothing until it is told to end.
func TestAnInterruptLeavesNothing(t *testing.T) {
	silent := filepath.Join(t.TempDir(), "node")
	require.NoError(t, os.WriteFile(silent, []byte("#!/bin/sh\ncat > /dev/null\n"), 0o755))
	p := command(t, anyEnvironment(t), "JSII_NODE="+silent)
	require.NoError(t, p.Start())
	writes := func() bool { return strings.Contains(strings.Join(p.leaves(t), " "), "work/.cdk.out-") }
	require.Eventually(t, writes, 20*time.Second, time.Millisecond, "it never began to write")
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))

	var exit *exec.ExitError
	require.ErrorAs(t, p.Wait(), &exit)

	require.Equal(t, 130, exit.ExitCode())
	require.Empty(t, p.leaves(t))
}
