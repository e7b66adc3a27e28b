package controls_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/controls"
)

// guide returns the text of docs/guide.md.
func guide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/guide.md")
	require.NoError(t, err)
	return string(text)
}

// small returns a report on an environment with these resources in a stack without
// termination protection.
func small(t *testing.T, resources string) *controls.Report {
	t.Helper()
	return environment(t, resources, false)
}

func environment(t *testing.T, resources string, protected bool) *controls.Report {
	t.Helper()
	template, err := assembly.ParseTemplate("small", []byte(`{"Resources": {`+resources+`}}`))
	require.NoError(t, err)
	stack := assembly.Stack{ID: "data", Name: "shop-data", Protected: protected, Template: template}
	report, err := controls.Read(guide(t), controls.Environment{Name: "small", Assembly: &assembly.Assembly{Stacks: []assembly.Stack{stack}}})
	require.NoError(t, err)
	return report
}

const (
	writableRoot = `"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Name": "api"}]}}`
	oldInstance  = `"Writer": {"Type": "AWS::RDS::DBInstance", "Properties": {"PubliclyAccessible": false, "AutoMinorVersionUpgrade": false}}`
)

// rows returns the rows of a table by their first cell.
func rows(t *testing.T, report *controls.Report) map[string]string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.WriteMarkdown(&out))
	byID := map[string]string{}
	for _, line := range strings.Split(out.String(), "\n") {
		if cells := strings.Split(strings.Trim(line, "| "), " | "); len(cells) > 1 {
			byID[cells[0]] = cells[len(cells)-1]
		}
	}
	return byID
}

func TestAnswersOfAnEnvironment(t *testing.T) {
	report := small(t, writableRoot+","+oldInstance)
	cells := rows(t, report)
	for id, want := range map[string]string{
		"ECS.5": "**0 of 1**", "6.9": "**0 of 1**", "A.14.1.3": "**0 of 1**", // fails, and what it answers to
		"RDS.13": "0 of 1", "2.3.2": "0 of 1", // is accepted by a reason
		"RDS.2": "1", "2.3.3": "1", // complies
		"S3.5": "–", "2.1.1": "–", "7.14": "–", // is not there
		"6.7": "1", // a type
		"8.1": "tests", "6.2": "by people", "1.4": "by people",
	} {
		require.Equal(t, want, cells[id], id)
	}
	require.Contains(t, strings.Join(report.Failures(), "\n"), "small: ECS.5 (Containers have a read-only root file system) fails at data/Task")
	require.NotContains(t, strings.Join(report.Failures(), "\n"), "RDS.13")
	for row, resources := range cells {
		if strings.HasPrefix(row, "MinorVersions: ") {
			require.Equal(t, "data/Writer", resources)
			return
		}
	}
	require.Fail(t, "no reason is listed")
}

func TestAReasonOfUnprotectedEnvironmentsIsNoneOfOthers(t *testing.T) {
	const cluster = `"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"DeletionProtection": false}}`
	require.NotContains(t, strings.Join(small(t, cluster).Failures(), "\n"), "RDS.7")
	require.Regexp(t, `(?m)^small: RDS\.7 .* fails at data/Cluster$`, strings.Join(environment(t, cluster, true).Failures(), "\n"))
}

func TestTheGuidesMistakesAreErrors(t *testing.T) {
	_, err := controls.Read("# A guide without tables")
	require.EqualError(t, err, "the security guide: got no row | id | clause | where | proof |, want tables as in docs/guide.md")
	_, err = controls.Read("| 1.1 | Defense in depth | here | TestIt |\n")
	require.ErrorContains(t, err, "the security guide: got no clause 11.17, to which internal/controls/guide.yaml has answers")
}

func TestTheComponentDefinitionIsValidByTheSchemaOfNIST(t *testing.T) {
	text, err := os.ReadFile("testdata/oscal_component_schema.json")
	require.NoError(t, err)
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	for _, written := range schema.(map[string]any)["definitions"].(map[string]any) {
		// Beside a $ref, draft 7 does not read the $id that others refer to.
		if definition := written.(map[string]any); definition["$ref"] != nil {
			definition["allOf"] = []any{map[string]any{"$ref": definition["$ref"]}}
			delete(definition, "$ref")
		}
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("oscal.json", schema))
	compiled, err := compiler.Compile("oscal.json")
	require.NoError(t, err)

	written, err := json.Marshal(small(t, writableRoot+","+oldInstance).OSCAL(time.Unix(0, 0)))
	require.NoError(t, err)
	committed, err := os.ReadFile("../../docs/controls.oscal.json")
	require.NoError(t, err)
	for _, text := range [][]byte{written, committed} {
		definition, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		require.NoError(t, err)
		require.NoError(t, compiled.Validate(definition))
		delete(definition.(map[string]any)["component-definition"].(map[string]any), "uuid")
		require.Error(t, compiled.Validate(definition), "the schema refuses nothing")
	}
}
