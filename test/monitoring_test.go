package test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

const (
	alarmKind    = "AWS::CloudWatch::Alarm"
	topicKind    = "AWS::SNS::Topic"
	metricFilter = "AWS::Logs::MetricFilter"
)

// watched is dev with thresholds and addresses of its own: the shipped
// environments leave them at their defaults.
func watched(t *testing.T) *environment {
	t.Helper()
	const key = "dev with alarm settings"
	if synthesized[key] == nil {
		synthesized[key] = changed(t, "dev", func(cfg *config.Config) {
			cfg.Alarms = config.Alarms{
				Emails:            []string{"first@example.com", "second@example.com"},
				ErrorRatePercent:  2.5,
				RequestsPerMinute: 777,
				DatabaseFailures:  3,
			}
		})
	}
	return synthesized[key]
}

// With AWS's own key alarms would go off and nobody would hear.
func TestCloudWatchMayUseTheKeyOfTheTopic(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
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
	everywhere(t, func(t *testing.T, env *environment) {
		topic := ref(env.stack(t, "monitoring").id(topicKind))
		var allowed []any
		for _, statement := range topicStatements(t, env) {
			if at(t, statement, "Effect") == "Allow" {
				delete(statement.(props), "Sid")
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
	everywhere(t, func(t *testing.T, env *environment) {
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
	monitoring := watched(t).stack(t, "monitoring")

	monitoring.count(subscription, 2)
	for _, address := range []string{"first@example.com", "second@example.com"} {
		monitoring.has(subscription, props{
			"Protocol": "email",
			"Endpoint": address,
			"TopicArn": ref(monitoring.id(topicKind)),
		})
	}
	shipped(t, "dev").stack(t, "monitoring").count(subscription, 0)
}

func TestTheGuidesMetricsAndTheRotationAreWatched(t *testing.T) {
	monitoring := watched(t).stack(t, "monitoring")

	monitoring.count(alarmKind, 5)
	for name, want := range map[string]props{
		"failed health checks": {
			"Namespace": "AWS/ApplicationELB", "MetricName": "UnHealthyHostCount", "Statistic": "Maximum",
			"Threshold": 1, "Period": 60, "EvaluationPeriods": 3,
		},
		"high error rate": {
			"Metrics":   including(props{"Label": "5xx (%)", "ReturnData": true}),
			"Threshold": 2.5, "EvaluationPeriods": 2,
		},
		"unusual traffic": {
			"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount", "Statistic": "Sum",
			"Threshold": 777, "Period": 60, "EvaluationPeriods": 3,
		},
		"refused database connections": {
			"Namespace": "catalog-api-dev", "MetricName": "RefusedDatabaseConnections", "Statistic": "Sum",
			"Threshold": 3, "Period": 300, "EvaluationPeriods": 1,
		},
		"failed rotation": {
			"Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum",
			"Threshold": 1, "Period": 300, "EvaluationPeriods": 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			want["ComparisonOperator"] = "GreaterThanOrEqualToThreshold"
			template{monitoring.Template, t}.has(alarmKind, want)
		})
	}
}

// Without load there is no metric, and that is no alarm.
func TestEveryAlarmTellsTheTopicWhenItStartsAndEnds(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		monitoring := env.stack(t, "monitoring")
		topic := []any{ref(monitoring.id(topicKind))}
		for id, alarm := range monitoring.resources(alarmKind) {
			require.Equal(t, topic, alarm.Properties["AlarmActions"], id)
			require.Equal(t, topic, alarm.Properties["OKActions"], id)
			require.NotEqual(t, false, alarm.Properties["ActionsEnabled"], id)
			require.NotEmpty(t, alarm.Properties["AlarmDescription"], id)
			require.Equal(t, "notBreaching", alarm.Properties["TreatMissingData"], id)
		}
	})
}

func TestErrorRateCountsTheErrorsOfTasksAndLoadBalancer(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		names := map[any]any{}
		var expression string
		for _, query := range errorRateQueries(t, env) {
			if query["Expression"] != nil {
				expression = query["Expression"].(string)
				continue
			}
			names[query["Id"]] = at(t, query, "MetricStat", "Metric", "MetricName")
			require.Equal(t, "Sum", at(t, query, "MetricStat", "Stat"))
			require.Equal(t, false, query["ReturnData"])
		}
		require.Equal(t, map[any]any{
			"target":   "HTTPCode_Target_5XX_Count",
			"balancer": "HTTPCode_ELB_5XX_Count",
			"requests": "RequestCount",
		}, names)
		require.Equal(t, "100 * (FILL(target, 0) + FILL(balancer, 0)) / (FILL(requests, 0) + FILL(balancer, 0))", expression,
			"the load balancer's own errors are not among the requests: without them an outage would divide by nothing")
	})
}

// errorRateQueries are those of the one alarm that calculates.
func errorRateQueries(t *testing.T, env *environment) (queries []props) {
	t.Helper()
	for _, alarm := range env.stack(t, "monitoring").resources(alarmKind) {
		list, _ := alarm.Properties["Metrics"].([]any)
		for _, query := range list {
			queries = append(queries, query.(props))
		}
	}
	require.Len(t, queries, 4)
	return queries
}

// An alarm on something that does not exist says OK for ever.
func TestEveryAlarmWatchesSomethingThatExists(t *testing.T) {
	check := func(t *testing.T, env *environment) {
		for id, alarm := range env.stack(t, "monitoring").resources(alarmKind) {
			metrics := metricsOf(alarm)
			require.NotEmpty(t, metrics, id)
			for _, metric := range metrics {
				requireExisting(t, env, metric)
			}
		}
	}
	everywhere(t, check)
	t.Run("pr-17 from dev", func(t *testing.T) { check(t, shortLived(t, "dev")) })
}

// metricsOf are the metrics that an alarm takes from CloudWatch: everything
// that has a name and a namespace.
func metricsOf(alarm resource) (metrics []props) {
	walk(alarm.Properties, func(part any) {
		if metric, ok := part.(props); ok && metric["MetricName"] != nil {
			metrics = append(metrics, metric)
		}
	})
	return metrics
}

func requireExisting(t *testing.T, env *environment, metric props) {
	t.Helper()
	if metric["Dimensions"] == nil {
		requirePublished(t, env, metric)
		return
	}
	for name, value := range pairs(t, metric["Dimensions"], "Name", "Value") {
		switch name {
		case "LoadBalancer":
			requireMeasured(t, env, value, map[string]string{loadBalancer: "LoadBalancerFullName", listener: ""})
		case "TargetGroup":
			requireMeasured(t, env, value, map[string]string{targetGroup: "TargetGroupFullName"})
		case "FunctionName":
			require.Equal(t, rotationParameters(t, env)["functionName"], value)
		default:
			t.Errorf("%s: no test knows what the dimension %s names", metric["MetricName"], name)
		}
	}
}

// requirePublished checks that a metric filter publishes the metric.
func requirePublished(t *testing.T, env *environment, metric props) {
	t.Helper()
	published := at(t, env.stack(t, "monitoring").one(metricFilter).Properties, "MetricTransformations", 0)
	require.Equal(t, metric["Namespace"], at(t, published, "MetricNamespace"))
	require.Equal(t, metric["MetricName"], at(t, published, "MetricName"))
}

// requireMeasured checks that a value comes from the compute stack, and from
// resources of certain types by a certain attribute.
func requireMeasured(t *testing.T, env *environment, value any, attributeOf map[string]string) {
	t.Helper()
	origins := env.origins(t, value)
	require.NotEmpty(t, origins)
	for _, from := range origins {
		require.Equal(t, "compute", from.stack)
		kind := env.resource(t, from).Type
		require.Contains(t, attributeOf, kind)
		require.Equal(t, attributeOf[kind], from.attribute)
	}
}

func TestRefusedConnectionsAreFoundInTheDatabasesLog(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		filter := env.stack(t, "monitoring").one(metricFilter).Properties
		logs := env.stack(t, "data").id(logGroup)
		require.Equal(t, []origin{{"data", logs, ""}}, env.origins(t, filter["LogGroupName"]))
		require.Equal(t, strings.Join([]string{
			`?"password authentication failed"`,
			`?"PAM authentication failed"`,
			`?"no pg_hba.conf entry"`,
			`?"remaining connection slots are reserved"`,
			`?"too many clients already"`,
		}, " "), filter["FilterPattern"])
		require.Subset(t, at(t, filter, "MetricTransformations", 0), props{"MetricValue": "1", "DefaultValue": 0.0})
	})
}

func TestDashboardShowsEveryAlarmAndWhatItWatches(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		monitoring := env.stack(t, "monitoring")
		var status, charts []string
		for _, widget := range widgets(t, monitoring) {
			if widget.Type == "alarm" {
				status = append(status, widget.Properties.Alarms...)
			} else {
				charts = append(charts, widget.Properties.Annotations.Alarms...)
			}
		}
		alarms := slices.Collect(maps.Keys(monitoring.resources(alarmKind)))
		require.ElementsMatch(t, alarms, status)
		require.ElementsMatch(t, alarms, charts)
	})
}

type widget struct {
	Type       string
	Properties struct {
		Alarms      []string
		Annotations struct{ Alarms []string }
	}
}

// widgets are those of the dashboard. Where the template names the ARN of a
// resource they have its logical id.
func widgets(t *testing.T, monitoring template) []widget {
	t.Helper()
	var text strings.Builder
	for _, part := range at(t, monitoring.one("AWS::CloudWatch::Dashboard").Properties, "DashboardBody", "Fn::Join", 1).([]any) {
		switch part := part.(type) {
		case string:
			text.WriteString(part)
		case props:
			if part["Fn::GetAtt"] != nil {
				require.Equal(t, "Arn", at(t, part, "Fn::GetAtt", 1))
				text.WriteString(at(t, part, "Fn::GetAtt", 0).(string))
			}
		}
	}
	var dashboard struct{ Widgets []widget }
	require.NoError(t, json.Unmarshal([]byte(text.String()), &dashboard))
	return dashboard.Widgets
}
