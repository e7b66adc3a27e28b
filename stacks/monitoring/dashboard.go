package monitoring

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/alerting"
	"catalog-infra/stacks/internal/environment"
)

// shown is an alarm on the dashboard.
type shown struct {
	title    string
	severity alerting.Severity
	arn      *string

	// charted reports whether the alarm's metric has a chart, which a composite
	// alarm cannot have.
	charted bool
}

// newDashboard defines the dashboard: the state of the alarms, the most severe
// first, then a chart of each alarm's metric. The stricter alarms have no charts:
// they share the metrics of the others.
func newDashboard(stack awscdk.Stack, env environment.Environment, enabled, stricter []shown) {
	widgets := []any{}
	for _, group := range []struct {
		severity alerting.Severity
		meaning  string
	}{
		{alerting.Critical, "the person on call is woken"}, {alerting.High, "the same day"}, {alerting.Medium, "the next working day"},
	} {
		title := fmt.Sprintf("%s: %s", group.severity, group.meaning)
		widgets = appendStatus(widgets, title, of(enabled, group.severity))
	}
	widgets = appendStatus(widgets, "Stricter alarms, enabled during an incident", stricter)
	for _, alarm := range enabled {
		if alarm.charted {
			widgets = append(widgets, chart(env, alarm))
		}
	}
	awscloudwatch.NewCfnDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: &env.Name,
		DashboardBody: stack.ToJsonString(map[string]any{"widgets": widgets}, nil),
	})
}

func of(alarms []shown, severity alerting.Severity) []shown {
	var found []shown
	for _, alarm := range alarms {
		if alarm.severity == severity {
			found = append(found, alarm)
		}
	}
	return found
}

// appendStatus adds a widget with the state of the alarms, six in a row of the
// grid of 24 columns.
func appendStatus(widgets []any, title string, alarms []shown) []any {
	if len(alarms) == 0 {
		return widgets
	}
	var arns []*string
	for _, alarm := range alarms {
		arns = append(arns, alarm.arn)
	}
	return append(widgets, map[string]any{
		"type": "alarm", "width": 24, "height": 1 + (len(alarms)+5)/6,
		"properties": map[string]any{"title": title, "alarms": arns},
	})
}

func chart(env environment.Environment, alarm shown) map[string]any {
	return map[string]any{
		"type": "metric", "width": 8, "height": 6,
		"properties": map[string]any{
			"title": alarm.title, "region": env.Config.Region, "view": "timeSeries",
			"annotations": map[string]any{"alarms": []*string{alarm.arn}},
		},
	}
}
