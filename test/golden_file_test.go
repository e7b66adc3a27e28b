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
	// gone. It is nil where no line has a successor.
	related func(gone, added string) bool

	// meaning is what AWS does about a difference.
	meaning func(d difference) []string
}

// goldens are the files that -update knows.
var goldens = []*golden{&statementsGolden, &settingsGolden}

// shownLines is how many lines of differences a failure has.
const shownLines = 40

// check compares what was found with the file, or with -update=NAME writes it.
func (g *golden) check(t *testing.T, found *listing) {
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
func (g *golden) failure(want, got *listing) string {
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
// there before, or both where one became the other.
type difference struct{ was, is *line }

func (d difference) kind() string {
	switch {
	case d.is == nil:
		return "gone"
	case d.was == nil:
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
	if d.was != nil {
		lines = append(lines, "- "+shortLine(d.was.String()))
	}
	if d.is != nil {
		lines = append(lines, "+ "+shortLine(d.is.String()))
	}
	for _, sentence := range meaning(d) {
		lines = append(lines, "    "+sentence)
	}
	return lines
}

// differences returns the differences in the environments that both listings know.
func (g *golden) differences(want, got *listing) []difference {
	before, after := want.only(got.environments()), got.only(want.environments())
	var found []difference
	var gone, added []*line
	for _, key := range sortedKeys(before, after) {
		was, is := before.lines[key], after.lines[key]
		switch {
		case is == nil:
			gone = append(gone, was)
		case was == nil:
			added = append(added, is)
		case !was.same(is):
			found = append(found, difference{was, is})
		}
	}
	for _, was := range gone {
		d := difference{was: was}
		if i := slices.IndexFunc(added, func(is *line) bool { return g.related != nil && was.shares(is) && g.related(was.key, is.key) }); i >= 0 {
			d.is = added[i]
			added = slices.Delete(added, i, i+1)
		}
		found = append(found, d)
	}
	for _, is := range added {
		found = append(found, difference{is: is})
	}
	return found
}

func sortedKeys(a, b *listing) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a.lines)), maps.Keys(b.lines))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// changedEnvironments names the environments that only one of the listings has, for
// which nothing changes at AWS.
func changedEnvironments(want, got *listing) []string {
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
func (d difference) sentences(tell func(was, is string, before, now bool) string) []string {
	about := map[string][]string{}
	var order []string
	for _, name := range d.environments() {
		was, before := d.was.value(name)
		is, now := d.is.value(name)
		sentence := tell(was, is, before, now)
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

func (d difference) environments() []string {
	var names []string
	for _, l := range []*line{d.was, d.is} {
		if l == nil {
			continue
		}
		for _, name := range l.environments() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
