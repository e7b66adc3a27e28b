package test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// golden is a file in testdata that lists all there is of one kind: a line for
// each, and behind the bar the environments that have it.
type golden struct {
	name, test string

	// related reports whether a line that is new is what became of one that is
	// gone.
	related func(gone, added string) bool

	// meaning is what AWS does about a difference.
	meaning func(d difference) []string
}

// goldens are the files that -update knows.
var goldens = []*golden{&statementsGolden, &settingsGolden}

// shownLines is how many lines of differences a failure has.
const shownLines = 40

// check compares what was found with the file, or with -update=NAME writes it.
func (g *golden) check(t *testing.T, found listing) {
	t.Helper()
	file := filepath.Join("testdata", g.name+".golden")
	if string(*update) == g.name {
		require.NoError(t, os.WriteFile(file, []byte(found.String()), 0o644))
		return
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	want, err := readListing(string(text))
	require.NoError(t, err, "%s: %s", file, g.accept())
	if failure := g.failure(want, found); failure != "" {
		t.Error(failure)
	}
}

func (g *golden) accept() string {
	return fmt.Sprintf("go test ./test -run '^%s$' -update=%s", g.test, g.name)
}

// failure returns the message of a failing test. It is empty if the listings are the same.
func (g *golden) failure(want, got listing) string {
	differences := g.differences(want, got)
	environments := changedEnvironments(want, got)
	if len(differences)+len(environments) == 0 {
		return ""
	}
	text := append([]string{"testdata/" + g.name + ".golden says otherwise:"}, environments...)
	var lines []string
	for _, kind := range []string{"gone", "changed", "new"} {
		heading := kind + ":"
		for _, d := range differences {
			if d.kind() == kind {
				lines = append(lines, strings.TrimSpace(heading+"\n"+strings.Join(d.lines(g.meaning), "\n")))
				heading = ""
			}
		}
	}
	text = append(text, shortened(lines)...)
	text = append(text, "If all of that is meant, this accepts it and nothing else, for git diff to show:", "  "+g.accept())
	return strings.Join(text, "\n")
}

// shortened returns as many of the differences as fit.
func shortened(differences []string) []string {
	used := 0
	for i, d := range differences {
		used += strings.Count(d, "\n") + 1
		if i > 0 && used > shownLines {
			return append(differences[:i:i], fmt.Sprintf("and %d more differences, which git diff shows after the command below", len(differences)-i))
		}
	}
	return differences
}

// difference is a line of before that is not there now, one of now that was not
// there before, or both where one became the other, or has other environments.
type difference struct {
	was, is       string
	before, after listing
}

func (d difference) kind() string {
	switch {
	case d.is == "":
		return "gone"
	case d.was == "":
		return "new"
	}
	return "changed"
}

// shortLine leaves out the middle of what nobody would read: the sentence below
// says what differs, and git diff shows all of it.
func shortLine(text string) string {
	const start, end = 240, 80
	if len(text) <= start+end {
		return text
	}
	return text[:start] + " ... " + text[len(text)-end:]
}

func (d difference) lines(meaning func(difference) []string) []string {
	var lines []string
	if d.was != "" {
		lines = append(lines, "- "+shortLine(d.before.written(d.was)))
	}
	if d.is != "" {
		lines = append(lines, "+ "+shortLine(d.after.written(d.is)))
	}
	for _, sentence := range meaning(d) {
		lines = append(lines, "    "+sentence)
	}
	return lines
}

// differences returns the differences in the environments that both listings know.
func (g *golden) differences(want, got listing) []difference {
	before, after := want.only(got.environments()), got.only(want.environments())
	var found []difference
	var gone, added []string
	for _, line := range slices.Sorted(maps.Keys(before)) {
		switch {
		case after[line] == nil:
			gone = append(gone, line)
		case !sameElements(before[line], after[line]):
			found = append(found, difference{line, line, before, after})
		}
	}
	for _, line := range slices.Sorted(maps.Keys(after)) {
		if before[line] == nil {
			added = append(added, line)
		}
	}
	for _, was := range gone {
		d := difference{was, "", before, after}
		if i := slices.IndexFunc(added, func(is string) bool { return shareOne(before[was], after[is]) && g.related(was, is) }); i >= 0 {
			d.is = added[i]
			added = slices.Delete(added, i, i+1)
		}
		found = append(found, d)
	}
	for _, is := range added {
		found = append(found, difference{"", is, before, after})
	}
	return found
}

func sameElements(a, b []string) bool { return len(surplus(a, b))+len(surplus(b, a)) == 0 }

func shareOne(a, b []string) bool { return len(surplus(a, b)) < len(a) }

// changedEnvironments names the environments that only one of the listings has, for
// which nothing changes at AWS.
func changedEnvironments(want, got listing) []string {
	var told []string
	before, after := want.environments(), got.environments()
	for _, name := range after {
		if !slices.Contains(before, name) {
			told = append(told, fmt.Sprintf("environment %s is new (%s): nothing happens to the others", name, got.count(name)))
		}
	}
	for _, name := range before {
		if !slices.Contains(after, name) {
			told = append(told, fmt.Sprintf(
				"environment %s is no longer defined (%s): what is deployed of it stays until it is defined once more and destroyed", name, want.count(name)))
		}
	}
	return told
}

// sentences says of each environment in the difference what tell says of it,
// those together of which it says the same.
func (d difference) sentences(tell func(before, now bool) string) []string {
	about := map[string][]string{}
	var order []string
	was, is := d.before[d.was], d.after[d.is]
	for _, name := range slices.Concat(was, surplus(is, was)) {
		sentence := tell(slices.Contains(was, name), slices.Contains(is, name))
		if sentence == "" {
			continue
		}
		if about[sentence] == nil {
			order = append(order, sentence)
		}
		about[sentence] = append(about[sentence], name)
	}
	for i, sentence := range order {
		order[i] = strings.Join(about[sentence], ", ") + ": " + sentence
	}
	return order
}
