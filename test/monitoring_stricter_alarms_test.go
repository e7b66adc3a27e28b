package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stricterAlarms returns the alarms whose actions are disabled until an incident,
// each with the alarm that it is stricter than.
func stricterAlarms(t *testing.T, env *environment) map[string]string {
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

func TestAStricterAlarmWatchesTheSameMetric(t *testing.T) {
	for _, env := range allEnvironments(t) {
		alarms := env.stack(t, "monitoring").ofType(alarmKind)
		for id, original := range stricterAlarms(t, env) {
			stricter, enabled := alarms[id].Properties, alarms[original].Properties
			require.Equal(t, true, enabled["ActionsEnabled"], original)
			for _, same := range []string{"Namespace", "MetricName", "Dimensions", "Statistic", "Period", "Metrics", "ComparisonOperator",
				"AlarmActions"} {
				require.Equal(t, enabled[same], stricter[same], "%s: %s", id, same)
			}
			threshold, periods := stricter["Threshold"].(float64), stricter["EvaluationPeriods"].(float64)
			require.Greater(t, threshold, 0.0, id)
			require.LessOrEqual(t, threshold, enabled["Threshold"], id)
			require.LessOrEqual(t, periods, enabled["EvaluationPeriods"], id)
			require.Less(t, threshold*periods, enabled["Threshold"].(float64)*enabled["EvaluationPeriods"].(float64), id)
		}
	}
}

// It has no runbook that could enable them.
func TestAShortLivedEnvironmentHasNoStricterAlarms(t *testing.T) {
	env := shortLived(t, "prod")
	require.Empty(t, stricterAlarms(t, env))
	require.Empty(t, env.Monitoring.StricterAlarms)
	require.Empty(t, env.stack(t, "compute").ofType(healthCheck))
	dashboard := env.stack(t, "monitoring").one("AWS::CloudWatch::Dashboard")
	require.NotContains(t, jsonOf(t, dashboard.Properties), "Stricter")
}
