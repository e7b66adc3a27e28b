//go:build rival

package review_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/review"
)

var update = flag.Bool("update", false, "write the table into docs/review.md instead of comparing it")

// compared are the pairs in the table, by their names, in its order.
var compared = []string{
	"a range of addresses that grows", "a range in two halves", "a rule that moves among a service's groups",
	"a prefix list of the template that grows", "a renamed group with a new hash",
	"a route to the internet", "a listener that forwards all", "a new public load balancer", "a public address opened", "a public bucket opened",
	"a wildcard more", "a NotAction", "the same, rewritten", "a policy in the role", "a policy of AWS", "everybody", "a second factor less",
	"a bucket for everybody", "a Deny less", "a key for another account",
	"rotation of a key weakened", "retention of logs weakened", "TLS of a listener weakened", "a read-only root weakened",
	"a rule from block to count", "an alarm that is disarmed", "a deletion policy weakened",
	"a table that is replaced",
}

// replaced is the rehearsal's, which has pairs of its own.
var replaced = pair{
	of("DynamoDB::Table", `"KeySchema": [{"AttributeName": "a"}]`), of("DynamoDB::Table", `"KeySchema": [{"AttributeName": "b"}]`), review.DataLost, "",
}

func TestTheTableOfWhatEachSees(t *testing.T) {
	rows := make([]string, len(compared))
	var running sync.WaitGroup
	two := make(chan bool, 2)
	for i, name := range compared {
		test, ok := allPairs()[name]
		if name == "a table that is replaced" {
			test, ok = replaced, true
		}
		require.True(t, ok, name)
		dir := t.TempDir()
		write(t, dir, test)
		running.Go(func() {
			two <- true
			defer func() { <-two }()
			rows[i] = fmt.Sprintf("| %s | %s | %s | %s |", name, diff(dir, "broadening"), diff(dir, "destructive"), verdictOf(test.want))
		})
	}
	running.Wait()
	compareTable(t, strings.Join(rows, "\n")+"\n")
}

func verdictOf(want review.Verdict) string {
	if want == "" {
		return "passes"
	}
	return "**" + string(want) + "**"
}

func write(t *testing.T, dir string, test pair) {
	t.Helper()
	for name, content := range map[string]string{
		"manifest.json": `{"version": "55.0.0", "artifacts": {"a": {"type": "aws:cloudformation:stack",
			"environment": "aws://unknown-account/unknown-region", "properties": {"templateFile": "a.template.json"}}}}`,
		"a.template.json": `{"Resources": {` + test.head + `}}`,
		"base.json":       `{"Resources": {` + test.base + `}}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
}

// diff returns what the CLI's exit status says about a kind of change.
func diff(dir, kind string) string {
	command := exec.Command("node", "../../tools/cdk.js", "diff", "--app", dir, "--template", filepath.Join(dir, "base.json"), "--fail-on", kind)
	command.Env = append(os.Environ(), "CDK_DISABLE_VERSION_CHECK=1")
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "passes"
	case errors.As(err, &exit) && exit.ExitCode() == 1 && strings.Contains(string(out), "Number of stacks with differences: 1"):
		return "**fails**"
	}
	return "error: " + string(out)
}

func compareTable(t *testing.T, made string) {
	t.Helper()
	const file, begin, end = "../../docs/review.md", "<!-- rival: written by go test -tags rival ./internal/review -run Table -update -->\n", "<!-- rival end -->"
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(content), begin)
	require.True(t, found)
	shown, after, found := strings.Cut(rest, end)
	require.True(t, found)
	made = "| change | `--fail-on broadening` | `--fail-on destructive` | review |\n| --- | --- | --- | --- |\n" + made
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+made+end+after), 0o600))
		return
	}
	require.Equal(t, made, shown, "go test -tags rival ./internal/review -run Table -update writes it")
}
