package response

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/stacks/internal/environment"
)

func TestSecurityHubLeavesOutTheFindingsThatOtherRulesMatch(t *testing.T) {
	const on, off = config.OwnershipCreate, config.OwnershipOff
	for name, c := range map[string]struct {
		audit config.Audit
		want  any
	}{
		"no other": {config.Audit{GuardDuty: off, AccessAnalyzer: off, Inspector: off}, nil},
		"one":      {config.Audit{GuardDuty: off, AccessAnalyzer: off, Inspector: on}, anythingBut("Inspector")},
		"two":      {config.Audit{GuardDuty: on, AccessAnalyzer: off, Inspector: on}, anythingBut("GuardDuty", "Inspector")},
	} {
		t.Run(name, func(t *testing.T) {
			pattern := hubFindings(&resources{env: environment.Environment{Config: config.Config{Audit: c.audit}}})
			findings := pattern["detail"].(map[string]any)["findings"].(map[string]any)
			require.Equal(t, c.want, findings["ProductName"])
		})
	}
}

func anythingBut(products ...string) any { return []any{map[string]any{"anything-but": products}} }
