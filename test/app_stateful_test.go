package test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

// Construct ids are API: CloudFormation would replace what has another logical id, and
// CI fails a change whose rehearsal says so.
func TestNoResourceThatHoldsDataTakesAnotherLogicalIDUnnoticed(t *testing.T) {
	for _, suffix := range []string{"dev", "prod"} {
		env := reference(t, suffix)
		deployed := assemblyOf(t, env)
		ofType := map[string]rehearsal.Step{}
		for _, resource := range rehearsal.Deploy(nil, deployed).Stateful {
			ofType[resource.Type] = resource
		}
		require.NotEmpty(t, ofType)
		for _, resource := range ofType {
			report := rehearsal.Deploy(deployed, renamed(t, env, resource.Resource))
			require.Negative(t, rehearsal.Worse(report.Worst(), rehearsal.ServiceCut), "%s: %s/%s", suffix, resource.Stack, resource.Resource)
		}
	}
}

// renamed returns the assembly of the environment with another logical id wherever the
// id is.
func renamed(t *testing.T, env *environment, id string) *assembly.Assembly {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob(filepath.Join(env.directory, "*.json"))
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		content = bytes.ReplaceAll(content, []byte(id), []byte("Renamed"+id))
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(file)), content, 0o600))
	}
	found, err := assembly.Load(dir)
	require.NoError(t, err)
	return found
}
