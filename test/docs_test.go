package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// TestEveryTestNamedInTheDocumentsExists keeps the guide's clauses from
// claiming a test that was renamed or removed.
func TestEveryTestNamedInTheDocumentsExists(t *testing.T) {
	defined := definedTests(t)
	for _, file := range documents(t) {
		names := regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(read(t, file), -1)
		for _, name := range names {
			require.Contains(t, defined, name, "%s names a test that does not exist", file)
		}
	}
}

// TestEveryClauseOfTheGuideSaysWhetherItIsMet reads the tables of
// docs/guide.md, but for the one of departures at its end: a clause names a
// test, or says why there is none.
func TestEveryClauseOfTheGuideSaysWhetherItIsMet(t *testing.T) {
	clauses := 0
	tables, _, found := strings.Cut(read(t, "../docs/guide.md"), "\n## Where we leave the guide")
	require.True(t, found)
	for _, line := range strings.Split(tables, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.Contains(line, "---") || strings.Contains(line, "| clause |") {
			continue
		}
		clauses++
		require.Regexp(t, `Test[A-Z]|by AWS|by people`, cells[3], line)
	}
	require.Greater(t, clauses, 60, "the guide has more clauses than this")
}

func TestTheTableOfQuotasCountsWhatEachEnvironmentUses(t *testing.T) {
	for row, kind := range map[string]string{
		"Elastic IP addresses": "AWS::EC2::EIP", "VPCs": "AWS::EC2::VPC", "response headers policies": "AWS::CloudFront::ResponseHeadersPolicy",
	} {
		var counts []string
		for _, env := range []*environment{shipped(t, "prod"), shipped(t, "staging"), shipped(t, "dev")} {
			counts = append(counts, fmt.Sprint(len(resourcesOf(t, env, kind))))
		}
		require.Regexp(t, `(?m)^\| `+row+` in .* \| `+strings.Join(counts, ` \| `)+` \|$`, read(t, "../docs/architecture.md"))
		require.Len(t, resourcesOf(t, shortLived(t, "dev"), kind), 1)
	}
}

func TestEveryFieldNamedInTheDocumentsExists(t *testing.T) {
	var schema any
	require.NoError(t, json.Unmarshal([]byte(read(t, "../config/environments/schema.json")), &schema))
	groups := at(t, schema, "properties").(props)
	named := 0
	for _, file := range documents(t) {
		for _, field := range regexp.MustCompile("`([a-z]+)\\.([a-zA-Z.]+)").FindAllStringSubmatch(read(t, file), -1) {
			if groups[field[1]] == nil {
				continue // a file, or a name of something else
			}
			named++
			group := groups[field[1]]
			for _, name := range strings.Split(field[2], ".") {
				fields := slices.Sorted(maps.Keys(at(t, group, "properties").(props)))
				require.Contains(t, fields, name, "%s: %s", file, field[0])
				group = at(t, group, "properties", name)
			}
		}
	}
	require.Greater(t, named, 40)
}

func TestTheReadmeAsksForTheVersionsThatAreNeeded(t *testing.T) {
	for _, needed := range []struct{ file, pattern, says string }{
		{"../package.json", `"node": ">=(\d+)"`, "[Node.js](https://nodejs.org) %s or newer"},
		{"../go.mod", `(?m)^go (\d+\.\d+)(?:\.0)?$`, "[Go](https://go.dev/dl) %s or newer"},
	} {
		version := regexp.MustCompile(needed.pattern).FindStringSubmatch(read(t, needed.file))
		require.Len(t, version, 2, needed.file)
		require.Contains(t, read(t, "../README.md"), fmt.Sprintf(needed.says, version[1]))
	}
}

func TestTheMistakeInTheReadmeIsReportedSo(t *testing.T) {
	files := fstest.MapFS{"dev.yaml": {Data: []byte("\n\n\n\n\n\nnetwork:\n  cidr: 8.8.0.0/16\n")}}
	_, _, err := config.Load(files, "dev", "")
	require.Contains(t, read(t, "../README.md"), "\n"+err.Error()+"\n")
}

func TestTheRestoreInTheOperationsIsAnEnvironment(t *testing.T) {
	example := regexp.MustCompile("(?s)```yaml\n( +from: prod.*?)```").FindStringSubmatch(read(t, "../docs/operations.md"))
	require.Len(t, example, 2)
	files := fstest.MapFS{"prod2.yaml": {Data: []byte(example[1])}, "prod.yaml": {Data: []byte(read(t, "environments/prod.yaml"))}}

	cfg, _, err := config.Load(files, "prod2", "")

	require.NoError(t, err)
	require.Equal(t, "catalog-api-prod", cfg.Database.RestoreFrom.Cluster)
	require.NotContains(t, slices.Collect(maps.Values(cfg.Audit.Services())), config.OwnershipCreate, "prod owns them")
}

func TestEveryRelativeLinkLeadsSomewhere(t *testing.T) {
	for _, file := range documents(t) {
		for _, link := range regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`).FindAllStringSubmatch(read(t, file), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(file), link[1]))
			require.NoError(t, err, "linked from %s", file)
		}
	}
}

func TestEveryLinkToASectionLeadsToOne(t *testing.T) {
	for _, file := range documents(t) {
		for _, link := range regexp.MustCompile(`\]\(([^):#]*)#([^)]+)\)`).FindAllStringSubmatch(read(t, file), -1) {
			target := file
			if link[1] != "" {
				target = filepath.Join(filepath.Dir(file), link[1])
			}
			require.Contains(t, sections(t, target), link[2], "linked from %s", file)
		}
	}
}

// asDeployed is a text of the documents with the names that AWS has: the
// documents may keep the name that the project was given first.
func asDeployed(text string) string {
	return strings.ReplaceAll(text, "catalog-api", config.Project)
}

func documents(t *testing.T) []string {
	t.Helper()
	return append(glob(t, "../*.md"), glob(t, "../docs/*.md")...)
}

// definedTests are the names of all tests of the project.
func definedTests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, pattern := range []string{"*_test.go", "../config/*_test.go", "../internal/*/*_test.go", "../cmd/*/*_test.go", "policy/*_test.go"} {
		for _, file := range glob(t, pattern) {
			for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(read(t, file), -1) {
				names[name[1]] = true
			}
		}
	}
	return names
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}
