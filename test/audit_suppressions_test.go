package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/controls"
	"catalog-infra/internal/exceptions"
)

// failedBy returns the controls of severity high or critical that an environment fails:
// others page nobody. Those about people, such as the root user's, and about settings
// of the account that no template has are in docs/alarms.md.
func failedBy(t *testing.T, env *environment) []string {
	t.Helper()
	answers := controls.Assess(assemblyOf(t, env))
	var failed []string
	for _, control := range controls.SecurityHub() {
		severe := control.Severity == "High" || control.Severity == "Critical"
		if severe && len(answers[control.ID].Failing) > 0 {
			failed = append(failed, control.ID)
		}
	}
	return failed
}

// suppressedBy returns the controls whose findings an environment suppresses.
func suppressedBy(t *testing.T, env *environment) []string {
	t.Helper()
	var suppressed []string
	for _, r := range resourcesOf(t, env, suppressor) {
		for _, filter := range at(t, r.Properties, "Criteria", "ComplianceSecurityControlId").([]any) {
			suppressed = append(suppressed, at(t, filter, "Value").(string))
		}
	}
	slices.Sort(suppressed)
	return suppressed
}

// A false page a day is how an alarm gets muted.
func TestEveryControlThatTheTemplatesFailIsSuppressed(t *testing.T) {
	prod := suppressedBy(t, reference(t, "prod"))
	require.Contains(t, prod, "RDS.13")
	for name, env := range map[string]*environment{
		"prod": reference(t, "prod"), "other plans": tunedProd(t), "all standards": unusualProd(t),
	} {
		failed := failedBy(t, env)
		for _, control := range failed {
			require.Contains(t, suppressedBy(t, env), control, "%s: no entry of internal/exceptions/exceptions.yaml says why it is meant to be so", name)
		}
	}
	for _, suffix := range []string{"staging", "dev"} {
		require.Empty(t, resourcesOf(t, reference(t, suffix), suppressor), "it is prod's Security Hub")
		require.Subset(t, prod, failedBy(t, reference(t, suffix)), suffix)
	}
}

func TestNoSuppressedControlPasses(t *testing.T) {
	for name, env := range map[string]*environment{"prod": reference(t, "prod"), "other plans": tunedProd(t)} {
		failed := append(failedBy(t, env), "CloudWatch.15", "CloudWatch.17") // those of environments with stricter alarms
		for _, control := range suppressedBy(t, env) {
			require.Contains(t, failed, control, "%s: take it out of internal/exceptions/exceptions.yaml", name)
		}
	}
}

// An account may hold what is not ours: its findings are news.
func TestSuppressedFindingsAreOursAndHaveAReason(t *testing.T) {
	env := reference(t, "prod")
	reasons := map[string]exceptions.Exception{}
	for _, each := range exceptions.All() {
		reasons[each.ID] = each
	}
	for _, r := range resourcesOf(t, env, suppressor) {
		each, ok := reasons[strings.TrimPrefix(readableID(r.id), "SecurityHub")]
		require.True(t, ok, r)
		require.Equal(t, "ENABLED", r.Properties["RuleStatus"])
		require.Equal(t, props{
			"Workflow": props{"Status": "SUPPRESSED"},
			"Note":     props{"Text": each.Reason, "UpdatedBy": env.Name()},
		}, at(t, r.Properties, "Actions", 0, "FindingFieldsUpdate"))
		of, limited := at(t, r.Properties, "Criteria").(props)["ResourceId"]
		require.Equal(t, each.SecurityHub.Of != "", limited, "%s: of the account, or of resources of ours", r)
		if limited {
			require.Equal(t, "PREFIX", at(t, of, 0, "Comparison"))
			service, kind, _ := strings.Cut(each.SecurityHub.Of, " ")
			require.Equal(t, "arn:aws:"+service+":eu-north-1:ACCOUNT:"+kind+":"+config.Project+"-", readable(t, env, at(t, of, 0, "Value")))
		}
	}
}
