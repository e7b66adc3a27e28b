package test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// workflow is a file of GitHub Actions.
type workflow struct {
	On          map[string]any
	Permissions map[string]string
	Concurrency struct{ Group string }
	Jobs        map[string]workflowJob
}

type workflowJob struct {
	Permissions map[string]string
	Timeout     int `yaml:"timeout-minutes"`
	Steps       []struct {
		Uses, Run string
		With, Env map[string]string
	}
}

func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	files, err := filepath.Glob("../.github/workflows/*")
	require.NoError(t, err)
	found := map[string]workflow{}
	for _, file := range files {
		var content workflow
		require.NoError(t, yaml.Unmarshal([]byte(read(t, file)), &content))
		found[filepath.Base(file)] = content
	}
	return found
}

func TestEachWorkflowMayDoTheLeastThatItsJobNeeds(t *testing.T) {
	wanted := map[string]map[string]string{
		"check.yml":   {"contents": "read"},
		"review.yml":  {"contents": "read"},
		"comment.yml": {"contents": "read", "actions": "read", "pull-requests": "write"},
	}
	found := workflows(t)
	require.Len(t, found, len(wanted))
	for file, permissions := range wanted {
		flow := found[file]
		require.Equal(t, map[string]string{}, flow.Permissions, file)
		require.NotEmpty(t, flow.Concurrency.Group, file)
		require.Len(t, flow.Jobs, 1, file)
		for _, job := range flow.Jobs {
			require.Equal(t, permissions, job.Permissions, file)
			require.Positive(t, job.Timeout, file)
		}
		require.NotRegexp(t, `pull_request_target|secrets\.|id-token`, read(t, "../.github/workflows/"+file), file)
	}
}

func TestTheWorkflowThatMayWriteRunsNoCodeOfAPullRequest(t *testing.T) {
	comment := workflows(t)["comment.yml"]
	require.Equal(t, []string{"workflow_run"}, slices.Collect(maps.Keys(comment.On)))
	for _, step := range comment.Jobs["comment"].Steps {
		require.NotContains(t, step.With, "ref", "without one it is main")
		require.NotContains(t, step.Uses, "setup-go", "its cache would be one that others fill")
	}
}

func TestEachActionIsPinnedByItsCommit(t *testing.T) {
	pinned := regexp.MustCompile(`^ +- uses: actions/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$`)
	for file, flow := range workflows(t) {
		for _, line := range strings.Split(read(t, "../.github/workflows/"+file), "\n") {
			if strings.Contains(line, "uses:") {
				require.Regexp(t, pinned, line, file)
			}
		}
		for _, job := range flow.Jobs {
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "actions/checkout@") {
					require.Equal(t, "false", step.With["persist-credentials"], file)
				}
			}
		}
	}
}

// gitlabJob is a job of .gitlab-ci.yml.
type gitlabJob struct {
	Script    []string
	Timeout   string
	Rules     []struct{ If string }
	Artifacts struct{ Paths []string }
}

func TestWhatTheForgesRunRunsOnALaptop(t *testing.T) {
	var ran []string
	for _, flow := range workflows(t) {
		for _, job := range flow.Jobs {
			for _, step := range job.Steps {
				ran = append(ran, step.Run)
			}
		}
	}
	jobs := gitlabJobs(t)
	for _, job := range jobs {
		ran = append(ran, job.Script...)
	}
	ran = slices.DeleteFunc(ran, func(command string) bool { return command == "" })
	slices.Sort(ran)
	require.Equal(t, []string{".ci/run", "make review-comment", "make review-file"}, slices.Compact(ran))
	for _, command := range ran {
		if target, isTarget := strings.CutPrefix(command, "make "); isTarget {
			require.Contains(t, read(t, "../Makefile"), "\n.PHONY: "+target+"\n")
		}
	}
}

func TestGitLabChecksEachPushAndReviewsEachMergeRequest(t *testing.T) {
	const reviewed = `$CI_PIPELINE_SOURCE == "merge_request_event"`
	jobs := gitlabJobs(t)
	require.Len(t, jobs, 3)
	require.Empty(t, jobs["check"].Rules)
	require.Equal(t, reviewed, jobs["review"].Rules[0].If)
	require.Equal(t, reviewed+" && $REVIEW_TOKEN", jobs["comment"].Rules[0].If)
	require.Equal(t, []string{".build/review.md"}, jobs["review"].Artifacts.Paths)
	for name, job := range jobs {
		require.NotEmpty(t, job.Timeout, name)
	}
}

func gitlabJobs(t *testing.T) map[string]gitlabJob {
	t.Helper()
	var file map[string]yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "../.gitlab-ci.yml")), &file))
	jobs := map[string]gitlabJob{}
	for name, node := range file {
		if slices.Contains([]string{"workflow", "variables", "default"}, name) {
			continue
		}
		var job gitlabJob
		require.NoError(t, node.Decode(&job), name)
		jobs[name] = job
	}
	return jobs
}
