//go:build transitions

package transitions

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// property is a field of the configuration, or a section, as the schema has it.
type property struct {
	Type             string
	Enum, Examples   []any
	Minimum          *float64
	ExclusiveMinimum float64
	Maximum          float64
	MultipleOf       float64
	MinItems         int
	MaxItems         int
	Items            *property
	Properties       map[string]property
}

// fields returns all fields of the schema by their paths, but for from, which says
// where the others come from.
func fields(t *testing.T) map[string]property {
	t.Helper()
	content, err := os.ReadFile("../../config/environments/schema.json")
	require.NoError(t, err)
	var root property
	require.NoError(t, json.Unmarshal(content, &root))
	delete(root.Properties, "from")
	all := map[string]property{}
	root.collect("", all)
	return all
}

func (p property) collect(path string, into map[string]property) {
	if p.Properties == nil {
		into[strings.TrimPrefix(path, ".")] = p
	}
	for name, inner := range p.Properties {
		inner.collect(path+"."+name, into)
	}
}

// fewChoices is up to how many values a field is changed to each of them.
const fewChoices = 3

// values returns values of a field. One that configurations accept is enough, unless
// each is wanted.
func (p property) values() (all []any, each bool) {
	switch {
	case p.Type == "boolean":
		return []any{true, false}, true
	case p.Items != nil:
		return p.lists(), false
	case p.Enum != nil:
		return p.Enum, len(p.Enum) <= fewChoices
	case p.Examples != nil:
		return p.Examples, true
	}
	return p.numbers(), false
}

// lists returns lists of each length, the shortest first and the empty one last.
func (p property) lists() []any {
	elements := slices.Concat(p.Items.Enum, p.Items.Examples)
	if p.MaxItems > 0 {
		elements = elements[:min(len(elements), p.MaxItems)]
	}
	var all []any
	for length := max(p.MinItems, 1); length <= len(elements); length++ {
		all = append(all, elements[:length])
	}
	return append(all, []any{})
}

// numbers returns numbers from the lowest to the highest, each twice the one before.
func (p property) numbers() []any {
	step := max(p.MultipleOf, 1)
	number := p.ExclusiveMinimum + step
	if p.Minimum != nil {
		number = *p.Minimum
	}
	var all []any
	for ; number < p.Maximum; number = max(2*number, number+step) {
		all = append(all, number)
	}
	return append(all, p.Maximum)
}

// setting returns a file with nothing but the value at a path.
func setting(path string, value any) settings {
	first, rest, nested := strings.Cut(path, ".")
	if nested {
		value = setting(rest, value)
	}
	return settings{first: value}
}

func sortedKeys[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
