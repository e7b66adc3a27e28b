package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// cdkJSON is what the CDK CLI reads before everything else.
type cdkJSON struct {
	App             string
	RequireApproval string
	Watch           struct{ Include, Exclude []string }
}

func readCdkJSON(t *testing.T) cdkJSON {
	t.Helper()
	var content cdkJSON
	require.NoError(t, json.Unmarshal([]byte(read(t, "../cdk.json")), &content))
	return content
}

// On Windows the CLI starts the app through cmd.exe, which takes an assignment for
// the name of a program.
func TestTheAppIsStartedInWordsThatEveryShellKnows(t *testing.T) {
	require.Regexp(t, `^[a-z. ]+$`, readCdkJSON(t).App)
}

func TestAPlainDeployAsksBeforeEveryChange(t *testing.T) {
	require.Equal(t, "any-change", readCdkJSON(t).RequireApproval)
}

func TestWatchNoticesWhatIsCompiledInAndNoTest(t *testing.T) {
	watch := readCdkJSON(t).Watch
	watched := func(file string) bool {
		return matchesAny(watch.Include, file) && !matchesAny(watch.Exclude, file)
	}
	compiledIn := filesOfTheApp(t)
	require.Contains(t, compiledIn, "stacks/feature_flags.json")

	for _, file := range append(compiledIn, "config/environments/prod.yaml", "config/environments/schema.json") {
		require.True(t, watched(file), "%s is compiled in: add it to watch.include in cdk.json", file)
	}
	for _, file := range []string{"main_test.go", "test/iam_statements_test.go", "config/load_test.go", "docs/operations.md",
		"config/environments/.#dev.yaml"} {
		require.False(t, watched(file), "%s changes nothing that is deployed: add it to watch.exclude in cdk.json", file)
	}
}

// filesOfTheApp lists the files that the app is compiled from, embedded ones
// included, by their paths in the repository, but for the operator's.
func filesOfTheApp(t *testing.T) []string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	list := exec.Command("go", "list", "-deps", "-json=Dir,GoFiles,EmbedFiles,Standard", ".")
	list.Dir = root
	output, err := list.Output()
	require.NoError(t, err)
	var files []string
	for packages := json.NewDecoder(strings.NewReader(string(output))); packages.More(); {
		var each struct {
			Dir                 string
			GoFiles, EmbedFiles []string
		}
		require.NoError(t, packages.Decode(&each))
		dir, err := filepath.Rel(root, each.Dir)
		require.NoError(t, err)
		for _, file := range append(each.GoFiles, each.EmbedFiles...) {
			file = filepath.ToSlash(filepath.Join(dir, file))
			operators := filepath.Dir(file) == "config/environments" && filepath.Ext(file) != ".go"
			if filepath.IsLocal(dir) && !operators {
				files = append(files, file)
			}
		}
	}
	return files
}

// matchesAny reports whether the CLI would take the file for one that a pattern
// means: ** is any number of directories, * anything in one.
func matchesAny(patterns []string, file string) bool {
	for _, pattern := range patterns {
		expression := regexp.QuoteMeta(pattern)
		for _, part := range [][2]string{{`\*\*/`, `(.*/)?`}, {`\*\*`, `.*`}, {`\*`, `[^/]*`}} {
			expression = strings.ReplaceAll(expression, part[0], part[1])
		}
		if regexp.MustCompile("^" + expression + "$").MatchString(file) {
			return true
		}
	}
	return false
}

// npx would fetch another package, named cdk, into a clone without the pinned CLI.
func TestCDKInAFreshCloneSaysWhatToRun(t *testing.T) {
	clone := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(clone, "tools"), 0o755))
	for _, file := range []string{"package.json", "package-lock.json", "tools/cdk.js"} {
		require.NoError(t, os.WriteFile(filepath.Join(clone, file), []byte(read(t, "../"+file)), 0o755))
	}
	npx := exec.Command("npx", "--offline", "cdk", "list")
	npx.Dir = clone

	output, err := npx.CombinedOutput()

	require.Error(t, err)
	require.Regexp(t, `^cdk: the pinned CLI, aws-cdk [\d.]+, is not installed \(found: none\): run npm ci\n$`, string(output))
}

// otherFlags are the feature flags that differ from what CDK recommends, with
// their value. stacks/app.go gives the reasons.
var otherFlags = map[string]any{
	"@aws-cdk/aws-ec2:restrictDefaultSecurityGroup":    false,
	"@aws-cdk/core:defaultCrossStackReferences":        "strong",
	"@aws-cdk/core:enableAdditionalMetadataCollection": false,
	"@aws-cdk/core:target-partitions":                  []any{"aws"},
}

// CDK reports each flag that it knows. An upgrade brings new ones, which are to
// be taken or refused one by one.
func TestFeatureFlagsAreThoseThatCDKRecommendsButForFour(t *testing.T) {
	flags := manifestOf(t, reference(t, "prod")).Artifacts["aws-cdk-lib/feature-flag-report"].Properties.Flags
	require.Greater(t, len(flags), 80, "the report is no longer where it was")
	differing := map[string]any{}
	for name, flag := range flags {
		if !equal(flag.effective(), flag.RecommendedValue) {
			differing[name] = flag.effective()
		}
	}
	require.Equal(t, otherFlags, differing, "set each other flag in stacks/feature_flags.json, and compare the templates before and after")
}

// featureFlag is a line of the report.
type featureFlag struct {
	UserValue, RecommendedValue any
	UnconfiguredBehavesLike     struct{ V2 any }
}

// effective returns what CDK works with. A flag that nobody sets is false,
// unless CDK says otherwise.
func (f featureFlag) effective() any {
	switch {
	case f.UserValue != nil:
		return f.UserValue
	case f.UnconfiguredBehavesLike.V2 != nil:
		return f.UnconfiguredBehavesLike.V2
	}
	return false
}
