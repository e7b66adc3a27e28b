package test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"catalog-infra/test/internal/filterpattern"
)

// sample is a line of a log, and what stands before it in the file.
type sample struct{ label, line string }

// samples returns the lines of a file in testdata/logs.
func samples(t *testing.T, name string) (list []sample) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(read(t, "testdata/logs/"+name+".tsv")), "\n") {
		label, text, found := strings.Cut(line, "\t")
		require.True(t, found, line)
		list = append(list, sample{label, text})
	}
	return list
}

// logContract returns the schema of a line of the application's log.
func logContract(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../docs/log-contract.schema.json")
	require.NoError(t, err)
	return schema
}

func keeps(schema *jsonschema.Schema, line string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func TestSamplesOfTheApplicationKeepTheLogContract(t *testing.T) {
	for _, sample := range samples(t, "application") {
		require.NoError(t, keeps(logContract(t), sample.line), sample.line)
	}
}

// Each refused line is but for one field a line that the contract allows: else
// another mistake could be what is refused.
func TestLogContractRefuses(t *testing.T) {
	for _, sample := range samples(t, "refused") {
		err := keeps(logContract(t), sample.line)
		require.Error(t, err, sample.label)
		var invalid *jsonschema.ValidationError
		if !strings.HasPrefix(sample.line, "{") {
			continue
		}
		require.ErrorAs(t, err, &invalid)
		require.Len(t, leavesOf(invalid), len(expectedLeaves(sample.label)), "%s: %v", sample.label, err)
	}
}

// expectedLeaves returns the errors of a line: an address is neither IPv4 nor IPv6.
func expectedLeaves(label string) []string {
	if strings.Contains(label, "address") && !strings.Contains(label, "without") && !strings.Contains(label, "e-mail") {
		return []string{"ipv4", "ipv6"}
	}
	return []string{label}
}

func leavesOf(invalid *jsonschema.ValidationError) (leaves []*jsonschema.ValidationError) {
	if len(invalid.Causes) == 0 {
		return []*jsonschema.ValidationError{invalid}
	}
	for _, cause := range invalid.Causes {
		leaves = append(leaves, leavesOf(cause)...)
	}
	return leaves
}

func TestDocumentOfTheLogContractSaysWhatTheSchemaSays(t *testing.T) {
	document := sections(t, "../docs/log-contract.md")
	var schema struct {
		Properties map[string]any
		AllOf      []struct {
			If struct {
				Properties struct{ Event struct{ Const string } }
			}
			Then struct{ Required []string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, "../docs/log-contract.schema.json")), &schema))
	require.NotEmpty(t, schema.Properties)
	require.ElementsMatch(t, slices.Collect(maps.Keys(schema.Properties)), firstCells(document["fields"]))
	var events []string
	for _, rule := range schema.AllOf {
		event := rule.If.Properties.Event.Const
		events = append(events, event)
		row := regexp.MustCompile("(?m)^\\| `" + event + "` \\|.*$").FindString(document["events"])
		cells := strings.Split(row, "|")
		require.Len(t, cells, 6, event)
		require.Equal(t, "`"+strings.Join(rule.Then.Required, "`, `")+"`", strings.TrimSpace(cells[3]), event)
	}
	require.ElementsMatch(t, events, firstCells(document["events"]))
}

// firstCells returns the names in code in the first column of a table.
func firstCells(section string) (cells []string) {
	for _, cell := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		cells = append(cells, cell[1])
	}
	return cells
}

func TestExamplesInTheDocumentKeepTheLogContract(t *testing.T) {
	_, block, _ := strings.Cut(read(t, "../docs/log-contract.md"), "```json\n")
	block, _, _ = strings.Cut(block, "\n```")
	lines := strings.Split(block, "\n")
	require.Len(t, lines, 2)
	for _, line := range lines {
		require.NoError(t, keeps(logContract(t), line), line)
	}
}

// sourceOf returns the file of samples of the log that a filter or query reads.
func sourceOf(t *testing.T, env *environment, stack string, group any) string {
	t.Helper()
	from := env.source(t, stack, group)
	switch {
	case from.stack == "audit":
		return "cloudtrail"
	case from.stack == "data":
		return "postgresql"
	case from.id == serviceLogs(t, env):
		return "application"
	}
	return "web ACL"
}

// Each line is counted by exactly the filters that stand before it.
func TestEveryFilterCountsItsLinesAndNoOther(t *testing.T) {
	for _, env := range allEnvironments(t) {
		patterns := patternsOf(t, env)
		require.Greater(t, len(patterns["application"]), 2)
		require.Greater(t, len(patterns["postgresql"]), 1)
		for source, filters := range patterns {
			found := map[string]bool{}
			for _, sample := range samples(t, source) {
				var got []string
				for metric, matches := range filters {
					if matches(sample.line) {
						got = append(got, metric)
						found[metric] = true
					}
				}
				want := strings.Split(sample.label, ",")
				if sample.label == "-" {
					want = nil
				}
				require.ElementsMatch(t, want, got, "%s: %s", env.Environment, sample.line)
			}
			requireSame(t, slices.Collect(maps.Keys(filters)), slices.Collect(maps.Keys(found)), "A filter that is not there",
				"A filter without a line that it counts: add lines that it counts, and some that it must not, to test/testdata/logs/%s.tsv", source)
		}
	}
}

// patternsOf returns the patterns of all metric filters, by log and metric.
func patternsOf(t *testing.T, env *environment) map[string]map[string]filterpattern.Pattern {
	t.Helper()
	found := map[string]map[string]filterpattern.Pattern{}
	for _, filter := range resourcesOf(t, env, metricFilter) {
		pattern, err := filterpattern.Parse(textOf(t, filter, filter.Properties, "FilterPattern"))
		require.NoError(t, err, filter)
		source := sourceOf(t, env, filter.stack, filter.Properties["LogGroupName"])
		if found[source] == nil {
			found[source] = map[string]filterpattern.Pattern{}
		}
		metric := at(t, filter.Properties, "MetricTransformations", 0, "MetricName").(string)
		require.NotContains(t, found[source], metric)
		found[source][metric] = pattern
	}
	return found
}
