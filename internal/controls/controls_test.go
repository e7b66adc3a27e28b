package controls_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/controls"
	"catalog-infra/internal/exceptions"
)

// pair has properties of a resource that a control passes and fails. Further resources
// are under with, of all cases or, among the properties, of one.
type pair struct {
	Passes, Fails, Exempt []map[string]any
	With                  map[string]any
}

func pairs(tb testing.TB) map[string]pair {
	tb.Helper()
	content, err := os.ReadFile("testdata/pairs.yaml")
	require.NoError(tb, err)
	var all map[string]pair
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	require.NoError(tb, decoder.Decode(&all))
	return all
}

func TestEachCheckPassesAndFails(t *testing.T) {
	all := pairs(t)
	for _, control := range controls.SecurityHub() {
		if control.By != "" {
			require.Contains(t, []string{"people", "AWS"}, control.By, control.ID)
			require.NotContains(t, controls.Checks, control.ID, "it is by %s", control.By)
			continue
		}
		require.Contains(t, controls.Checks, control.ID, "no check in internal/controls/check_*.go")
		require.NotEmpty(t, append(all[control.ID].Passes, all[control.ID].Exempt...), "%s in testdata/pairs.yaml", control.ID)
		require.NotEmpty(t, all[control.ID].Fails, "%s in testdata/pairs.yaml", control.ID)
		pair := all[control.ID]
		for verdict, some := range map[string][]map[string]any{"passes": pair.Passes, "fails": pair.Fails, "exempt": pair.Exempt} {
			for _, properties := range some {
				require.Equal(t, verdict, judged(t, control, properties, pair.With), "%s of %v", control.ID, properties)
			}
		}
	}
}

// judged returns how the control judges a resource with these properties.
func judged(t *testing.T, control controls.Control, properties, with map[string]any) string {
	t.Helper()
	properties = maps.Clone(properties)
	own, _ := properties["with"].(map[string]any)
	delete(properties, "with")
	resources := map[string]any{"Judged": map[string]any{"Type": control.Resource, "Properties": properties}}
	maps.Copy(resources, with)
	maps.Copy(resources, own)
	text, err := json.Marshal(map[string]any{"Resources": resources})
	require.NoError(t, err)
	pattern, err := json.Marshal(control.Pattern)
	require.NoError(t, err)
	text = bytes.ReplaceAll(text, []byte(`"PATTERN"`), pattern)
	template, err := assembly.ParseTemplate(control.ID, text)
	require.NoError(t, err)
	stack := assembly.Stack{ID: "test", Name: "test", Account: "444455556666", Template: template}
	return controls.Verdicts(control, controls.NewEnvironment(&assembly.Assembly{Stacks: []assembly.Stack{stack}}))["Judged"]
}

// A template that CloudFormation refuses is judged somehow, and ends no command.
func FuzzAssess(f *testing.F) {
	all := pairs(f)
	for _, control := range controls.SecurityHub() {
		for _, properties := range append(all[control.ID].Fails, map[string]any{}) {
			judged := map[string]any{"Judged": map[string]any{"Type": control.Resource, "Properties": properties}}
			text, err := json.Marshal(map[string]any{"Resources": judged})
			require.NoError(f, err)
			f.Add(text)
		}
	}
	f.Fuzz(func(_ *testing.T, text []byte) {
		if template, err := assembly.ParseTemplate("fuzzed", text); err == nil {
			controls.Assess(&assembly.Assembly{Stacks: []assembly.Stack{{ID: "test", Name: "test", Template: template}}})
		}
	})
}

func TestTheRegisterOfControlsIsWhole(t *testing.T) {
	listed := map[string]bool{}
	for _, control := range controls.SecurityHub() {
		require.False(t, listed[control.ID], "%s stands twice", control.ID)
		listed[control.ID] = true
		require.Regexp(t, `^[A-Z][A-Za-z0-9]+\.[0-9]+$`, control.ID)
		require.Regexp(t, `^[A-Z][^|]{10,}[^.]$`, control.Title, control.ID)
		require.Regexp(t, `^AWS::\w+::\w+$`, control.Resource, control.ID)
		require.Contains(t, []string{"Critical", "High", "Medium", "Low"}, control.Severity, control.ID)
		require.NotEmpty(t, control.Standards, control.ID)
		for _, standard := range control.Standards {
			require.Contains(t, []string{"FSBP", "CIS 3.0", "CIS 1.4", "CIS 1.2", "NIST", "PCI"}, standard, control.ID)
		}
	}
	for _, unlisted := range slices.Sorted(maps.Keys(controls.Checks)) {
		require.True(t, listed[unlisted], "%s has a check, and is not in securityhub.yaml", unlisted)
	}
	for id := range pairs(t) {
		require.True(t, listed[id], "%s has a pair, and is not in securityhub.yaml", id)
	}
}

// Security Hub notifies of severity high and critical, so that what is accepted of them is
// suppressed, and nothing else.
func TestExceptionsNameControlsBySeverity(t *testing.T) {
	severities := map[string]string{}
	for _, control := range controls.SecurityHub() {
		severities[control.ID] = control.Severity
	}
	for _, each := range exceptions.All() {
		for _, control := range each.Found[exceptions.LowerSeverity] {
			require.Contains(t, []string{"Medium", "Low"}, severities[control], "%s of %s", control, each.ID)
		}
		if each.SecurityHub != nil {
			for _, control := range each.SecurityHub.Controls {
				require.Contains(t, []string{"Critical", "High"}, severities[control], "%s of %s", control, each.ID)
			}
		}
	}
}
