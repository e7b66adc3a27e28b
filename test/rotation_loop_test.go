package test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

const (
	document  = "AWS::SSM::Document"
	eventRule = "AWS::Events::Rule"
)

// withRestarts are the environments in whose account there is a trail.
func withRestarts(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	everywhere(t, check)
	t.Run("pr-17 from dev", func(t *testing.T) { check(t, shortLived(t, "dev")) })
}

// ruleFor is the rule for an event, by the event's name or the source.
func ruleFor(t *testing.T, env *environment, event string) props {
	t.Helper()
	for _, r := range env.stack(t, "monitoring").resources(eventRule) {
		found := false
		walk(r.Properties["EventPattern"], func(part any) { found = found || part == event })
		if found {
			return r.Properties
		}
	}
	t.Fatalf("no rule for %s", event)
	return nil
}

// secretOf is the secret that the tasks are given, as the exports name it.
func secretOf(t *testing.T, env *environment) origin {
	t.Helper()
	return origin{"data", env.stack(t, "data").id("AWS::SecretsManager::SecretTargetAttachment"), ""}
}

func serviceOf(t *testing.T, env *environment) origin {
	t.Helper()
	return origin{"compute", env.stack(t, "compute").id("AWS::ECS::Service"), ""}
}

// Running tasks keep the old password, which no longer opens a connection.
func TestARotatedPasswordRestartsTheTasks(t *testing.T) {
	withRestarts(t, func(t *testing.T, env *environment) {
		rule := ruleFor(t, env, "RotationSucceeded")
		requireRotationOfTheSecret(t, env, rule, "RotationSucceeded")
		target := at(t, rule, "Targets", 0).(props)
		require.True(t, strings.HasSuffix(readable(t, env, target["Arn"]), ":automation-definition/RestartTasks:$DEFAULT"))
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

func TestRestartIsADeploymentThatIsWaitedFor(t *testing.T) {
	content := at(t, shipped(t, "dev").stack(t, "monitoring").one(document).Properties, "Content")
	steps := at(t, content, "mainSteps").([]any)
	require.Len(t, steps, 2)
	require.Subset(t, at(t, steps[0], "inputs"), props{"Service": "ecs", "Api": "UpdateService", "forceNewDeployment": true})
	require.NotContains(t, at(t, steps[0], "inputs"), "taskDefinition", "what runs stays what the template says")
	require.Equal(t, "aws:waitForAwsResourceProperty", at(t, steps[1], "action"))
	require.Equal(t, []any{"COMPLETED"}, at(t, steps[1], "inputs", "DesiredValues"))
	require.Greater(t, at(t, steps[1], "timeoutSeconds"), 600.0, "tasks take minutes to become healthy and to drain")
}

// A name cannot be replaced, and a deploy that tries fails.
func TestAChangedDocumentBecomesANewVersion(t *testing.T) {
	withRestarts(t, func(t *testing.T, env *environment) {
		env.stack(t, "monitoring").has(document, props{
			"Name":           "catalog-api-" + env.Suffix + "-restart-tasks",
			"DocumentType":   "Automation",
			"DocumentFormat": "YAML",
			"UpdateMethod":   "NewVersion",
		})
	})
}

// A rule that leaves one out does nothing, and says nothing.
func TestRestartIsGivenEveryParameterAndNoOther(t *testing.T) {
	withRestarts(t, func(t *testing.T, env *environment) {
		var given map[string][]string
		input := readable(t, env, at(t, ruleFor(t, env, "RotationSucceeded"), "Targets", 0, "Input"))
		require.NoError(t, json.Unmarshal([]byte(input), &given))
		content := at(t, env.stack(t, "monitoring").one(document).Properties, "Content")
		parameters := at(t, content, "parameters").(props)
		require.Len(t, given, len(parameters))
		for name := range parameters {
			require.Len(t, given[name], 1, name)
		}
		used := map[string]bool{}
		walk(content, func(part any) {
			for _, use := range regexp.MustCompile(`\{\{ (\w+) \}\}`).FindAllStringSubmatch(stringOf(part), -1) {
				used[use[1]] = true
			}
		})
		require.Len(t, used, len(parameters))
	})
}

func stringOf(value any) string {
	text, _ := value.(string)
	return text
}

func TestRestartMayDoNothingElse(t *testing.T) {
	withRestarts(t, func(t *testing.T, env *environment) {
		require.Equal(t, []string{
			"monitoring RestartRolePolicy for RestartRole allows ecs:DescribeServices, ecs:UpdateService on ApiService",
		}, linesOf(identityStatements(t, env, "RestartRole")))
		require.Equal(t, []string{
			"monitoring RestartEventRolePolicy for RestartEventRole allows iam:PassRole on RestartRole.Arn if StringEquals iam:PassedToService ssm.amazonaws.com",
			"monitoring RestartEventRolePolicy for RestartEventRole allows ssm:StartAutomationExecution on " +
				"arn:aws:ssm:eu-north-1:ACCOUNT:automation-definition/RestartTasks:*, arn:aws:ssm:eu-north-1:ACCOUNT:document/RestartTasks",
		}, linesOf(identityStatements(t, env, "RestartEventRole")))
	})
}

// Without a trail there is no event: a rule would only look like one.
func TestWithoutATrailNothingPretendsToRestartTheTasks(t *testing.T) {
	env := changed(t, "dev", func(cfg *config.Config) { cfg.Audit.Trail = config.OwnershipOff })

	env.stack(t, "monitoring").count(document, 0)
	env.stack(t, "monitoring").count(eventRule, 1)
	ruleFor(t, env, "SERVICE_DEPLOYMENT_FAILED")
}

func TestFailedRotationsRestartsAndDeploymentsAreTold(t *testing.T) {
	withRestarts(t, func(t *testing.T, env *environment) {
		monitoring := env.stack(t, "monitoring")
		requireRotationOfTheSecret(t, env, ruleFor(t, env, "RotationFailed"), "RotationFailed")

		restart := ruleFor(t, env, "EC2 Automation Execution Status-change Notification")
		require.Equal(t, props{"Definition": []any{ref(monitoring.id(document))}, "Status": []any{"Failed", "TimedOut"}},
			at(t, restart, "EventPattern", "detail"))

		deployment := ruleFor(t, env, "SERVICE_DEPLOYMENT_FAILED")
		require.Equal(t, []origin{serviceOf(t, env)}, env.origins(t, at(t, deployment, "EventPattern", "resources")))

		for _, rule := range []props{ruleFor(t, env, "RotationFailed"), restart, deployment} {
			target := at(t, rule, "Targets", 0).(props)
			require.Equal(t, ref(monitoring.id(topicKind)), target["Arn"])
			require.NotContains(t, target, "RoleArn", "a role could not use the topic's key")
			message := at(t, target, "InputTransformer", "InputTemplate").(string)
			require.Contains(t, message, rule["Description"])
			require.True(t, json.Valid([]byte(message)), message)
		}
	})
}
