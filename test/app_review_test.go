package test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/review"
	"catalog-infra/test/cost"
)

// exampleOfAReview is what the README shows: a change of dev whose logs are kept for less
// time, and whose tasks read another secret.
func exampleOfAReview(t *testing.T) string {
	t.Helper()
	base := reference(t, "dev")
	head := changed(t, "dev", func(cfg *config.Config) {
		cfg.Logs.RetentionDays = 3
		cfg.Network.NATGateways = 2
		cfg.Service.Secrets = map[string]string{"API_TOKEN": "arn:aws:secretsmanager:eu-north-1:123456789012:secret:shop/api-AbCdEf"}
	})
	dir := t.TempDir()
	for name, env := range map[string]*environment{"base": base, "head": head} {
		require.NoError(t, os.CopyFS(dir+"/"+name+"/dev", os.DirFS(env.directory)))
	}
	out, err := exec.Command("go", "run", "../cmd/envtool", "review", "--base", dir+"/base", "--head", dir+"/head").Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "a second look is needed")
	return string(out)
}

func TestTheReadmeShowsAReview(t *testing.T) {
	const file, begin, end = "../README.md", "<!-- review: written by go test ./test -run ReadmeShowsAReview -update=review -->\n```text\n", "```\n<!-- review end -->"
	before, rest, found := strings.Cut(read(t, file), begin)
	require.True(t, found)
	shown, after, found := strings.Cut(rest, end)
	require.True(t, found)
	made := exampleOfAReview(t)
	if string(*update) == "review" {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+made+end+after), 0o600))
		return
	}
	require.Equal(t, made, shown, "go test ./test -run ReadmeShowsAReview -update=review writes it")
}

// The command does so, too, for all environments at the same time.
func TestAChangeOfProdIsReviewedIn300Milliseconds(t *testing.T) {
	before, after := reference(t, "prod"), changed(t, "prod", func(cfg *config.Config) { cfg.Service.Port = 8080 })
	cost.RequireTime(t, 300*time.Millisecond, func() {
		report := review.Compare(assemblyOf(t, before), assemblyOf(t, after))
		require.Equal(t, review.Wider, report.Findings[0].Verdict, "the load balancer may send to another port")
	})
}

// What an environment has is not more than it has.
func TestAnEnvironmentIsNotWiderThanItself(t *testing.T) {
	for _, name := range []string{"dev", "staging", "prod"} {
		report := review.Compare(assemblyOf(t, reference(t, name)), assemblyOf(t, reference(t, name)))
		require.True(t, report.IsEmpty(), "%+v", report)
		require.Empty(t, report.LeftOut)
	}
}
