package test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestTheGuidesMetricsAreWatchedWithTheConfiguredThresholds(t *testing.T) {
	monitoring := unusualDev(t).stack(t, "monitoring")

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
		"refused database connections":    counted("RefusedDatabaseConnections", 3),
		"failed database connections":     counted("DatabaseConnectionFailures", 3),
		"failed sign-ins":                 counted("FailedAuthentications", 44),
		"injections seen by the code":     counted("SQLInjectionAttempts", 55),
		"injections seen by the database": counted("MalformedStatements", 55),
	} {
		t.Run(name, func(t *testing.T) {
			want["ComparisonOperator"] = "GreaterThanOrEqualToThreshold"
			template{monitoring.written, t}.has(alarmKind, want)
		})
	}
}

// counted returns the properties of an alarm on what a metric filter counts.
func counted(metric string, threshold int) props {
	return props{
		"Namespace": config.Project + "-dev", "MetricName": metric, "Statistic": "Sum",
		"Threshold": threshold, "Period": 300, "EvaluationPeriods": 1,
	}
}

func TestTheWebACLsSQLInjectionsAreWatchedWhereThereIsOne(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		alarms := env.stack(t, "monitoring").ofType(alarmKind)
		if env.Edge.WAF.Mode == config.WAFOff {
			require.NotContains(t, alarms, "SQLInjectionRuleMatches")
			return
		}
		require.Contains(t, alarms, "SQLInjectionRuleMatches")
		var names []any
		for _, metric := range metricsOf(alarms["SQLInjectionRuleMatches"]) {
			names = append(names, metric["MetricName"])
			require.Equal(t, env.Name()+"-sql-injection", pairs(t, metric["Dimensions"], "Name")["Rule"])
		}
		require.ElementsMatch(t, []any{"BlockedRequests", "CountedRequests"}, names)
	})
}

func TestUnusualTrafficIsWhatLiesAwayFromTheExpected(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		alarms := env.stack(t, "monitoring").ofType(alarmKind)
		if !env.Alarms.Extended {
			require.NotContains(t, alarms, "UnusualRequests")
			return
		}
		alarm := alarms["UnusualRequests"].Properties
		require.Equal(t, "LessThanLowerOrGreaterThanUpperThreshold", alarm["ComparisonOperator"])
		require.Equal(t, "ANOMALY_DETECTION_BAND(watched, 3)", queryOf(t, alarm, alarm["ThresholdMetricId"])["Expression"])
		require.Equal(t, "RequestCount", at(t, queryOf(t, alarm, "watched"), "MetricStat", "Metric", "MetricName"))
		require.NotContains(t, alarm, "Threshold", "AWS refuses both")
	})
}

// queryOf returns one of the queries of an alarm.
func queryOf(t *testing.T, alarm props, id any) props {
	t.Helper()
	for _, query := range at(t, alarm, "Metrics").([]any) {
		if query.(props)["Id"] == id {
			return query.(props)
		}
	}
	t.Fatalf("no query %v", id)
	return nil
}

func TestErrorRateCountsTheErrorsOfTasksAndLoadBalancer(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		alarm := env.stack(t, "monitoring").ofType(alarmKind)["ErrorRate"].Properties
		requireRequests(t, alarm)
		require.Equal(t, "100 * errors / all", queryOf(t, alarm, "result")["Expression"])
		require.Equal(t, "FILL(target, 0) + FILL(balancer, 0)", queryOf(t, alarm, "errors")["Expression"])
	})
}

// requireRequests checks what an alarm on the share of failed requests is
// calculated from.
func requireRequests(t *testing.T, alarm props) {
	t.Helper()
	require.Len(t, at(t, alarm, "Metrics"), 8)
	for id, name := range map[string]string{
		"target": "HTTPCode_Target_5XX_Count", "balancer": "HTTPCode_ELB_5XX_Count", "requests": "RequestCount",
		"unrouted": "HTTPCode_ELB_503_Count",
	} {
		query := queryOf(t, alarm, id)
		require.Equal(t, name, at(t, query, "MetricStat", "Metric", "MetricName"))
		require.Equal(t, "Sum", at(t, query, "MetricStat", "Stat"))
		require.Equal(t, false, query["ReturnData"])
	}
	require.Equal(t, true, queryOf(t, alarm, "result")["ReturnData"])
}

// An alarm on something that does not exist says OK for ever.
func TestEveryAlarmWatchesSomethingThatExists(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for _, alarm := range resourcesOf(t, env, alarmKind) {
			metrics := metricsOf(alarm.resource)
			require.NotEmpty(t, metrics, alarm)
			for _, metric := range metrics {
				requireExisting(t, env, alarm.stack, metric)
			}
		}
		for _, composite := range resourcesOf(t, env, compositeKind) {
			for _, part := range partsOf(t, env, composite) {
				require.Equal(t, alarmKind, env.resource(t, part).Type, composite)
			}
		}
	}
}

// metricsOf returns the metrics that an alarm takes from CloudWatch: everything
// that has a name and a namespace.
func metricsOf(alarm resource) (metrics []props) {
	walk(alarm.Properties, func(part any) {
		if metric, ok := part.(props); ok && metric["MetricName"] != nil {
			metrics = append(metrics, metric)
		}
	})
	return metrics
}

func requireExisting(t *testing.T, env *environment, stack string, metric props) {
	t.Helper()
	if dimensions, _ := metric["Dimensions"].([]any); len(dimensions) == 0 {
		requirePublished(t, env, stack, metric)
		return
	}
	for name, value := range pairs(t, metric["Dimensions"], "Name") {
		exists := dimensionsExist[name]
		require.NotNil(t, exists, "%s: no test knows what the dimension %s names: dimensionsExist of test/monitoring_alarms_test.go", metric["MetricName"], name)
		exists(t, env, stack, value)
	}
}

// dimensionsExist require that what a dimension names is there.
var dimensionsExist = map[string]func(t *testing.T, env *environment, stack string, value any){
	"LoadBalancer": referring(loadBalancer, "LoadBalancerFullName"),
	"TargetGroup":  referring(targetGroup, "TargetGroupFullName"),
	"ClusterName":  referring("AWS::ECS::Cluster", "Ref"),
	"ServiceName":  referring("AWS::ECS::Service", "Name"),
	"DBClusterIdentifier": whoseName(func(t *testing.T, env *environment) any {
		return env.stack(t, "data").one("AWS::RDS::DBCluster").Properties["DBClusterIdentifier"]
	}),
	"BackupVaultName": whoseName(func(t *testing.T, env *environment) any {
		return env.stack(t, "data").one("AWS::Backup::BackupVault").Properties["BackupVaultName"]
	}),
	"ResourceType": whoseName(func(*testing.T, *environment) any { return "Aurora" }),
	"TopicName": whoseName(func(t *testing.T, env *environment) any {
		return env.stack(t, "monitoring").one(topicKind).Properties["TopicName"]
	}),
	"FunctionName": whoseName(func(t *testing.T, env *environment) any { return rotationParameters(t, env)["functionName"] }),
	"Region":       whoseName(func(_ *testing.T, env *environment) any { return env.Region }),
	"WebACL": whoseName(func(t *testing.T, env *environment) any {
		return at(t, env.stack(t, "compute").one(webACL).Properties, "VisibilityConfig", "MetricName")
	}),
	"Rule": func(t *testing.T, env *environment, _ string, value any) {
		require.Contains(t, append(ruleMetrics(t, env), "ALL"), value) // ALL is all of them
	},
	"RuleName": func(t *testing.T, env *environment, stack string, value any) {
		require.Equal(t, eventRule, env.resource(t, env.source(t, stack, value)).Type)
	},
}

// referring requires a reference to an attribute of the only resource of a type in the
// compute stack.
func referring(kind, attribute string) func(*testing.T, *environment, string, any) {
	return func(t *testing.T, env *environment, stack string, value any) {
		t.Helper()
		want, got := env.only(t, "compute", kind, attribute), env.source(t, stack, value)
		if attribute == "Ref" {
			want.attribute = got.attribute
		}
		require.Equal(t, want, got)
	}
}

// whoseName requires a name that is known when the template is written.
func whoseName(name func(*testing.T, *environment) any) func(*testing.T, *environment, string, any) {
	return func(t *testing.T, env *environment, _ string, value any) {
		t.Helper()
		require.Equal(t, name(t, env), value)
	}
}

func ruleMetrics(t *testing.T, env *environment) (names []any) {
	t.Helper()
	for _, rule := range rulesOfWebACL(t, env.stack(t, "compute").one(webACL).Properties) {
		names = append(names, at(t, rule, "VisibilityConfig", "MetricName"))
	}
	return names
}

// requirePublished checks that a metric filter publishes the metric.
func requirePublished(t *testing.T, env *environment, stack string, metric props) {
	t.Helper()
	var published []props
	for _, filter := range env.stack(t, stack).ofType(metricFilter) {
		transformation := at(t, filter.Properties, "MetricTransformations", 0)
		published = append(published, props{
			"Namespace": at(t, transformation, "MetricNamespace"), "MetricName": at(t, transformation, "MetricName"),
		})
	}
	check := at(t, stepOf(t, env, "check-secret-age", "CountOldTasks"), "inputs", "InputPayload")
	published = append(published, props{"Namespace": at(t, check, "Namespace"), "MetricName": at(t, check, "Metric")})
	name := props{"Namespace": metric["Namespace"], "MetricName": metric["MetricName"]}
	if !slices.ContainsFunc(published, func(one props) bool { return equal(one, name) }) {
		t.Fatalf("an alarm of the stack %s watches %v %v, which nothing here publishes. Give a metric of AWS its dimensions, "+
			"and if requireExisting of test/monitoring_alarms_test.go does not know them, teach it those", stack, name["Namespace"], name["MetricName"])
	}
}

// partsOf returns the alarms that a composite alarm needs to be on together.
func partsOf(t *testing.T, env *environment, composite placed) (parts []origin) {
	t.Helper()
	for i, part := range at(t, composite.Properties["AlarmRule"], "Fn::Join", 1).([]any) {
		if i%2 == 0 {
			require.Contains(t, []string{`ALARM("`, `") AND ALARM("`, `")`}, part)
			continue
		}
		from := env.source(t, composite.stack, part)
		require.Equal(t, "Arn", from.attribute)
		parts = append(parts, from)
	}
	require.NotEmpty(t, parts, composite)
	return parts
}

// EventBridge does not try again what lacks a permission or a parameter.
func TestUndeliveredNotificationsRaiseAnAlarm(t *testing.T) {
	for _, env := range []*environment{reference(t, "staging"), reference(t, "prod"), shortLived(t, "prod")} {
		var rules, watched []string
		for _, rule := range resourcesOf(t, env, eventRule) {
			rules = append(rules, rule.id)
		}
		for _, alarm := range resourcesOf(t, env, alarmKind) {
			for _, metric := range metricsOf(alarm.resource) {
				if metric["MetricName"] == "FailedInvocations" {
					watched = append(watched, env.source(t, alarm.stack, pairs(t, metric["Dimensions"], "Name")["RuleName"]).id)
				}
			}
			require.LessOrEqual(t, len(metricsOf(alarm.resource)), 10, "%s: CloudWatch takes ten metrics in an alarm", alarm)
		}
		requireSame(t, rules, watched, "an alarm counts something other than a rule", "define the rule in a table of stacks/response, or hand it to monitoring.NewUndeliveredAlarms")
	}
}

// CDK gives the period of an expression to each metric in it.
func TestAnAlarmOnTwoSourcesHasThePeriodOfTheAlarmOnOne(t *testing.T) {
	periods := func(alarm props) []any {
		found := []any{alarm["Period"]}
		for _, metric := range asList(alarm["Metrics"]) {
			if stat, ok := metric.(props)["MetricStat"]; ok {
				found = append(found, stat.(props)["Period"])
			}
		}
		return slices.Compact(slices.DeleteFunc(found, func(period any) bool { return period == nil }))
	}
	ones := reference(t, "prod").stack(t, "monitoring").ofType(alarmKind)
	for _, env := range []*environment{canaryProd(t), vpcOriginProd(t)} {
		for id, alarm := range env.stack(t, "monitoring").ofType(alarmKind) {
			if one, ok := ones[id]; ok {
				require.Equal(t, periods(one.Properties), periods(alarm.Properties), id)
			}
		}
	}
}
