package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// budgetAlarms are the windows of each alarm on the error budget, the long one
// first: how fast the budget is used, in minutes and periods in a row.
// https://sre.google/workbook/alerting-on-slos/
var budgetAlarms = map[string]struct {
	speed       float64
	long, short [2]float64
}{
	"ErrorBudgetFast":   {14.4, [2]float64{60, 1}, [2]float64{5, 1}},
	"ErrorBudgetSteady": {6, [2]float64{360, 1}, [2]float64{30, 1}},
	"ErrorBudgetSlow":   {1, [2]float64{1440, 3}, [2]float64{360, 1}},
}

func TestErrorBudgetIsWatchedInTwoWindowsEach(t *testing.T) {
	for _, env := range []*environment{reference(t, "staging"), reference(t, "prod"), unusualStaging(t)} {
		composites := resourcesOf(t, env, compositeKind)
		require.Len(t, composites, len(budgetAlarms))
		for _, composite := range composites {
			want := budgetAlarms[composite.id]
			parts := partsOf(t, env, composite)
			require.Len(t, parts, 2)
			for i, window := range [][2]float64{want.long, want.short} {
				alarm := env.resource(t, parts[i]).Properties
				requireRequests(t, alarm)
				require.InDelta(t, want.speed*(100-env.SLO.AvailabilityPercent), alarm["Threshold"], 1e-4)
				require.Equal(t, window[0]*60, at(t, queryOf(t, alarm, "requests"), "MetricStat", "Period"))
				require.Equal(t, window[1], alarm["EvaluationPeriods"])
			}
		}
	}
}

// AWS sums up at most a day, and looks back seven days, but one day where a
// period is shorter than an hour.
func TestNoAlarmLooksBackFurtherThanCloudWatchAllows(t *testing.T) {
	for _, alarm := range resourcesIn(t, allEnvironments(t), alarmKind) {
		period := periodOf(alarm.resource)
		require.NotZero(t, period, alarm)
		require.LessOrEqual(t, period, 86400.0, alarm)
		furthest := 7 * 86400.0
		if period < 3600 {
			furthest = 86400
		}
		require.LessOrEqual(t, period*at(t, alarm.Properties, "EvaluationPeriods").(float64), furthest, alarm)
	}
}

// periodOf returns the length of an alarm's periods in seconds, the longest of all.
func periodOf(alarm resource) (longest float64) {
	walk(alarm.Properties, func(part any) {
		if object, ok := part.(props); ok {
			if seconds, ok := object["Period"].(float64); ok {
				longest = max(longest, seconds)
			}
		}
	})
	return longest
}

// One error of two requests at night wakes nobody.
func TestFewRequestsUseUpNoErrorBudget(t *testing.T) {
	env := unusualStaging(t)
	for _, composite := range resourcesOf(t, env, compositeKind) {
		for _, part := range partsOf(t, env, composite) {
			require.Equal(t, "IF(all >= 40, 100 * errors / all, 0)", queryOf(t, env.resource(t, part).Properties, "result")["Expression"])
		}
	}
}

// The alarm must exist before the service that names it, so it is in the same
// stack; it is the short window of the fastest burn.
func TestADeploymentThatFailsTooManyRequestsIsTakenBack(t *testing.T) {
	for _, env := range allEnvironments(t) {
		alarm := env.resource(t, deploymentAlarm(t, env)).Properties
		requireRequests(t, alarm)
		require.InDelta(t, 14.4*(100-env.SLO.AvailabilityPercent), alarm["Threshold"], 1e-4)
		require.Equal(t, 300.0, at(t, queryOf(t, alarm, "requests"), "MetricStat", "Period"))
		require.Equal(t, true, alarm["ActionsEnabled"], "ECS looks at the state, not at the actions")
	}
}

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
