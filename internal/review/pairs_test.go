package review_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/review"
)

// pair is a change from one template to another, with what the review must say about it.
// The resources are those of one stack.
type pair struct {
	base, head string

	// want is the worst verdict, empty where nothing needs a second look; says is a part
	// of the sentence.
	want review.Verdict
	says string
}

// loaded returns an assembly of one stack.
func loaded(tb testing.TB, resources string) *assembly.Assembly {
	tb.Helper()
	return stackOf(tb, `{"Resources": {`+resources+`}}`)
}

func stackOf(tb testing.TB, content string) *assembly.Assembly {
	tb.Helper()
	template, err := assembly.ParseTemplate("template", []byte(content))
	require.NoError(tb, err, content)
	return &assembly.Assembly{Stacks: []assembly.Stack{
		{ID: "a", Name: "shop-a", Region: "eu-north-1", Account: "123456789012", Template: template},
	}}
}

// allPairs returns the pairs of all files.
func allPairs() map[string]pair {
	all := map[string]pair{}
	for _, some := range []map[string]pair{groupPairs, protectionPairs, alarmPairs, firewallPairs, networkPairs, policyPairs} {
		maps.Copy(all, some)
	}
	return all
}

func TestEachVerdictIsSetOffByItsChangeAndNoOther(t *testing.T) {
	for name, test := range allPairs() {
		t.Run(name, func(t *testing.T) {
			report := review.Compare(loaded(t, test.base), loaded(t, test.head))
			requireFinding(t, report, test.want, test.says)
		})
	}
}

// requireFinding wants the worst verdict, and that a finding which has it says why.
func requireFinding(t *testing.T, report review.Report, want review.Verdict, says string) {
	t.Helper()
	var worst review.Verdict
	if len(report.Findings) > 0 {
		worst = report.Findings[0].Verdict
	}
	require.Equal(t, want, worst, "%+v", report.Findings)
	for _, found := range report.Findings {
		if found.Verdict == want && strings.Contains(found.What, says) {
			return
		}
	}
	require.Empty(t, says, "nothing says so in %+v", report.Findings)
}

func TestNothingChangesWhereHeadIsBase(t *testing.T) {
	for name, test := range allPairs() {
		for _, resources := range []string{test.base, test.head} {
			report := review.Compare(loaded(t, resources), loaded(t, resources))
			require.Empty(t, report.Findings, name)
			require.Empty(t, report.Changes, name)
			require.Empty(t, report.Rewritten, name)
		}
	}
}
