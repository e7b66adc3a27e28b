package test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runbooksOf returns the environment's documents by the names of their files.
func runbooksOf(t *testing.T, env *environment) map[string]placed {
	t.Helper()
	found := map[string]placed{}
	for _, r := range resourcesOf(t, env, document) {
		name, prefixed := strings.CutPrefix(textOf(t, r, r.Properties, "Name"), env.Name()+"-")
		require.True(t, prefixed, "%s: the name of a document starts with that of the environment; add of stacks/response.go gives it one", r)
		found[name] = r
	}
	return found
}

func runbookContent(t *testing.T, env *environment, name string) props {
	t.Helper()
	require.Contains(t, runbooksOf(t, env), name)
	return at(t, runbooksOf(t, env)[name].Properties, "Content").(props)
}

func stepsOf(t *testing.T, env *environment, name string) []props {
	t.Helper()
	var steps []props
	for _, step := range at(t, runbookContent(t, env, name), "mainSteps").([]any) {
		steps = append(steps, step.(props))
	}
	return steps
}

// A row whose condition is never met would be a runbook that no environment has. What
// each of them does is drilled.
func TestARunbookExistsWhereItsTargetExists(t *testing.T) {
	var files []string
	for _, file := range must(filepath.Glob("../stacks/response/runbooks/*.yaml")) {
		files = append(files, strings.TrimSuffix(filepath.Base(file), ".yaml"))
	}
	for suffix, missing := range map[string][]string{
		"prod":    nil,
		"staging": {"mark-finding-notified"},                                             // no Security Hub
		"dev":     {"mark-finding-notified", "block-addresses", "set-alert-sensitivity"}, // no web ACL, and no stricter alarms
	} {
		require.ElementsMatch(t, files, append(slices.Collect(maps.Keys(runbooksOf(t, reference(t, suffix)))), missing...), suffix)
	}
	// It has what its rotation needs.
	require.ElementsMatch(t, []string{"check-secret-age", "replace-tasks", "report-failed-run"},
		slices.Collect(maps.Keys(runbooksOf(t, shortLived(t, "dev")))))
	require.Empty(t, shortLived(t, "dev").stack(t, "response").ofType("AWS::S3::Bucket"))
}

// startedRunbook is the name of the runbook of ours that a rule's target starts.
func startedRunbook(t *testing.T, env *environment, target any) (name string, ok bool) {
	t.Helper()
	arn := readable(t, env, at(t, target, "Arn"))
	if strings.Contains(arn, "::automation-definition/") {
		return "", false // AWS's own, see TestTheOnlyRunbookOfAWSIsThatOfTheDefaultGroup
	}
	_, definition, ok := strings.Cut(arn, ":automation-definition/")
	if !ok {
		return "", false
	}
	id, version, _ := strings.Cut(definition, ":")
	require.Equal(t, "$DEFAULT", version)
	for name, r := range runbooksOf(t, env) {
		if readableID(r.id) == id {
			return name, true
		}
	}
	t.Fatalf("%s starts no runbook", arn)
	return "", false
}

// inPayloads returns what the scripts of a runbook get under a key.
func inPayloads(t *testing.T, env *environment, runbook, key string) (found []any) {
	t.Helper()
	for _, step := range stepsOf(t, env, runbook) {
		if value, ok := under(step["inputs"].(props)["InputPayload"], key); ok {
			found = append(found, value)
		}
	}
	return found
}

func TestEvidenceIsGatheredFromEveryLogGroup(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		want := slices.Collect(maps.Values(groupNames(t, env)))
		var got []string
		for _, group := range inPayloads(t, env, "gather-evidence", "LogGroup") {
			got = append(got, readable(t, env, group))
		}
		requireSame(t, want, got, "gather-evidence reads a group that no template has",
			"Evidence is gathered from every log group: add the new one to exportedLogs in stacks/response/gathering.go")
	})
}

// groupNames returns the names of the log groups in the templates, by id; the id
// stands for a name that CloudFormation makes.
func groupNames(t *testing.T, env *environment) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, r := range resourcesOf(t, env, logGroup) {
		id := readableID(r.id)
		require.NotContains(t, found, id)
		found[id] = id
		if name, ok := r.Properties["LogGroupName"]; ok {
			found[id] = readable(t, env, name)
		}
	}
	return found
}

func TestAnIncidentLinksTheRunbooksOfTheFirstHours(t *testing.T) {
	for suffix, want := range map[string][]string{
		"prod": {"preserve-evidence", "isolate-edge", "isolate-database", "block-addresses", "gather-evidence", "set-alert-sensitivity", "rotate-secret"},
		"dev":  {"preserve-evidence", "isolate-edge", "isolate-database", "gather-evidence", "rotate-secret"},
	} {
		linked := inPayloads(t, reference(t, suffix), "open-incident", "Runbooks")
		require.Len(t, linked, 1)
		got := readableList(t, reference(t, suffix), linked[0])
		for i, name := range want {
			want[i] = "PROJECT-SUFFIX-" + name
		}
		requireSame(t, want, got, "A runbook that an incident links, by firstHours of its row: add it to the list of this test in test/response_runbooks_test.go",
			"A runbook of the first hours that an incident does not link: set firstHours of its row in stacks/response/table.go")
	}
}

// AWS may check a start without a version against its number, which nobody may
// start.
func TestEveryCommandThatStartsARunbookNamesTheCurrentVersion(t *testing.T) {
	files := slices.Concat([]string{"../README.md"}, must(filepath.Glob("../docs/*.md")),
		must(filepath.Glob("../stacks/response/runbooks/*.yaml")))
	commands := 0
	for _, file := range files {
		for _, line := range strings.Split(read(t, file), "\n") {
			if strings.Contains(line, "start-automation-execution --document-name") {
				commands++
				require.Contains(t, line, " --document-version '$DEFAULT'", file)
			}
		}
	}
	require.Greater(t, commands, 20)
}

// Otherwise a message would name a runbook that nobody can start, and RefuseSecondStart
// would wait for none.
func TestEveryRunbookThatAnotherNamesHasAFile(t *testing.T) {
	const folder = "../stacks/response/runbooks/"
	references := 0
	for _, file := range append(must(filepath.Glob(folder+"*.yaml")), folder+"shared/parts.yaml") {
		for _, found := range regexp.MustCompile(`\$\{Environment\}-([a-z]+(?:-[a-z]+)*)`).FindAllStringSubmatch(read(t, file), -1) {
			references++
			require.FileExists(t, folder+found[1]+".yaml", file)
		}
	}
	require.Greater(t, references, 20)
}

// A failed export must not prevent the next one.
func TestEachExportOfALogGroupIsFollowedByTheNext(t *testing.T) {
	var exports []props
	for _, step := range stepsOf(t, reference(t, "prod"), "gather-evidence") {
		if strings.HasPrefix(step["name"].(string), "Export") {
			exports = append(exports, step)
		}
	}
	require.Greater(t, len(exports), 3)
	for i, export := range exports[1:] {
		require.Equal(t, "step:"+export["name"].(string), exports[i]["onFailure"])
	}
	require.Equal(t, "step:SaveEvents", exports[len(exports)-1]["onFailure"])
}
