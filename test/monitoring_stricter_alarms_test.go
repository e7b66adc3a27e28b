package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// twins are the alarms that stay disarmed until an incident, with the one that
// each is a twin of.
func twins(t *testing.T, env *environment) map[string]string {
	t.Helper()
	found := map[string]string{}
	for id, alarm := range env.stack(t, "monitoring").ofType(alarmKind) {
		if alarm.Properties["ActionsEnabled"] == false {
			require.True(t, strings.HasSuffix(id, "Stricter"), id)
			found[id] = strings.TrimSuffix(id, "Stricter")
		}
	}
	return found
}

func TestEverySecurityAlarmHasATwinThatWaitsForAnIncident(t *testing.T) {
	for _, suffix := range []string{"staging", "prod"} {
		var of []string
		for _, original := range twins(t, reference(t, suffix)) {
			of = append(of, original)
		}
		requireSame(t, []string{
			"UnhealthyTasks", "ErrorRate", "RequestCount", "RefusedDatabaseConnections", "DatabaseConnectionFailures",
			"FailedAuthentications", "SQLInjectionAttempts", "MalformedStatements", "SQLInjectionRuleMatches", "WebACLFlood",
		}, of, "An alarm of securityAlarms in stacks/monitoring/security.go: if an incident should make it stricter, add it to this list in test/monitoring_stricter_alarms_test.go",
			"No alarm of securityAlarms in stacks/monitoring/security.go any more: if an incident need not make it stricter, take it off this list in test/monitoring_stricter_alarms_test.go")
	}
}

func TestATwinWatchesTheSameMoreStrictly(t *testing.T) {
	for _, env := range allEnvironments(t) {
		alarms := env.stack(t, "monitoring").ofType(alarmKind)
		for id, original := range twins(t, env) {
			twin, armed := alarms[id].Properties, alarms[original].Properties
			require.Equal(t, true, armed["ActionsEnabled"], original)
			for _, same := range []string{"Namespace", "MetricName", "Dimensions", "Statistic", "Period", "Metrics", "ComparisonOperator", "AlarmActions"} {
				require.Equal(t, armed[same], twin[same], "%s: %s", id, same)
			}
			threshold, periods := twin["Threshold"].(float64), twin["EvaluationPeriods"].(float64)
			require.Greater(t, threshold, 0.0, id)
			require.LessOrEqual(t, threshold, armed["Threshold"], id)
			require.LessOrEqual(t, periods, armed["EvaluationPeriods"], id)
			require.Less(t, threshold*periods, armed["Threshold"].(float64)*armed["EvaluationPeriods"].(float64), id)
		}
	}
}

// It has no runbook that could arm them.
func TestAShortLivedEnvironmentHasNoTwins(t *testing.T) {
	env := shortLived(t, "prod")
	require.Empty(t, twins(t, env))
	require.Empty(t, env.Monitoring.StricterAlarms)
	dashboard := env.stack(t, "monitoring").one("AWS::CloudWatch::Dashboard")
	require.NotContains(t, jsonOf(t, dashboard.Properties), "Stricter")
}

// The runbook that arms them is given their names.
func TestMonitoringNamesItsTwins(t *testing.T) {
	env := reference(t, "prod")
	var names []string
	for _, name := range env.Monitoring.StricterAlarms {
		names = append(names, jsonOf(t, env.Monitoring.Resolve(name)))
	}
	var want []string
	for id := range twins(t, env) {
		want = append(want, jsonOf(t, ref(id)))
	}
	requireSame(t, want, names, "Monitoring.StricterAlarms names what is no twin", "Monitoring.StricterAlarms lacks a twin, so nobody arms it")
}
