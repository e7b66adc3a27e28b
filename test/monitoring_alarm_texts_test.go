package test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// alarmTexts returns the texts of everything that may notify, by logical id: alarms,
// and rules that tell of events, by the topic or by the runbook that pages, unlike
// those that go by the calendar.
func alarmTexts(t *testing.T, env *environment) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, alarm := range resourcesOf(t, env, alarmKind, compositeKind) {
		texts[alarm.id], _ = alarm.Properties["AlarmDescription"].(string)
	}
	for _, r := range resourcesOf(t, env, eventRule) {
		if r.Properties["EventPattern"] == nil {
			continue
		}
		if notifies(t, env, r.Properties) {
			texts[r.id] = textOf(t, r, r.Properties, "Description")
		}
	}
	return texts
}

func isTopic(t *testing.T, env *environment, stack string, value any) bool {
	t.Helper()
	reference, _ := value.(props) // the runbook of AWS has a plain ARN
	for _, kind := range []string{"Ref", "Fn::ImportValue"} {
		if _, ok := reference[kind]; ok {
			return env.source(t, stack, value) == env.only(t, "monitoring", topicKind, "")
		}
	}
	return false
}

// contracted is such as "HIGH: It burns. Runbook: docs/alarms.md#fire".
var contracted = regexp.MustCompile(`^(CRITICAL|HIGH|MEDIUM): [A-Z][^.]+[. ].*Runbook: (docs/[a-z-]+\.md)#([a-z0-9-]+)$`)

func TestEveryAlarmHasSeverityMeaningAndRunbook(t *testing.T) {
	for _, env := range allEnvironments(t) {
		texts := alarmTexts(t, env)
		require.Greater(t, len(texts), 10)
		for id, text := range texts {
			require.Regexp(t, contracted, text, "%s: the alarm %s. Give it the Describe() of stacks/monitoring/alarms.go, "+
				"which writes severity, meaning and runbook so", env.Environment, id)
		}
	}
}

// An alarm notifies the topic when it starts and when it ends, when it
// is a part of one that does, or when it takes a deployment back.
func TestEveryAlarmNotifiesTheTopicOrBelongsToOneThatDoes(t *testing.T) {
	for _, env := range allEnvironments(t) {
		acting := map[origin]bool{deploymentAlarm(t, env): true}
		for _, composite := range resourcesOf(t, env, compositeKind) {
			for _, part := range partsOf(t, env, composite) {
				acting[part] = true
			}
		}
		for _, alarm := range resourcesOf(t, env, alarmKind, compositeKind) {
			if acting[origin{alarm.stack, alarm.id, "Arn"}] {
				require.NotContains(t, alarm.Properties, "AlarmActions", "%s acts by another alarm", alarm)
				continue
			}
			for _, actions := range []string{"AlarmActions", "OKActions"} {
				require.Len(t, alarm.Properties[actions], 1, "%s has no %s: make it with alerting.NewAlarm, as stacks/monitoring/monitoring.go does, which tells the topic", alarm, actions)
				require.True(t, isTopic(t, env, alarm.stack, at(t, alarm.Properties, actions, 0)), alarm)
			}
		}
	}
}

// silenceIsBad are the alarms for which no metric is bad, and why it is there
// while all is well.
var silenceIsBad = map[string]string{
	"TasksWithOldSecret": "a number comes each hour",
	"TooFewTasks":        "there is a number while a task is registered",
	"NoRequests":         "the probe asks all the time",
	"BackupOverdue":      "a copy is made each day, or more often",
}

// Without load there is no metric.
func TestMissingDataBreachesOnlyWhereSilenceIsBad(t *testing.T) {
	found := map[string]bool{}
	for _, alarm := range resourcesIn(t, allEnvironments(t), alarmKind) {
		if silenceIsBad[alarm.id] != "" {
			require.Equal(t, "breaching", alarm.Properties["TreatMissingData"], "%s", alarm)
			found[alarm.id] = true
			continue
		}
		require.Equal(t, "notBreaching", alarm.Properties["TreatMissingData"], "%s: no metric is no alarm; alerting.NewAlarm sets it so. "+
			"Where a metric is always there, say why in silenceIsBad of test/monitoring_alarm_texts_test.go", alarm)
	}
	require.Len(t, found, len(silenceIsBad), "silenceIsBad of test/monitoring_alarm_texts_test.go names an alarm that there is not")
}

// deploymentAlarm returns the one alarm that takes a deployment back.
func deploymentAlarm(t *testing.T, env *environment) origin {
	t.Helper()
	alarms := at(t, env.stack(t, "compute").one("AWS::ECS::Service").Properties, "DeploymentConfiguration", "Alarms")
	require.Equal(t, props{"Enable": true, "Rollback": true, "AlarmNames": at(t, alarms, "AlarmNames")}, alarms)
	require.Len(t, at(t, alarms, "AlarmNames"), 1)
	return origin{"compute", at(t, alarms, "AlarmNames", 0, "Ref").(string), "Arn"}
}

// sections returns the headings of the second and third level of a document, as
// links name them, with what is below each.
func sections(t *testing.T, file string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, section := range regexp.MustCompile(`\n#{2,3} `).Split("\n"+read(t, file), -1)[1:] {
		heading, text, _ := strings.Cut(section, "\n")
		anchor := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), "")
		found[strings.ReplaceAll(anchor, " ", "-")] = text
	}
	return found
}

// notAlarms are the sections of the document that are about none.
var notAlarms = []string{"how-soon", "what-you-need", "which-alarms-report-which-outage"}

func TestEveryAlarmHasItsSectionAndEverySectionItsAlarm(t *testing.T) {
	named, documented, missing := map[string]string{}, sections(t, "../docs/alarms.md"), breaches{}
	for _, env := range allEnvironments(t) {
		for id, text := range alarmTexts(t, env) {
			link := contracted.FindStringSubmatch(text)
			require.NotNil(t, link, "the alarm %s does not name its section: give it the Describe() of stacks/monitoring/alarms.go", id)
			require.Equal(t, "docs/alarms.md", link[2], "the runbook of the alarm %s", id)
			if documented[link[3]] == "" {
				missing.add(env, fmt.Sprintf("the alarm %s names docs/alarms.md#%s", id, link[3]))
			}
			named[link[3]] = link[1]
		}
	}
	missing.fail(t, "there is no such section: write one, with the severity, Look first:, and Do: with the runbook to start")
	about := slices.Concat(notAlarms, slices.Collect(maps.Keys(named)))
	require.Empty(t, surplus(slices.Collect(maps.Keys(documented)), about), "sections of docs/alarms.md that no alarm names: "+
		"remove them, or name those that are about none in notAlarms of test/monitoring_alarm_texts_test.go")
	require.Subset(t, slices.Collect(maps.Keys(documented)), notAlarms, "notAlarms of test/monitoring_alarm_texts_test.go")
	for anchor, severity := range named {
		if documented[anchor] == "" {
			continue // told above
		}
		require.Contains(t, documented[anchor], "**"+severity+".**", "the severity of %s", anchor)
		for _, part := range []string{"Look first:", "Do:"} {
			require.Contains(t, documented[anchor], part, "the section %s of docs/alarms.md", anchor)
		}
	}
}

func TestEverySectionNamesARunbookAndSavedQueriesThatExist(t *testing.T) {
	queries, runbooks := savedQueries(t, reference(t, "prod")), runbooksOf(t, reference(t, "prod"))
	for anchor, text := range sections(t, "../docs/alarms.md") {
		if slices.Contains(notAlarms, anchor) {
			continue
		}
		_, todo, _ := strings.Cut(text, "Do:")
		named := regexp.MustCompile("`([a-z]+(?:-[a-z]+)+)`").FindAllStringSubmatch(todo, -1)
		require.NotEmpty(t, named, "the section %s of docs/alarms.md: what is behind Do: names no runbook", anchor)
		for _, name := range named {
			require.Contains(t, runbooks, name[1], anchor)
		}
		for _, name := range regexp.MustCompile("`((?:insights|incident)/[^`]*)`").FindAllStringSubmatch(text, -1) {
			require.Contains(t, queries, config.Project+"-prod/"+name[1], anchor)
		}
	}
}
