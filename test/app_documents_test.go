package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
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
		for _, promise := range regexp.MustCompile(`TestPromisedSettings \("(.+?)"\)`).FindAllStringSubmatch(read(t, file), -1) {
			require.True(t, slices.ContainsFunc(promisedSettings, func(p promisedIn) bool { return p.settings[promise[1]] != nil }), promise[1])
		}
	}
}

func TestTheTableOfQuotasCountsWhatEachEnvironmentUses(t *testing.T) {
	for row, kind := range map[string]string{
		"Elastic IP addresses": "AWS::EC2::EIP", "VPCs": "AWS::EC2::VPC", "response headers policies": "AWS::CloudFront::ResponseHeadersPolicy",
	} {
		var counts []string
		for _, env := range []*environment{reference(t, "prod"), reference(t, "staging"), reference(t, "dev")} {
			counts = append(counts, fmt.Sprint(len(resourcesOf(t, env, kind))))
		}
		require.Regexp(t, `(?m)^\| `+row+` in .* \| `+strings.Join(counts, ` \| `)+` \|$`, read(t, "../docs/architecture.md"))
		require.Len(t, resourcesOf(t, shortLived(t, "dev"), kind), 1)
	}
	var processors, rules []string
	for _, env := range []*environment{reference(t, "prod"), reference(t, "staging"), reference(t, "dev")} {
		processors = append(processors, fmt.Sprint(env.Service.MinTasks*env.Service.CPU/1024))
		rules = append(rules, fmt.Sprint(weightOf(about(rulesOf(t, env), "LoadBalancer in "))))
	}
	require.Regexp(t, `(?m)^\| vCPUs of Fargate tasks in .* \| `+strings.Join(processors, ` \| `)+` \|$`, read(t, "../docs/architecture.md"))
	require.Regexp(t, `(?m)^\| rules of a security group in .* \| `+strings.Join(rules, ` \| `)+` \|$`, read(t, "../docs/architecture.md"))
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
		{"../package.json", `"node": ">=(\d+)"`, "Node.js %s or newer works"},
		{"../go.mod", `(?m)^go (\d+\.\d+)(?:\.0)?$`, "[Go](https://go.dev/dl) %s or newer"},
	} {
		version := regexp.MustCompile(needed.pattern).FindStringSubmatch(read(t, needed.file))
		require.Len(t, version, 2, needed.file)
		require.Contains(t, read(t, "../README.md"), fmt.Sprintf(needed.says, version[1]))
	}
}

func TestTheMistakeInTheReadmeIsReportedSo(t *testing.T) {
	files := fstest.MapFS{"dev.yaml": {Data: []byte("lifecycle: retained\n\n\n\n\n\nnetwork:\n  cidr: 8.8.0.0/16\n")}}
	_, _, err := config.Load(files, "dev", "")
	require.Contains(t, read(t, "../README.md"), "\n"+err.Error()+"\n")
}

// yamlBlocks returns the yaml blocks of the documents.
func yamlBlocks(t *testing.T) (found []string) {
	t.Helper()
	for _, file := range documents(t) {
		for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(read(t, file), -1) {
			found = append(found, block[1])
		}
	}
	require.Greater(t, len(found), 4)
	return found
}

// beside returns the files of the reference environments, and one more.
func beside(t *testing.T, suffix, content string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{suffix + ".yaml": {Data: []byte(content)}}
	for _, suffix := range environmentNames {
		files[suffix+".yaml"] = &fstest.MapFile{Data: []byte(read(t, "environments/"+suffix+".yaml"))}
	}
	return files
}

// One that starts from no environment is a part of a file.
func TestEverySampleInTheDocumentsIsAFileOrAPartOfOne(t *testing.T) {
	for _, sample := range yamlBlocks(t) {
		content := sample
		if !strings.Contains(sample, "from:") {
			indentation := sample[:len(sample)-len(strings.TrimLeft(sample, " "))]
			content = indentation + "from: staging\n" + sample
		}
		_, warnings, err := config.Load(beside(t, "sample", content), "sample", "")
		require.NoError(t, err, sample)
		require.Empty(t, warnings, sample)
	}
}

func TestTheRestoreInTheOperationsIsAnEnvironmentAlsoOfOneWithADomain(t *testing.T) {
	named := func(text string) string {
		index := slices.IndexFunc(yamlBlocks(t), func(sample string) bool { return strings.Contains(sample, text) })
		require.GreaterOrEqual(t, index, 0, text)
		return yamlBlocks(t)[index]
	}
	domain := regexp.MustCompile(`(?m)^   `).ReplaceAllString(named("hostedZoneId: Z"), "")
	files := beside(t, "prod2", named("restoreFrom"))
	prod := files["prod.yaml"]
	prod.Data = []byte(strings.Replace(string(prod.Data), "edge:\n", domain, 1))
	files["staging.yaml"].Data = append(files["staging.yaml"].Data, `edge: {hostedZoneId: "", domain: "", viewerCertificateArn: "", originDomain: ""}`...)
	source, _, err := config.Load(files, "prod", "")
	require.NoError(t, err)
	require.NotEmpty(t, source.Edge.Domain)

	cfg, _, err := config.Load(files, "prod2", "")

	require.NoError(t, err)
	require.Equal(t, source.Name(), asDeployed(cfg.Database.RestoreFrom.Cluster))
	require.NotContains(t, slices.Collect(maps.Values(cfg.Audit.Services())), config.OwnershipCreate, "prod owns them")
}

func TestEveryRelativeLinkLeadsSomewhere(t *testing.T) {
	for _, file := range documents(t) {
		for _, link := range regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`).FindAllStringSubmatch(read(t, file), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			target := link[1]
			if filepath.Base(target) == "environments" {
				target += "/schema.json" // what else is there is the operator's
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(file), target))
			require.NoError(t, err, "linked from %s", file)
		}
	}
}

func TestEveryFileNamedInTheProjectExists(t *testing.T) {
	named := regexp.MustCompile(`(?:^|[ (\x60])((?:stacks|constructs|test|config|internal|cmd|docs|tools)/[\w./-]+\.(?:go|py|md|yaml|json|txt|golden))\b`)
	const prices = "config/prices.json" // make prices writes it
	for _, file := range projectFiles(t) {
		for _, name := range named.FindAllStringSubmatch(read(t, file), -1) {
			if path := name[1]; !strings.HasPrefix(path, "config/environments/") && !strings.Contains(path, "NAME") && path != prices {
				require.FileExists(t, "../"+path, "named in %s", file)
			}
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

// asDeployed returns a text of the documents with the names that AWS has: the
// documents may keep the name that the project was given first.
func asDeployed(text string) string {
	return strings.ReplaceAll(text, "catalog-api", config.Project)
}

func documents(t *testing.T) []string {
	t.Helper()
	return slices.Concat(glob(t, "../*.md"), glob(t, "../docs/*.md"), glob(t, "../docs/decisions/*.md"))
}

// definedTests are the names of all tests of the project. The files are asked of
// Go: a test that reads the directory config also sees when an operator adds a file
// to it.
func definedTests(t *testing.T) map[string]bool {
	t.Helper()
	const format = `{{range .TestGoFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}{{range .XTestGoFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}`
	files, err := exec.Command("go", "list", "-tags", "policy,firstweek", "-f", format, "../...").Output()
	require.NoError(t, err)
	names := map[string]bool{}
	for file := range strings.Lines(string(files)) {
		for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(read(t, strings.TrimSpace(file)), -1) {
			names[name[1]] = true
		}
	}
	return names
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	output, err := exec.Command("sh", "-c", "for file in "+pattern+"; do test ! -e $file || echo $file; done").Output() // as projectFiles does
	require.NoError(t, err, pattern)
	return strings.Fields(string(output))
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}
