package test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// With AWS's own key alarms would go off and nobody would hear.
func TestCloudWatchMayUseTheKeyOfTheTopic(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		monitoring := env.stack(t, "monitoring")
		key := monitoring.id("AWS::KMS::Key")
		require.Equal(t, attribute(key, "Arn"), monitoring.one(topicKind).Properties["KmsMasterKeyId"])

		policy := at(t, monitoring.one("AWS::KMS::Key").Properties, "KeyPolicy")
		require.Contains(t, at(t, policy, "Statement"), props{
			"Effect":    "Allow",
			"Principal": props{"Service": "cloudwatch.amazonaws.com"},
			"Action":    []any{"kms:Decrypt", "kms:GenerateDataKey*"},
			"Resource":  "*",
			"Condition": ofThisAccount,
		})
		require.Contains(t, at(t, policy, "Statement"), props{
			"Effect":    "Allow",
			"Principal": props{"Service": "events.amazonaws.com"},
			"Action":    []any{"kms:Decrypt", "kms:GenerateDataKey*"},
			"Resource":  "*",
		}, "EventBridge is refused by any condition")
	})
}

func TestOnlyAlarmsOfThisAccountAndEventRulesMayPublish(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		topic := ref(env.stack(t, "monitoring").id(topicKind))
		var allowed []any
		for _, statement := range topicStatements(t, env) {
			if at(t, statement, "Effect") == "Allow" {
				statement := maps.Clone(statement.(props))
				delete(statement, "Sid")
				allowed = append(allowed, statement)
			}
		}
		require.Equal(t, []any{props{
			"Effect":    "Allow",
			"Principal": props{"Service": "cloudwatch.amazonaws.com"},
			"Action":    "sns:Publish",
			"Resource":  topic,
			"Condition": ofThisAccount,
		}, props{
			"Effect":    "Allow",
			"Principal": props{"Service": "events.amazonaws.com"},
			"Action":    "sns:Publish",
			"Resource":  topic,
		}}, allowed)
	})
}

var ofThisAccount = props{"StringEquals": props{"aws:SourceAccount": ref("AWS::AccountId")}}

func TestNobodyPublishesWithoutTLS(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.Contains(t, topicStatements(t, env), props{
			"Sid":       "AllowPublishThroughSSLOnly",
			"Effect":    "Deny",
			"Principal": "*",
			"Action":    "sns:Publish",
			"Resource":  ref(env.stack(t, "monitoring").id(topicKind)),
			"Condition": props{"Bool": props{"aws:SecureTransport": "false"}},
		})
	})
}

func topicStatements(t *testing.T, env *environment) []any {
	t.Helper()
	monitoring := env.stack(t, "monitoring")
	policy := monitoring.one("AWS::SNS::TopicPolicy").Properties
	require.Equal(t, []any{ref(monitoring.id(topicKind))}, policy["Topics"])
	return at(t, policy, "PolicyDocument", "Statement").([]any)
}

func TestEveryConfiguredAddressIsTold(t *testing.T) {
	const subscription = "AWS::SNS::Subscription"
	monitoring := unusualDev(t).stack(t, "monitoring")

	monitoring.count(subscription, 2)
	for _, address := range []string{"first@example.com", "second@example.com"} {
		monitoring.has(subscription, props{
			"Protocol": "email",
			"Endpoint": address,
			"TopicArn": ref(monitoring.id(topicKind)),
		})
	}
	reference(t, "dev").stack(t, "monitoring").count(subscription, 0)
}

// Systems Manager takes no other topic to ask for approval.
func TestNameOfTheTopicStartsWithAutomation(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		env.stack(t, "monitoring").has(topicKind, props{"TopicName": "Automation-" + env.Name()})
	})
}
