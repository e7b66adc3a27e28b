package test

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

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
	var proposed, files []string
	for _, update := range config.Updates {
		proposed = append(proposed, update.Ecosystem+" "+update.Directory)
	}
	for name, ecosystem := range map[string]string{"go.mod": "gomod", "package.json": "npm", "requirements.txt": "pip", "Dockerfile": "docker"} {
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
