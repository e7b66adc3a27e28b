package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/iamspec"
	"catalog-infra/internal/permissions"
	"catalog-infra/internal/policy"
)

// An action with a mistake in its name, or on a resource of another type, is denied only
// when somebody needs it.
func TestStatementsDoWhatTheySay(t *testing.T) {
	broken := breaches{}
	for _, env := range allEnvironments(t) {
		policies, err := policy.All(assemblyOf(t, env))
		require.NoError(t, err)
		require.Greater(t, len(policies), 20)
		for _, p := range policies {
			for _, mistake := range p.Document.Mistakes() {
				broken.add(env, p.Stack.ID+" "+p.Resource.ID+": "+mistake)
			}
		}
	}
	broken.fail(t, "by AWS's Service Authorization Reference (internal/iamspec), a statement allows or denies less than it says. "+
		"Correct the action, the resource or the condition")
}

// Everybody else needs the role of one of these, which only a service assumes.
func TestNobodyDeletesEvidenceAndFewReadThePassword(t *testing.T) {
	for _, env := range allEnvironments(t) {
		report, err := permissions.Read(assemblyOf(t, env))
		require.NoError(t, err)
		harms := report.Harms()
		require.NotEmpty(t, harms)
		for _, harm := range harms {
			var able []string
			for _, path := range harm.Paths {
				if !strings.Contains(path, " -> ") {
					able = append(able, readableID(path[strings.Index(path, "/")+1:]))
				}
			}
			want := []string{"DatabaseRole", "ExecutionRole", "TaskRole"}
			if strings.HasPrefix(harm.What, "delete") {
				want = []string{emptyingRole}
				require.True(t, env.Lifecycle == config.LifecycleDisposable || len(able) == 0, "%s: %s %s", env.Environment, harm.What, harm.Resource)
			}
			require.Subset(t, want, able, "%s: %s %s", env.Environment, harm.What, harm.Resource)
		}
	}
}

// onNoResource reports whether AWS lets an action be allowed on all resources only.
func onNoResource(action string) bool {
	prefix, name, _ := strings.Cut(action, ":")
	service, _ := iamspec.Lookup(prefix)
	found, ok := service.Actions[name]
	return ok && len(found.Types) == 0
}
