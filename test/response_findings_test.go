package test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/internal/eventbridge"
)

// accountWide are the rules about findings that are not of one environment.
var accountWide = []string{"ThreatIncidentRule", "SecurityHubFinding", "SecurityHubNotifiedRule", "ExternalAccessFinding",
	"UnusedAccessFinding"}

// eventRules returns the ids of an environment's rules.
func eventRules(t *testing.T, env *environment) map[string]props {
	t.Helper()
	found := map[string]props{}
	for _, r := range resourcesOf(t, env, eventRule) {
		found[readableID(r.id)] = r.Properties
	}
	return found
}

// Environments share an account: each of them would tell of the same finding.
func TestOneEnvironmentNotifiesOfTheAccountsFindings(t *testing.T) {
	tellers := map[string][]string{}
	for _, env := range allEnvironments(t) {
		for id := range eventRules(t, env) {
			tellers[id] = append(tellers[id], env.Environment)
		}
	}
	for _, id := range accountWide {
		require.Equal(t, []string{"prod"}, tellers[id], id)
	}
}

// An organization's GuardDuty and Security Hub are created by nobody here.
func TestFindingsNotifyWhetherOrNotTheServiceIsOurs(t *testing.T) {
	existing := func(a *config.Audit) {
		a.GuardDuty, a.SecurityHub = config.OwnershipExisting, config.OwnershipExisting
		a.AWSConfig, a.AccessAnalyzer = config.OwnershipExisting, config.OwnershipExisting
	}
	told := eventRules(t, changed(t, "prod", func(cfg *config.Config) { existing(&cfg.Audit) }))
	untold := eventRules(t, reference(t, "staging"))
	require.False(t, reference(t, "staging").Config.Audit.NotifyFindings)
	off := eventRules(t, changed(t, "prod", func(cfg *config.Config) {
		cfg.Audit = config.Audit{
			NotifyFindings: true, Trail: config.OwnershipOff, GuardDuty: config.OwnershipOff, SecurityHub: config.OwnershipOff,
			AWSConfig: config.OwnershipOff, AccessAnalyzer: config.OwnershipOff, Inspector: config.OwnershipOff,
		}
	}))
	for _, id := range accountWide {
		require.Contains(t, told, id)
		require.NotContains(t, untold, id)
		require.NotContains(t, off, id)
	}
	require.Contains(t, untold, "AttackedDatabaseRule", "the database is this environment's")
}

// Security Hub must notify of what other rules leave out: a service that this environment
// does not cover comes by way of Security Hub.
func TestSecurityHubNotifiesOfWhatNoOtherRuleDoes(t *testing.T) {
	env := changed(t, "prod", func(cfg *config.Config) {
		cfg.Audit.GuardDuty, cfg.Audit.AccessAnalyzer, cfg.Audit.Inspector = config.OwnershipOff, config.OwnershipOff, config.OwnershipOff
	})
	rules := eventRules(t, env)
	require.Contains(t, rules, "SecurityHubFinding")
	pattern := patternOf(t, env, rules["SecurityHubFinding"]["EventPattern"]).(props)
	for _, product := range []string{"GuardDuty", "IAM Access Analyzer", "Inspector"} {
		require.True(t, eventbridge.Matches(t, pattern, eventLike("hub", `detail.findings.ProductName="`+product+`"`)), product)
	}
}

// notifies reports whether a rule notifies somebody: by the topic, or by the runbook
// that pages.
func notifies(t *testing.T, env *environment, rule props) bool {
	t.Helper()
	target := at(t, rule, "Targets", 0)
	if readable(t, env, at(t, target, "Arn")) == "AlarmsTopic" {
		return true
	}
	name, ok := startedRunbook(t, env, target)
	return ok && (name == "open-incident" || name == startedByEventsOnly)
}

func TestEachEventNotifiesByOneRule(t *testing.T) {
	env := reference(t, "prod")
	for _, file := range glob(t, eventFiles+"*.json") {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		var told []string
		for id, rule := range eventRules(t, env) {
			pattern, ok := rule["EventPattern"]
			if ok && notifies(t, env, rule) && eventbridge.Matches(t, patternOf(t, env, pattern).(props), eventLike(name)) {
				told = append(told, id)
			}
		}
		require.Len(t, told, 1, "the rules %[2]v notify of %[1]s", name, told)
	}
}

// The failure of each runbook is reported by a runbook. The failure of that one goes
// to the topic by another rule: a report that failed must not report itself.
func TestFailedRunsAndFailedReportsNotify(t *testing.T) {
	for _, env := range allEnvironments(t) {
		ended, report := eventRules(t, env)["RunbookFailedRule"], eventRules(t, env)["ReportFailed"]
		started, ok := startedRunbook(t, env, at(t, ended, "Targets", 0))
		require.True(t, ok, env.Environment)
		require.Equal(t, "report-failed-run", started)
		require.Equal(t, "AlarmsTopic", readable(t, env, at(t, report, "Targets", 0, "Arn")))
		told := append(asList(at(t, ended, "EventPattern", "detail", "Definition")),
			asList(at(t, report, "EventPattern", "detail", "Definition"))...)
		var names []any
		for _, r := range resourcesOf(t, env, "AWS::SSM::Document") {
			names = append(names, r.Properties["Name"])
		}
		require.ElementsMatch(t, names, told, env.Environment)
	}
}
