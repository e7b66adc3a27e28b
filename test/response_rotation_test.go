package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ruleFor returns the rule for an event, by the event's name or the source.
func ruleFor(t *testing.T, env *environment, event string) props {
	t.Helper()
	for _, r := range resourcesOf(t, env, eventRule) {
		found := false
		walk(r.Properties["EventPattern"], func(part any) { found = found || part == event })
		if found {
			return r.Properties
		}
	}
	t.Fatalf("no rule for %s", event)
	return nil
}

// secretOf returns the secret that the tasks are given, as the exports name it.
func secretOf(t *testing.T, env *environment) origin {
	t.Helper()
	return origin{"data", env.stack(t, "data").id("AWS::SecretsManager::SecretTargetAttachment"), ""}
}

func serviceOf(t *testing.T, env *environment) origin {
	t.Helper()
	return origin{"compute", env.stack(t, "compute").id("AWS::ECS::Service"), ""}
}

// Running tasks keep the old password, which no longer opens a connection.
func TestARotatedPasswordReplacesTheTasks(t *testing.T) {
	inAllEnvironments(t, func(t *testing.T, env *environment) {
		rule := ruleFor(t, env, "RotationSucceeded")
		requireRotationOfTheSecret(t, env, rule, "RotationSucceeded")
		target := at(t, rule, "Targets", 0).(props)
		require.True(t, strings.HasSuffix(readable(t, env, target["Arn"]), ":automation-definition/ReplaceTasks:$DEFAULT"))
		require.NotContains(t, rule, "State")
	})
}

func requireRotationOfTheSecret(t *testing.T, env *environment, rule props, event string) {
	t.Helper()
	pattern := at(t, rule, "EventPattern").(props)
	require.Equal(t, []any{"aws.secretsmanager"}, pattern["source"])
	require.Equal(t, []any{"AWS Service Event via CloudTrail"}, pattern["detail-type"])
	require.Equal(t, []any{"secretsmanager.amazonaws.com"}, at(t, pattern, "detail", "eventSource"))
	require.Equal(t, []any{event}, at(t, pattern, "detail", "eventName"))
	secret := at(t, pattern, "detail", "additionalEventData", "SecretId")
	require.Equal(t, []origin{secretOf(t, env)}, env.origins(t, secret))
}

func TestReplacingTheTasksIsADeploymentThatIsWaitedFor(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		start := stepOf(t, env, "replace-tasks", "StartDeployment")
		require.Subset(t, start["inputs"], props{"Service": "ecs", "Api": "UpdateService", "forceNewDeployment": true})
		require.NotContains(t, start["inputs"], "taskDefinition", "what runs stays what the template says")
		wait := stepOf(t, env, "replace-tasks", "WaitForTasks")
		require.Equal(t, "aws:waitForAwsResourceProperty", wait["action"])
		require.Greater(t, wait["timeoutSeconds"], 600.0, "tasks take minutes to become healthy and to drain")
	})
}

// Without a trail there is no event: a rule would only look like one.
func TestWithoutATrailNoRuleReplacesTheTasks(t *testing.T) {
	env := inspectorOnlyDev(t)
	for _, r := range resourcesOf(t, env, eventRule) {
		require.NotContains(t, jsonOf(t, r.Properties), "aws.secretsmanager", r)
	}
	ruleFor(t, env, "SERVICE_DEPLOYMENT_FAILED")
}

func TestFailedRotationsAndDeploymentsNotify(t *testing.T) {
	inAllEnvironments(t, func(t *testing.T, env *environment) {
		requireRotationOfTheSecret(t, env, ruleFor(t, env, "RotationFailed"), "RotationFailed")

		deployment := ruleFor(t, env, "SERVICE_DEPLOYMENT_FAILED")
		require.Equal(t, []origin{serviceOf(t, env)}, env.origins(t, at(t, deployment, "EventPattern", "resources")))

		for _, rule := range []props{ruleFor(t, env, "RotationFailed"), deployment} {
			target := at(t, rule, "Targets", 0).(props)
			require.Equal(t, "AlarmsTopic", readable(t, env, target["Arn"]))
			require.NotContains(t, target, "RoleArn", "a role could not use the topic's key")
			require.Equal(t, rule["Description"], mailOf(t, env, "", target["InputTransformer"]).lines[0])
		}
	})
}
