package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/controls"
)

// guideFile is relative to the directory of this package.
const guideFile = "--guide=../../docs/guide.md"

func TestControlsPrintsATableForEachFramework(t *testing.T) {
	out, err := run("controls", guideFile, shop(t, aTask))

	require.NoError(t, err)
	for _, heading := range []string{"\n## The security guide\n", "\n## SOC 2\n", "\n## ISO/IEC 27001:2013, Annex A\n",
		"\n## CIS AWS Foundations Benchmark 3.0.0\n", "\n## AWS Security Hub\n"} {
		require.Contains(t, out, heading)
	}
}

func TestControlsFailsWithALineForEachControlThatFailsWithoutAReason(t *testing.T) {
	out, err := run("controls", guideFile, shop(t, strings.Replace(aTask, "true", "false", 1)))

	require.ErrorContains(t, err, "shop: ECS.5 (Containers have a read-only root file system) fails at data/Task")
	require.Contains(t, out, "**0 of 1**")
}

// aTask is a resource that complies with every control.
const aTask = `"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [
	{"Name": "api", "User": "1000", "ReadonlyRootFilesystem": true, "LogConfiguration": {"LogDriver": "awslogs"}}]}}`

// shop returns the directory of an assembly with the resources.
func shop(t *testing.T, resources string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	require.NoError(t, os.Mkdir(dir, 0o755))
	for name, content := range map[string]string{
		"manifest.json": `{"version": "48.0.0", "artifacts": {"data": {"type": "aws:cloudformation:stack",
			"environment": "aws://unknown-account/unknown-region",
			"properties": {"templateFile": "data.template.json", "stackName": "shop-data"}}}}`,
		"data.template.json": `{"Resources": {` + resources + `}}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	return dir
}

func TestTheTimeOfAComponentDefinitionIsThatOfItsLastChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "controls.oscal.json")
	write := func(dir string) string {
		_, err := run("controls", guideFile, "--format=oscal", "--output="+file, dir)
		require.NoError(t, err)
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(content)
	}
	first := write(shop(t, aTask))
	var definition controls.ComponentDefinition
	require.NoError(t, json.Unmarshal([]byte(first), &definition))
	definition.Content["metadata"].(map[string]any)["last-modified"] = "2026-01-02T03:04:05Z"
	earlier, err := json.Marshal(definition)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, earlier, 0o644))

	require.Equal(t, string(earlier), write(shop(t, aTask)), "nothing but the time differs")
	require.NotContains(t, write(shop(t, aTask+`, "Topic": {"Type": "AWS::SNS::Topic"}`)), "2026-01-02T03:04:05Z")
}

func TestMistakenControlsWriteNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "controls.md")
	for want, args := range map[string][]string{
		"controls needs DIR, the directory of an assembly, such as cdk.out (envtool controls --help says more)": {},
		`controls: got --format "xml", want markdown or oscal (envtool controls --help says more)`:              {"--format=xml", "testdata/quiet"},
		"testdata/manifest.json: got nothing, want the manifest of an assembly, such as cdk.out\n" +
			"nowhere: got nothing, want the directory of an assembly, such as cdk.out": {guideFile, "testdata", "nowhere"},
		"the security guide: got no row | id | clause | where | proof |, want tables as in docs/guide.md": {"--guide=main.go", "testdata/quiet"},
		"open nowhere.md: no such file or directory":                                                      {"--guide=nowhere.md", "testdata/quiet"},
	} {
		out, err := run(append([]string{"controls", "--output=" + file}, args...)...)
		require.EqualError(t, err, want)
		require.Empty(t, out)
		require.NoFileExists(t, file)
	}
}
