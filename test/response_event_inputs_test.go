package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A value that the runbook refuses starts nothing, and nobody hears of it.
func TestTheInputOfAnEventRuleFitsItsRunbook(t *testing.T) {
	started := 0
	everyPattern(t, func(t *testing.T, env *environment, id string, rule props, _ props) {
		target := at(t, rule, "Targets", 0)
		name, ok := startedRunbook(t, env, target)
		if !ok {
			return
		}
		started++
		for _, event := range eventsFor[id].matching {
			parameters, _ := runbookContent(t, env, name)["parameters"].(props)
			requireTaken(t, parameters, inputOf(t, target, event))
		}
	})
	require.Positive(t, started)
}

// inputOf returns the target's input for an event, with the parts of the event that
// its transformer inserts.
func inputOf(t *testing.T, target any, event props) map[string][]string {
	t.Helper()
	text, fixed := target.(props)["Input"].(string)
	if !fixed {
		text = at(t, target, "InputTransformer", "InputTemplate").(string)
		for name, path := range at(t, target, "InputTransformer", "InputPathsMap").(props) {
			value := valueAt(t, event, path.(string))
			require.NotEmpty(t, value, path)
			text = strings.ReplaceAll(text, "<"+name+">", value)
		}
	}
	require.NotContains(t, text, "<", "a part of the event without a path")
	var input map[string][]string
	require.NoError(t, json.Unmarshal([]byte(text), &input))
	return input
}

var pathStep = regexp.MustCompile(`([\w-]+)(\[0\])?`)

func valueAt(t *testing.T, event any, path string) string {
	t.Helper()
	for _, step := range pathStep.FindAllStringSubmatch(strings.TrimPrefix(path, "$."), -1) {
		event = at(t, event, step[1])
		if step[2] != "" {
			event = at(t, event, 0)
		}
	}
	require.NotNil(t, event, path)
	return fmt.Sprint(event)
}

func requireTaken(t *testing.T, parameters props, input map[string][]string) {
	t.Helper()
	for name, values := range input {
		parameter := at(t, parameters, name).(props)
		for _, value := range values {
			if pattern, ok := parameter["allowedPattern"].(string); ok {
				require.Regexp(t, pattern, value, name)
			}
			if allowed, ok := parameter["allowedValues"].([]any); ok {
				require.Contains(t, allowed, value, name)
			}
			if most, ok := parameter["maxChars"].(float64); ok {
				require.LessOrEqual(t, len(value), int(most), name)
			}
		}
	}
}

// mayStart are the only runbooks that anything but a person starts: the others
// could interrupt the service, or take what it could go back to.
var mayStart = []string{"check-secret-age", "mark-finding-notified", "open-incident", "preserve-evidence", "replace-tasks",
	"report-failed-run", "review-access"}

func TestEventsStartOnlyRunbooksThatHurtNobody(t *testing.T) {
	for env, r := range resourcesIn(t, allEnvironments(t), eventRule) {
		for _, target := range asList(r.Properties["Targets"]) {
			if name, ok := startedRunbook(t, env, target); ok {
				require.Contains(t, mayStart, name, "%s: %s starts %s. An event starts only what cannot interrupt the service; "+
					"if that is so, add it to mayStart of test/response_event_inputs_test.go", env.Environment, r, name)
				// AWS writes that a runbook started by another runs in the context of who
				// started the first: the role of the rule would have to start that, too.
				for _, step := range asList(at(t, runbookContent(t, env, name), "mainSteps")) {
					require.NotEqual(t, "aws:executeAutomation", step.(props)["action"], "%s starts another runbook", name)
				}
			}
		}
	}
}

// Without a trail there is no event: a rule would only look like one.
func TestWithoutATrailNoRuleReplacesTheTasks(t *testing.T) {
	env := inspectorOnlyDev(t)
	for _, r := range resourcesOf(t, env, eventRule) {
		require.NotContains(t, jsonOf(t, r.Properties), "aws.secretsmanager", r)
	}
	require.Contains(t, eventRules(t, env), "DeploymentFailed")
}
