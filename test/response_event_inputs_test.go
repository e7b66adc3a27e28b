package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A rule that leaves a parameter out, or has a value that the runbook refuses, starts
// nothing, and nobody hears of it.
func TestTheInputOfAnEventRuleFitsItsRunbook(t *testing.T) {
	started := map[*environment]bool{}
	for env, r := range resourcesIn(t, allEnvironments(t), eventRule) {
		events := eventsFor[readableID(r.id)].matching
		if r.Properties["ScheduleExpression"] != nil {
			events = []props{nil}
		}
		for _, target := range asList(r.Properties["Targets"]) {
			if name, ok := startedRunbook(t, env, target); ok {
				require.NotEmpty(t, events, r)
				started[env] = true
				parameters, _ := runbookContent(t, env, name)["parameters"].(props)
				for _, event := range events {
					requireTaken(t, parameters, inputOf(t, target, event))
				}
			}
		}
	}
	require.Len(t, started, len(allEnvironments(t)))
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
		require.Len(t, values, 1, name)
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
	for name, parameter := range parameters {
		if parameter.(props)["default"] == nil {
			require.Contains(t, input, name)
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
