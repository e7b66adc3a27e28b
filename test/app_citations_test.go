package test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A citation may be broken over two lines of a comment.
var citedPitfalls = regexp.MustCompile(`pitfalls?[\s/#]+([A-G][0-9]+)(?:(?:,| and)[\s/#]+([A-G][0-9]+))?`)

func TestEachCitedPitfallHasAnEntryAndEachEntryACitation(t *testing.T) {
	var entries []string
	for _, heading := range regexp.MustCompile(`(?m)^### ([A-G][0-9]+)$`).FindAllStringSubmatch(read(t, "../docs/pitfalls.md"), -1) {
		entries = append(entries, heading[1])
	}

	require.Equal(t, slices.Sorted(slices.Values(cited(t, citedPitfalls, "../docs/pitfalls.md"))), entries)
}

func TestEachCitedClauseOfTheGuideIsInItsTables(t *testing.T) {
	guide := read(t, "../docs/guide.md")
	clauses := cited(t, regexp.MustCompile(`\bguide[\s/#]+([0-9]+\.[0-9]+)`), "../docs/guide.md")
	require.Greater(t, len(clauses), 8)
	for _, clause := range clauses {
		require.Contains(t, guide, "\n| "+clause+" | ", "guide %s is cited and not in docs/guide.md", clause)
	}

	unnamed := regexp.MustCompile(`(?i)the[\s/#]+guide(?:'s|[.,: ])`)
	for _, file := range projectFiles(t) {
		if filepath.Ext(file) != ".md" && filepath.Base(file) != "app_documents_test.go" {
			require.False(t, unnamed.MatchString(read(t, file)), "%s: name the clause, as in guide 4.9", file)
		}
	}
}

func TestTheTableOfDecisionsHasEachRecordWithItsDateAndStatus(t *testing.T) {
	record := regexp.MustCompile(`^# (\d{4}): (.+)\n\n- Date: (20\d\d-\d\d-\d\d)\n- Status: (.+)\n\n## Context\n\n(?s:.+)## Decision\n\n(?s:.+)## Consequences\n\n`)
	var rows []string
	for i, file := range glob(t, "../docs/decisions/[0-9]*.md") {
		name, parts := filepath.Base(file), record.FindStringSubmatch(read(t, file))
		require.NotNil(t, parts, "%s is not laid out as the others", name)
		require.Equal(t, fmt.Sprintf("%04d", i+1), parts[1], name)
		require.True(t, strings.HasPrefix(name, parts[1]+"-"), name)
		rows = append(rows, fmt.Sprintf("| [%s](%s) | %s | %s | %s |", parts[1], name, parts[2], parts[3], parts[4]))
	}

	_, table, _ := strings.Cut(read(t, "../docs/decisions/README.md"), "| --- | --- | --- | --- |\n")
	require.Equal(t, strings.Join(rows, "\n")+"\n", table)
}

func TestTheGlossaryIsShortAndEachTermIsUsed(t *testing.T) {
	rows := regexp.MustCompile(`(?m)^\| ([a-z][^|]+) \| ([^.|]+\.) \|$`).FindAllStringSubmatch(read(t, "../docs/glossary.md"), -1)
	require.Equal(t, len(rows)+2, strings.Count(read(t, "../docs/glossary.md"), "\n| "), "each term has one sentence")
	require.Less(t, len(rows), 25)
	files := slices.DeleteFunc(projectFiles(t), func(file string) bool { return file == "../docs/glossary.md" })
	var terms []string
	for _, row := range rows {
		terms = append(terms, row[1])
		used := slices.ContainsFunc(files, func(file string) bool { return strings.Contains(read(t, file), row[1]) })
		require.True(t, used, "nothing uses the term %q", row[1])
	}
	require.IsIncreasing(t, terms)
}

// cited returns the groups of what the pattern matches in the project's files,
// without repetition.
func cited(t *testing.T, pattern *regexp.Regexp, except ...string) (ids []string) {
	t.Helper()
	for _, file := range projectFiles(t) {
		if slices.Contains(except, file) {
			continue
		}
		for _, match := range pattern.FindAllStringSubmatch(read(t, file), -1) {
			for _, id := range match[1:] {
				if id != "" && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

// projectFiles returns the paths of code and documents, without what is generated and
// the operator's files. find lists them, not this process: Go would run the tests of
// this package again after any change of a directory.
func projectFiles(t *testing.T) (files []string) {
	t.Helper()
	output, err := exec.Command("find", "..", "(", "-name", ".?*", "!", "-name", "..", "-o", "-name", "node_modules", "-o", "-name", "cdk.out",
		"-o", "-name", "testdata", "-o", "-path", "../config/environments", ")", "-prune", "-o", "-type", "f", "-print").Output()
	require.NoError(t, err)
	for path := range strings.Lines(string(output)) {
		path = strings.TrimSuffix(path, "\n")
		if slices.Contains([]string{".go", ".py", ".sh", ".yaml", ".md"}, filepath.Ext(path)) && path != "../test/app_citations_test.go" {
			files = append(files, path)
		}
	}
	require.NotEmpty(t, files)
	slices.Sort(files)
	return files
}
