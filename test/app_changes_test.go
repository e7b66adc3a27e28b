package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

// changes are made in an environment that runs, and taken back.
var changes = map[string]func(*config.Config){
	"service.port": func(cfg *config.Config) { cfg.Service.Port = 8080 },
}

func TestChangesDeployInOneStepWithoutACut(t *testing.T) {
	before := assemblyOf(t, reference(t, "prod"))
	for field, change := range changes {
		t.Run(field, func(t *testing.T) {
			after := assemblyOf(t, changed(t, "prod", change))
			for _, report := range []rehearsal.Report{rehearsal.Deploy(before, after), rehearsal.Deploy(after, before)} {
				require.NotEmpty(t, report.Steps)
				for _, step := range report.Steps {
					require.Positive(t, rehearsal.Worse(step.Verdict, rehearsal.ServiceCut), "%+v", step)
				}
			}
		})
	}
}

func assemblyOf(t *testing.T, env *environment) *assembly.Assembly {
	t.Helper()
	found, err := assembly.Load(env.directory)
	require.NoError(t, err)
	return found
}
