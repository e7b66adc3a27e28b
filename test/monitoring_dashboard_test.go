package test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The stricter alarms watch what others watch.
func TestDashboardShowsEveryAlarmAndWhatItWatches(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		var all, charted []string
		for _, alarm := range resourcesOf(t, env, alarmKind, compositeKind) {
			if alarm.stack != "monitoring" && alarm.stack != "compute" {
				continue // it comes later
			}
			all = append(all, alarm.id)
			if alarm.Type == alarmKind && alarm.Properties["ActionsEnabled"] != false {
				charted = append(charted, alarm.id)
			}
		}
		var status, charts []string
		for _, widget := range widgets(t, env) {
			if widget.Type == "alarm" {
				status = append(status, widget.Properties.Alarms...)
			} else {
				charts = append(charts, widget.Properties.Annotations.Alarms...)
			}
		}
		const shown = "the dashboard shows every alarm once: an alarm of alarmsOf in stacks/monitoring/alarms.go is on it by itself, " +
			"one from elsewhere is added in addAlarms of stacks/monitoring/monitoring.go"
		requireSame(t, all, status, "The dashboard shows something other than an alarm", shown)
		requireSame(t, charted, charts, "The dashboard charts something other than an alarm", shown)
	})
}

func TestDashboardBeginsWithTheAlarmsThatPage(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		shown, texts := widgets(t, env), alarmTexts(t, env)
		require.Equal(t, "CRITICAL: the person on call is woken", shown[0].Properties.Title)
		require.Equal(t, "ErrorBudgetFastShort", shown[0].Properties.Alarms[0], "the SLO first")
		for _, widget := range shown {
			severity, _, grouped := strings.Cut(widget.Properties.Title, ": ")
			if widget.Type != "alarm" || !grouped {
				continue
			}
			for _, id := range widget.Properties.Alarms {
				require.Regexp(t, "^"+severity+": ", texts[id])
			}
		}
	})
}

func TestDashboardFillsTheColumnsOfCloudWatchsGrid(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		for _, widget := range widgets(t, env) {
			require.Zero(t, 24%widget.Width, "%+v", widget)
			want := 6.0                 // CloudWatch's default
			if widget.Type == "alarm" { // six alarms in a row, below the title
				want = 1 + math.Ceil(float64(len(widget.Properties.Alarms))/6)
			}
			require.InDelta(t, want, widget.Height, 0, "%+v", widget)
		}
	})
}

type widget struct {
	Type          string
	Width, Height int
	Properties    struct {
		Title       string
		Alarms      []string
		Annotations struct{ Alarms []string }
	}
}

// widgets returns the widgets of the dashboard. Where the template names the ARN of an
// alarm they have its logical id.
func widgets(t *testing.T, env *environment) []widget {
	t.Helper()
	var text strings.Builder
	for _, part := range at(t, env.stack(t, "monitoring").one("AWS::CloudWatch::Dashboard").Properties, "DashboardBody", "Fn::Join",
		1).([]any) {
		switch part := part.(type) {
		case string:
			text.WriteString(part)
		case props:
			from := env.source(t, "monitoring", part)
			require.Equal(t, "Arn", from.attribute)
			text.WriteString(from.id)
		}
	}
	var dashboard struct{ Widgets []widget }
	require.NoError(t, json.Unmarshal([]byte(text.String()), &dashboard))
	return dashboard.Widgets
}
