package response

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the table of docs/incident-response.md instead of comparing with it")

func read(t *testing.T, pattern string) string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	require.NoError(t, err)
	require.NotEmpty(t, paths, pattern)
	var all strings.Builder
	for _, path := range paths {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		all.Write(content)
	}
	return all.String()
}

// names returns the names of the rows, sorted.
func names(accept func(runbook) bool) []string {
	var found []string
	for _, row := range runbooks {
		if accept(row) {
			found = append(found, row.name)
		}
	}
	slices.Sort(found)
	return found
}

func TestEveryFileHasOneRow(t *testing.T) {
	paths, err := filepath.Glob("runbooks/*.yaml")
	require.NoError(t, err)
	var want []string
	for _, path := range paths {
		want = append(want, strings.TrimSuffix(filepath.Base(path), ".yaml"))
	}
	require.Equal(t, want, names(func(runbook) bool { return true }))
}

func TestEveryRunbookHasADrill(t *testing.T) {
	drills := read(t, "../../test/drill/drills/*.py")
	for _, row := range runbooks {
		require.Regexp(t, `(@drill|Target)\(.*"`+row.name+`"`, drills,
			"%s: write its drill, test/drill/drills/%s.py", row.name, strings.ReplaceAll(row.name, "-", "_"))
	}
}

// Otherwise nobody knows when to start it.
func TestARunbookThatNoRuleStartsHasASection(t *testing.T) {
	for _, row := range runbooks {
		if len(row.triggers) == 0 {
			require.NotEmpty(t, sectionOf(t, row.name), "docs/incident-response.md has no command that starts %s", row.name)
		}
	}
}

const document = "../../docs/incident-response.md"

// sectionOf returns the link to the section with the first command that starts
// the runbook.
func sectionOf(t *testing.T, name string) string {
	t.Helper()
	for _, file := range []string{document, "../../docs/access-review.md"} {
		section := filepath.Base(file)
		for line := range strings.Lines(read(t, file)) {
			if title, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "##") {
				section = filepath.Base(file) + "#" + anchor(strings.TrimSpace(title))
			}
			if strings.Contains(line, " --document-name catalog-api-prod-"+name+" ") {
				return section
			}
		}
	}
	return ""
}

// anchor returns the ID that forges give a heading.
func anchor(heading string) string {
	return strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

func TestTheDocumentHasTheTableOfRunbooks(t *testing.T) {
	const begin, end = "<!-- runbooks: written by go generate ./stacks/response -->\n", "<!-- runbooks end -->"
	content := read(t, document)
	before, rest, found := strings.Cut(content, begin)
	require.True(t, found, begin)
	shown, after, found := strings.Cut(rest, end)
	require.True(t, found, end)
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(before+begin+table(t)+end+after), 0o644))
		return
	}
	require.Equal(t, table(t), shown, "go generate ./stacks/response writes it")
}

func table(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("\n| runbook | who may start it | what else starts it | it starts |\n| --- | --- | --- | --- |\n")
	for _, row := range runbooks {
		name, who := "`"+row.name+"`", "Operator"
		if section := sectionOf(t, row.name); section != "" {
			name = fmt.Sprintf("[%s](%s)", name, strings.TrimPrefix(section, filepath.Base(document)))
		}
		if row.eventsOnly {
			who = "nobody"
		}
		var when, starts []string
		for _, each := range row.triggers {
			when = append(when, each.when)
		}
		for _, child := range row.starts {
			starts = append(starts, "`"+child+"`")
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", name, who, strings.Join(when, "; "), strings.Join(starts, ", "))
	}
	return text.String() + "\n"
}
