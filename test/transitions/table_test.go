//go:build transitions

package transitions

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/rehearsal"
)

const (
	document = "../../docs/operations.md"
	begin    = "<!-- changes: written by go test -tags transitions ./test/transitions -update -->\n"
	end      = "<!-- changes end -->"
)

// compareTable compares the table of docs/operations.md with the transitions, or
// writes it.
func (m *matrix) compareTable(t *testing.T) (breaches []string) {
	t.Helper()
	content, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, begins := strings.Cut(string(content), begin)
	shown, after, ends := strings.Cut(rest, end)
	require.True(t, begins && ends, "%s lacks %s or %s", document, begin, end)
	switch table := m.table(); {
	case *update:
		require.NoError(t, os.WriteFile(document, []byte(before+begin+table+end+after), 0o644))
	case table != shown:
		breaches = append(breaches, "docs/operations.md has another table. go test -tags transitions ./test/transitions -update writes this one:\n"+table)
	}
	return breaches
}

// table returns a row for each consequence, the worst first, with the changes that
// have it, and a sentence about the fields that have none.
func (m *matrix) table() string {
	rows, silent := map[consequence][]string{}, 0
	for _, each := range m.changes {
		_, isField := m.fields[each.name]
		_, isListed := irreversible[each.name]
		found := m.consequences(each.name)
		switch {
		case isField && len(found) == 0:
			silent++
		case isField || isListed:
			for one, labels := range found {
				rows[one] = append(rows[one], labels...)
			}
		}
	}
	var text strings.Builder
	text.WriteString("| change | consequence |\n| --- | --- |\n")
	for _, one := range sorted(rows) {
		fmt.Fprintf(&text, "| %s | %s |\n", strings.Join(rows[one], ", "), one.text)
	}
	fmt.Fprintf(&text, "\nThe other %d fields change in one `make deploy`, which replaces and interrupts nothing.\n", silent)
	return text.String()
}

// consequence is what a change does to a running environment.
type consequence struct {
	verdict rehearsal.Verdict
	text    string
}

func sorted(rows map[consequence][]string) []consequence {
	return slices.SortedFunc(maps.Keys(rows), func(a, b consequence) int {
		return cmp.Or(rehearsal.Worse(a.verdict, b.verdict), strings.Compare(a.text, b.text))
	})
}

// consequences returns what a change does beyond an update, with the values that do
// it, or without them if all do.
func (m *matrix) consequences(change string) map[consequence][]string {
	byValue := map[string][]*transition{}
	for _, each := range m.transitions {
		if each.change == change {
			value := m.value(each)
			byValue[value] = append(byValue[value], each)
		}
	}
	values := map[consequence][]string{}
	for _, value := range sortedKeys(byValue) {
		one := consequenceOf(byValue[value])
		values[one] = append(values[one], value)
	}
	labels := map[consequence][]string{}
	for one, some := range values {
		label := quoted(change)
		if len(values) > 1 {
			label += " " + strings.Join(some, " or ")
		}
		labels[one] = []string{label}
	}
	delete(labels, consequence{verdict: rehearsal.Fine})
	return labels
}

// value names the value that a field is changed to if there are few; for what is
// refused to and from one value, that one.
func (m *matrix) value(of *transition) string {
	field := m.fields[of.change]
	few := field.Type == "boolean" || len(field.Enum) > 0 && len(field.Enum) <= fewChoices
	switch entry := irreversible[of.change]; {
	case of.irreversible() && entry.value != nil:
		return fmt.Sprintf("to or from `%v`", entry.value)
	case few:
		return fmt.Sprintf("to `%v`", of.to)
	}
	return ""
}

// quoted returns a field as code, and a text that has code as it is.
func quoted(name string) string {
	if strings.Contains(name, "`") {
		return name
	}
	return "`" + name + "`"
}

// consequenceOf returns the worst that transitions do, in any environment.
func consequenceOf(all []*transition) consequence {
	worst := slices.MinFunc(all, func(a, b *transition) int { return rehearsal.Worse(a.outcome().Worst(), b.outcome().Worst()) })
	verdict := worst.outcome().Worst()
	var parts []string
	switch {
	case !worst.deploys():
		parts = append(parts, fmt.Sprintf("**%s**: %s", verdict, irreversible[worst.change].why))
	case verdict == rehearsal.Left:
		parts = append(parts, "left behind: what was created stays in the account")
	case verdict != rehearsal.Fine:
		parts = append(parts, fmt.Sprintf("%s: %s", verdict, typesWith(verdict, all)))
	}
	if stacks := first(all); stacks != nil {
		parts = append(parts, "`make deploy` begins with "+strings.Join(stacks, ", "))
	}
	return consequence{verdict, strings.Join(parts, "; ")}
}

// first returns which stacks make deploy deploys before all others.
func first(all []*transition) (stacks []string) {
	for _, each := range all {
		if way := each.report.Way; way != nil && len(way.First) > len(stacks) {
			stacks = way.First
		}
	}
	return stacks
}

// typesWith returns the types of resources with a verdict, up to some.
func typesWith(verdict rehearsal.Verdict, all []*transition) string {
	const most = 4
	found := map[string]bool{}
	for _, each := range all {
		for _, step := range each.outcome().Steps {
			if step.Verdict == verdict && step.Type != "" {
				name := strings.ReplaceAll(strings.TrimPrefix(step.Type, "AWS::"), "::", " ")
				if strings.HasPrefix(step.Why, "it may be") {
					name += " (AWS's schema says only that it may be)"
				}
				found[name] = true
			}
		}
	}
	names := sortedKeys(found)
	if len(names) > most {
		names = append(names[:most], "and others")
	}
	return strings.Join(names, ", ")
}
