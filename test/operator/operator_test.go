// Package operator tests what is in config/environments, whatever that is. It is
// a package of its own so that an operator's change runs these tests and leaves
// all others as they passed. The files are read, not embedded: a change of theirs
// links nothing anew.
package operator

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/environments"
	"catalog-infra/test/invariants"
	"catalog-infra/test/synthesis"
)

var files fs.FS = os.DirFS("../../config/environments")

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func load(t *testing.T, files fs.FS, each environments.Named) config.Config {
	t.Helper()
	cfg, _, err := config.Load(files, each.Name, each.From)
	if err != nil {
		t.Fatal(err) // a line for each mistake
	}
	return cfg
}

// asReference reports whether TestInvariants in test/ checks an equal environment.
func asReference(t *testing.T, cfg config.Config) bool {
	t.Helper()
	return slices.ContainsFunc(environments.Every(environments.Files), func(each environments.Named) bool {
		return reflect.DeepEqual(load(t, environments.Files, each), cfg)
	})
}

// synthesized returns the environment as it was written.
func synthesized(t *testing.T, cfg config.Config) *invariants.Environment {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, synthesis.Write(cfg, dir))
	env, err := invariants.Load(cfg, dir)
	require.NoError(t, err)
	return env
}

// The configuration refuses what CDK would: whatever it overlooks is to be one
// line, too.
func TestWhatCannotBeSynthesizedIsOneLineAndLeavesNothing(t *testing.T) {
	cfg := load(t, environments.Files, environments.Named{Name: "dev"})
	cfg.Network.CIDR = "nowhere"
	dir := filepath.Join(t.TempDir(), "dev")

	err := synthesis.Write(cfg, dir)

	require.ErrorContains(t, err, "nowhere")
	require.NotContains(t, err.Error(), "\n")
	require.NoDirExists(t, dir)
}

func TestEveryFileIsAccepted(t *testing.T) {
	require.NotEmpty(t, config.EnvironmentNames(files))
	for _, each := range environments.Every(files) {
		t.Run(each.String(), func(t *testing.T) { load(t, files, each) })
	}
}

// A short-lived environment is made from each file, too.
func TestEveryEnvironmentKeepsTheInvariants(t *testing.T) {
	for _, each := range environments.Every(files) {
		t.Run(each.String(), func(t *testing.T) {
			cfg := load(t, files, each)
			if asReference(t, cfg) {
				t.Skip("as a reference environment")
			}
			env := synthesized(t, cfg)
			for _, invariant := range invariants.All {
				require.Empty(t, invariant.Broken(env), "%s. %s", invariant.Name, invariant.Advice)
			}
		})
	}
}
