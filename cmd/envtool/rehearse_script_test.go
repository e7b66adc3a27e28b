package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clone is a repository with the script, in which the programs that it starts only say
// so.
type clone struct {
	t   *testing.T
	dir string
}

func newClone(t *testing.T) clone {
	t.Helper()
	this := clone{t, t.TempDir()}
	script, err := os.ReadFile("../../tools/rehearse.sh")
	require.NoError(t, err)
	this.write("tools/rehearse.sh", string(script))
	this.write("bin/go", `echo '#!/bin/sh
echo base $ENVIRONMENT_SUFFIX $ENVIRONMENT_FROM' > ../catalog-infra; chmod +x ../catalog-infra`)
	this.write(".build/catalog-infra", "echo head $ENVIRONMENT_SUFFIX $ENVIRONMENT_FROM")
	this.write(".build/envtool", `echo "$*"; exit ${STATUS:-0}`)
	this.write(".gitignore", ".build\nbin\n")
	this.git("init", "--quiet", "--initial-branch=main")
	return this
}

func (c clone) write(name, content string) {
	path := filepath.Join(c.dir, name)
	require.NoError(c.t, os.MkdirAll(filepath.Dir(path), 0o700))
	if !strings.HasPrefix(content, "#!") {
		content = "#!/bin/sh\n" + content + "\n"
	}
	require.NoError(c.t, os.WriteFile(path, []byte(content), 0o700)) //nolint:gosec // it is run
}

func (c clone) git(arguments ...string) {
	settings := []string{"-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgSign=false"}
	command := exec.Command("git", append(settings, arguments...)...)
	command.Dir = c.dir
	out, err := command.CombinedOutput()
	require.NoError(c.t, err, "%s", out)
}

// commit adds an environment, and says so.
func (c clone) commit(environment, message string) {
	c.write("config/environments/"+environment+".yaml", "")
	c.git("add", "--all")
	c.git("commit", "--quiet", "--message", message)
}

// rehearse returns what the script prints, and its exit status.
func (c clone) rehearse(variables ...string) (out string, status int) {
	return c.run("rehearse", variables...)
}

func (c clone) run(what string, variables ...string) (out string, status int) {
	command := exec.Command("sh", "tools/rehearse.sh", what)
	command.Dir = c.dir
	command.Env = append(os.Environ(), append(variables, "PATH="+filepath.Join(c.dir, "bin")+":"+os.Getenv("PATH"))...)
	printed, _ := command.CombinedOutput()
	return string(printed), command.ProcessState.ExitCode()
}

func TestEveryEnvironmentIsRehearsedFromTheCommitThatLandedBefore(t *testing.T) {
	c := newClone(t)
	c.commit("dev", "first")
	c.commit("prod", "second")

	out, status := c.rehearse()

	require.Zero(t, status, out)
	require.Contains(t, out, "first\n")
	require.Contains(t, out, "dev:\nhead dev\nbase dev\nrehearse --head .build/rehearsal/head/dev --way .build/rehearsal/way --base .build/rehearsal/base/dev\n"+
		"pr-17-from-dev:\nhead pr-17 dev\nbase pr-17 dev\nrehearse ")
	require.Contains(t, out, "prod:\nhead prod\nrehearse --head .build/rehearsal/head/prod --way .build/rehearsal/way\npr-17", "it is new")
}

func TestTheBaseIsTheLastCommitThatIsNotTheChange(t *testing.T) {
	c := newClone(t)
	c.commit("dev", "first")
	out, status := c.rehearse()
	require.Zero(t, status, out)
	require.Equal(t, "Nothing to compare with: git has no commit before this one. A shallow clone lacks it: git fetch --deepen=1\n", out)

	c.git("update-ref", "refs/remotes/origin/main", "HEAD")
	c.commit("qa", "second")
	c.commit("prod", "third")
	out, _ = c.rehearse()
	require.Contains(t, out, "first\n", "neither has landed")

	c.git("update-ref", "refs/remotes/origin/main", "HEAD")
	out, _ = c.rehearse()
	require.Contains(t, out, "second\n", "the last one has landed")

	c.write("config/environments/prod.yaml", "# changed")
	out, _ = c.rehearse()
	require.Contains(t, out, "third\n", "the working tree is the change")

	out, _ = c.rehearse("BASE=HEAD~2", "ENVIRONMENT_SUFFIX=pr-3", "ENVIRONMENT_FROM=dev")
	require.Contains(t, out, "first\npr-3:\nhead pr-3 dev\nbase pr-3 dev\n")
	require.NotContains(t, out, "prod")

	out, status = c.rehearse("BASE=nowhere")
	require.Equal(t, 1, status)
	require.Equal(t, "BASE: got nowhere, want a commit, such as origin/main or HEAD~1\n", out)
}

func TestAVerdictIsAcceptedByTheMessageOfACommitOrAVariable(t *testing.T) {
	c := newClone(t)
	c.commit("dev", "first\n\nRehearsal-Accept: refused")
	c.git("update-ref", "refs/remotes/origin/main", "HEAD")
	c.commit("qa", "second\n\nRehearsal-Accept: data lost")
	c.commit("prod", "third")

	out, status := c.rehearse("ENVIRONMENT_SUFFIX=dev", "ACCEPT=service cut", "STATUS=2")
	require.Zero(t, status, out)
	require.Contains(t, out, "rehearse --head .build/rehearsal/head/dev --way .build/rehearsal/way --accept service cut,data lost --base")

	out, status = c.rehearse("STATUS=3")
	require.Equal(t, 3, status)
	require.Contains(t, out, "Not to be deployed so: dev pr-17-from-dev prod pr-17-from-prod qa pr-17-from-qa. A line")

	out, status = c.rehearse("STATUS=1")
	require.Equal(t, 1, status, "a mistake is not a verdict")
	require.NotContains(t, out, "pr-17")
}

func TestAReviewIsOfEveryEnvironmentBeforeAndAfter(t *testing.T) {
	c := newClone(t)
	c.commit("dev", "first")
	c.git("rm", "--quiet", "--", "*/dev.yaml")
	c.commit("prod", "second")

	out, status := c.run("review", "FORMAT=markdown", "STATUS=3")

	require.Equal(t, 3, status, out)
	require.Contains(t, out, "first\nhead prod\nhead pr-17 prod\nbase dev\nbase pr-17 dev\n"+
		"review --base .build/rehearsal/base --head .build/rehearsal/head --format markdown\n")
}
