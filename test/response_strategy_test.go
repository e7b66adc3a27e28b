package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The tasks that they replace have an old password, or are what an incident is about.
func TestDeploymentsOfRunbooksSendAllRequestsAtOnceAndRestoreTheStrategy(t *testing.T) {
	env := canaryProd(t)
	template := asAPI(at(t, env.stack(t, "compute").one(service).Properties, "DeploymentConfiguration")).(props)
	alarms := template["alarms"].(props)["alarmNames"].([]any)
	for _, runbook := range []string{"replace-tasks", "roll-back-service"} {
		steps := map[string]props{}
		var order []string
		for _, step := range stepsOf(t, env, runbook) {
			steps[step["name"].(string)] = step
			order = append(order, step["name"].(string))
		}
		configuration := func(step string) props { return at(t, steps[step], "inputs", "deploymentConfiguration").(props) }
		started, restored := configuration("StartDeployment"), configuration("RestoreStrategy")
		for _, each := range []props{started, restored} {
			require.Len(t, each["alarms"].(props)["alarmNames"], len(alarms), runbook)
			each["alarms"].(props)["alarmNames"] = alarms // the template refers to them, the runbook has names
		}
		require.Equal(t, template, restored, runbook)
		require.Equal(t, "BLUE_GREEN", started["strategy"], runbook)
		require.EqualValues(t, 0, started["bakeTimeInMinutes"], runbook)
		require.Contains(t, strings.Join(order, " "), "StartDeployment WaitForStart WaitForTasks RestoreStrategy", runbook)
		require.Equal(t, "step:RestoreStrategy", steps["WaitForTasks"]["onFailure"], "%s: a deployment that does not end", runbook)

		for _, step := range stepsOf(t, reference(t, "prod"), runbook) {
			require.NotEqual(t, "RestoreStrategy", step["name"], "%s: nothing to restore", runbook)
			require.NotContains(t, step["inputs"], "deploymentConfiguration", runbook)
		}
	}
}

// asAPI returns what CloudFormation calls a property as the API of ECS does.
func asAPI(value any) any {
	in, nested := value.(props)
	if !nested {
		return value
	}
	out := props{}
	for key, inner := range in {
		out[strings.ToLower(key[:1])+key[1:]] = asAPI(inner)
	}
	return out
}
