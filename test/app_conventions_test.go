package test

import (
	"fmt"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
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
		if slices.Contains([]string{".go", ".py", ".sh", ".yaml", ".md"}, filepath.Ext(path)) && path != "../test/app_conventions_test.go" {
			files = append(files, path)
		}
	}
	require.NotEmpty(t, files)
	slices.Sort(files)
	return files
}

// longestSentence is how many words a sentence should have at most that is read in an
// incident.
const longestSentence = 25

// TestSentencesThatAreReadAtNightAreShort allows two of a hundred sentences to
// be longer, such as an enumeration.
func TestSentencesThatAreReadAtNightAreShort(t *testing.T) {
	for _, name := range []string{"README.md", "docs/alarms.md", "docs/incident-response.md", "docs/operations.md"} {
		var words int
		var long []string
		sentences := sentencesOf(read(t, "../"+name))
		require.Greater(t, len(sentences), 50, name)
		for _, sentence := range sentences {
			count := len(strings.Fields(sentence))
			words += count
			if count > longestSentence {
				long = append(long, sentence)
			}
		}
		t.Logf("%s: %.1f words a sentence, %d of %d over %d", name, float64(words)/float64(len(sentences)), len(long), len(sentences),
			longestSentence)
		require.LessOrEqual(t, len(long)*50, len(sentences), "%s: split some of these:\n%s", name, strings.Join(long, "\n"))
	}
}

var (
	notProse  = regexp.MustCompile("(?s)```.*?```")
	inProse   = regexp.MustCompile("`[^`]*`|\\]\\([^)]*\\)") // code, and where a link leads
	paragraph = regexp.MustCompile(`\n\s*\n|\n\s*(?:[-*]|\d+\.) |\||\n#`)
	stop      = regexp.MustCompile(`[.!?][*")]*\s`)
)

// sentencesOf returns the sentences of a Markdown document, and of its lists
// and tables, without code. A fragment of two words is none.
func sentencesOf(document string) (sentences []string) {
	prose := inProse.ReplaceAllString(notProse.ReplaceAllString(document, "\n\n"), "x")
	for _, text := range paragraph.Split(prose, -1) {
		for _, sentence := range stop.Split(text, -1) {
			if words := strings.Fields(sentence); len(words) > 2 {
				sentences = append(sentences, strings.Join(words, " "))
			}
		}
	}
	return sentences
}

// importRule is a rule of the linter depguard.
type importRule struct {
	Files []string               `yaml:"files"`
	Deny  []struct{ Pkg string } `yaml:"deny"`
	Allow []string               `yaml:"allow"`
}

func TestTheLinterAllowsTheImportsOfTheTable(t *testing.T) {
	rules := importRules(t)
	table := importTable(t)
	require.Len(t, rules, len(table))
	for directory, allowed := range table {
		rule := rules[strings.TrimSuffix(directory, ".go")]
		pattern := "${base-path}/" + directory
		if path.Ext(directory) == "" {
			pattern += "/**"
		}
		require.Equal(t, pattern, rule.Files[0], directory)
		var packages []string
		for _, found := range regexp.MustCompile("`(.+?)`").FindAllStringSubmatch(allowed, -1) {
			packages = append(packages, "catalog-infra/"+found[1])
		}
		require.Equal(t, packages, rule.Allow, directory)
		require.Equal(t, "catalog-infra", rule.Deny[0].Pkg, directory)
		require.Len(t, rule.Deny, map[bool]int{true: 1, false: 4}[strings.Contains(allowed, "CDK")], directory)
	}
}

func TestEveryGoPackageIsInTheTable(t *testing.T) {
	table := importTable(t)
	for _, file := range projectFiles(t) {
		if path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		file = strings.TrimPrefix(file, "../")
		inTable := slices.ContainsFunc(slices.Collect(maps.Keys(table)), func(directory string) bool {
			return file == directory || strings.HasPrefix(file, directory+"/")
		})
		require.True(t, inTable, "%s is in no row of CONTRIBUTING.md, Where things go", file)
	}
}

func TestUpdatesAreProposedForEveryFileOfDependencies(t *testing.T) {
	var config struct {
		Updates []struct {
			Ecosystem string `yaml:"package-ecosystem"`
			Directory string `yaml:"directory"`
		} `yaml:"updates"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "../.github/dependabot.yml")), &config))
	var proposed []string
	files := []string{"github-actions /"}
	for _, update := range config.Updates {
		proposed = append(proposed, update.Ecosystem+" "+update.Directory)
	}
	ecosystems := map[string]string{"go.mod": "gomod", "package.json": "npm", "requirements.txt": "pip", "Dockerfile": "docker"}
	for name, ecosystem := range ecosystems {
		for _, file := range slices.Concat(glob(t, "../"+name), glob(t, "../[a-mo-z]*/"+name), glob(t, "../[a-mo-z]*/*/"+name)) {
			files = append(files, ecosystem+" "+path.Clean("/"+path.Dir(strings.TrimPrefix(file, ".."))))
		}
	}
	require.ElementsMatch(t, files, proposed)
}

// importTable returns what each directory may import, from CONTRIBUTING.md.
func importTable(t *testing.T) map[string]string {
	t.Helper()
	_, section, found := strings.Cut(read(t, "../CONTRIBUTING.md"), "| directory | holds | may import |")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n\n")
	table := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(.+?)/?` \\| .* \\| (.+) \\|$").FindAllStringSubmatch(section, -1) {
		table[row[1]] = row[2]
	}
	return table
}

func importRules(t *testing.T) map[string]importRule {
	t.Helper()
	var file struct {
		Linters struct {
			Settings struct {
				Depguard struct{ Rules map[string]importRule }
			}
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "../.golangci.yml")), &file))
	return file.Linters.Settings.Depguard.Rules
}
