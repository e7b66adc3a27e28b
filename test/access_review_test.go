package test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// reminders are the rules of the monitoring stack that a clock starts.
func reminders(t *testing.T, env *environment) (found []props) {
	t.Helper()
	for _, rule := range env.stack(t, "monitoring").resources(eventRule) {
		if rule.Properties["ScheduleExpression"] != nil {
			found = append(found, rule.Properties)
		}
	}
	return found
}

func accessReview(t *testing.T) props {
	t.Helper()
	found := reminders(t, shipped(t, "prod"))
	require.Len(t, found, 1)
	return found[0]
}

func TestAccessReviewIsDueOnceAQuarterOnAWorkday(t *testing.T) {
	schedule := newTimetable(t, accessReview(t)["ScheduleExpression"])
	for year := 2026; year < 2031; year++ {
		due := schedule.starts(year, 365)
		require.Len(t, due, 4, year)
		for i, day := range due {
			require.Equal(t, i, (int(day.Month())-1)/3, "%s: one in each quarter", day)
			require.Equal(t, time.Monday, day.Weekday())
			require.LessOrEqual(t, day.Day(), 7, "early, while the quarter before is fresh")
		}
	}
}

func TestReminderNamesTheProcedureAndGoesToThePeople(t *testing.T) {
	rule := accessReview(t)
	targets := rule["Targets"].([]any)
	require.Len(t, targets, 1)
	require.Equal(t, ref(shipped(t, "prod").stack(t, "monitoring").id("AWS::SNS::Topic")), at(t, targets[0], "Arn"))
	require.NotContains(t, targets[0], "RoleArn", "a role could not use the topic's key")
	require.NotContains(t, rule, "State")

	var text string
	require.NoError(t, json.Unmarshal([]byte(at(t, targets[0], "Input").(string)), &text), "EventBridge takes JSON")
	require.Contains(t, text, "catalog-api-prod")
	procedure := text[strings.Index(text, "docs/"):]
	procedure = procedure[:strings.Index(procedure, ".md")+len(".md")]
	_, err := os.Stat("../" + procedure)
	require.NoError(t, err)
}

// The review is of the account, of which production is the part that counts.
func TestOnlyProtectedEnvironmentsRemind(t *testing.T) {
	for _, env := range []*environment{shipped(t, "dev"), shipped(t, "staging"), shortLived(t, "prod")} {
		require.Empty(t, reminders(t, env), env.Suffix)
	}
}
