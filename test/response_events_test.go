package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/constructs/database"
	"catalog-infra/test/internal/eventbridge"
)

// Events are in testdata/events, each with the fields that AWS documents for it.
// Names of the environment are written as readable writes them.
//   - GuardDuty: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html
//   - Security Hub: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-cwe-event-formats.html
//   - Access Analyzer: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
//   - Inspector: https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
//   - ECS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
//   - AWS Backup: https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
//   - Systems Manager: https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-eventbridge-events.html
//   - Secrets Manager: https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring-eventbridge.html
const eventFiles = "testdata/events/"

// reportFailed makes of a runbook's failure that of the one which tells failures.
const reportFailed = `detail.Definition="PROJECT-SUFFIX-report-failed-run"`

// change sets a field of a sample, given as path=JSON.
func change(field string) (path []string, value any) {
	name, text, _ := strings.Cut(field, "=")
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(field)
	}
	return strings.Split(name, "."), value
}

func eventLike(name string, changes ...string) props {
	var event props
	if err := json.Unmarshal(must(os.ReadFile(eventFiles+name+".json")), &event); err != nil {
		panic(name + ": " + err.Error())
	}
	for _, each := range changes {
		path, value := change(each)
		inside := event
		for _, key := range path[:len(path)-1] {
			next := inside[key]
			if elements, ok := next.([]any); ok {
				next = elements[0]
			}
			inside = next.(props)
		}
		inside[path[len(path)-1]] = value
	}
	return event
}

// A rule is checked against events that it must match and events that it must
// not, each like the first but for one field.
var eventsFor = map[string]struct{ matching, others []props }{
	"ThreatIncidentRule": {
		[]props{eventLike("guardduty"), eventLike("guardduty", "detail.severity=7"), eventLike("guardduty", "detail.severity=9.2"), eventLike("guardduty", `detail.resource={"resourceType": "AccessKey"}`)},
		lesserFindings,
	},
	"AttackedDatabaseRule": {
		[]props{eventLike("guardduty"), eventLike("guardduty", "detail.severity=7")},
		append([]props{
			eventLike("guardduty", `detail.resource.rdsDbInstanceDetails.dbClusterIdentifier="PROJECT-SUFFIX-restored"`),
			eventLike("guardduty", `detail.resource={"resourceType": "AccessKey"}`),
		}, lesserFindings...),
	},
	"SecurityHubFinding":      {[]props{eventLike("hub"), eventLike("hub", `detail.findings.Severity.Label="HIGH"`)}, otherHubFindings},
	"SecurityHubNotifiedRule": {[]props{eventLike("hub"), eventLike("hub", `detail.findings.Severity.Label="HIGH"`)}, otherHubFindings},
	"ExternalAccessFinding": {
		[]props{eventLike("access")},
		[]props{
			eventLike("access", `detail.status="RESOLVED"`), eventLike("access", `detail.status="ARCHIVED"`), eventLike("access", "detail.isDeleted=true"),
			eventLike("access", `detail-type="Access Preview State Change"`), eventLike("access", `source="aws.s3"`), eventLike("unused"),
		},
	},
	"UnusedAccessFinding": {
		[]props{eventLike("unused")},
		[]props{eventLike("unused", `detail.status="RESOLVED"`), eventLike("unused", "detail.isDeleted=true"), eventLike("access")},
	},
	"VulnerableImage": {
		[]props{eventLike("scan"), eventLike("scan", `detail.repository-name="PROJECT-SUFFIX"`)},
		[]props{
			eventLike("scan", "detail.finding-severity-counts.CRITICAL=0"), eventLike("scan", `detail.finding-severity-counts={"HIGH": 3, "TOTAL": 3}`),
			eventLike("scan", `detail.repository-name="arn:aws:ecr:eu-north-1:ACCOUNT:repository/another"`), eventLike("inspector"),
		},
	},
	"NewVulnerability": {
		[]props{eventLike("inspector"), eventLike("inspector", `detail.resources.details.awsEcrContainerImage={"repositoryName": "PROJECT-SUFFIX", "imageHash": "sha256:0"}`)},
		append([]props{eventLike("inspector", "detail.resources.details.awsEcrContainerImage.inUseCount=0")}, otherVulnerabilities...),
	},
	"DeploymentFailed": {
		[]props{eventLike("deployment")},
		[]props{
			eventLike("deployment", `detail.eventName="SERVICE_DEPLOYMENT_COMPLETED"`),
			eventLike("deployment", `resources=["arn:aws:ecs:eu-north-1:ACCOUNT:service/another"]`),
		},
	},
	"BackupFailed": {
		[]props{eventLike("copy"), eventLike("copy", `detail.state="EXPIRED"`)},
		[]props{eventLike("copy", `detail.state="COMPLETED"`), eventLike("copy", `detail.backupVaultName="another"`), eventLike("copied"), eventLike("restore")},
	},
	"CopyJobFailed": {
		[]props{eventLike("copied")},
		[]props{eventLike("copied", `detail.state="RUNNING"`), eventLike("copied", `detail.sourceBackupVaultArn="arn:aws:backup:eu-north-1:ACCOUNT:backup-vault:another"`)},
	},
	"RestoreTestFailed": {
		[]props{eventLike("restore"), eventLike("restore", `detail.status="ABORTED"`)},
		[]props{
			eventLike("restore", `detail.status="COMPLETED"`),
			eventLike("restore", `detail.restoreTestingPlanArn="arn:aws:backup:eu-north-1:ACCOUNT:restore-testing-plan:another-0a1b"`),
		},
	},
	"RotationFailed":        {[]props{eventLike("rotation")}, otherRotations},
	"RotationSucceededRule": {[]props{eventLike("rotation", `detail.eventName="RotationSucceeded"`)}, []props{eventLike("rotation"), eventLike("rotation", `detail.eventName="RotationStarted"`)}},
	"ReportFailed": {
		[]props{eventLike("runbook", reportFailed), eventLike("runbook", reportFailed, `detail.Status="TimedOut"`)},
		[]props{eventLike("runbook"), eventLike("runbook", reportFailed, `detail.Status="Success"`)},
	},
	"RunbookFailedRule": {
		[]props{eventLike("runbook"), eventLike("runbook", `detail.Status="TimedOut"`), eventLike("runbook", `detail.Status="Rejected"`)},
		[]props{
			eventLike("runbook", `detail.Status="Success"`), eventLike("runbook", `detail.Status="InProgress"`),
			eventLike("runbook", `detail.Status="Waiting"`),
			// Or a report that fails would report itself for ever.
			eventLike("runbook", reportFailed),
			eventLike("runbook", `detail.Definition="AWS-RestartEC2Instance"`), eventLike("runbook", `detail.Definition="PROJECT-other-replace-tasks"`),
			eventLike("runbook", `detail.Definition="PROJECT-SUFFIX-eu-replace-tasks"`),
		},
	},
}

var (
	lesserFindings = []props{
		eventLike("guardduty", "detail.severity=6.9"), eventLike("guardduty", "detail.severity=2"),
		eventLike("guardduty", `detail-type="GuardDuty Malware Protection Object Scan Result"`), eventLike("guardduty", `source="aws.ec2"`),
	}
	otherHubFindings = []props{
		eventLike("hub", `detail.findings.Severity.Label="MEDIUM"`),
		eventLike("hub", `detail.findings.Workflow.Status="NOTIFIED"`),
		eventLike("hub", `detail.findings.Workflow.Status="SUPPRESSED"`),
		eventLike("hub", `detail.findings.RecordState="ARCHIVED"`),
		eventLike("hub", `detail-type="Security Hub Findings - Custom Action"`),
		eventLike("hub", `detail.findings.ProductName="GuardDuty"`),
		eventLike("hub", `detail.findings.ProductName="IAM Access Analyzer"`),
		eventLike("hub", `detail.findings.ProductName="Inspector"`),
	}
	otherVulnerabilities = []props{
		eventLike("inspector", `detail.severity="HIGH"`), eventLike("inspector", `detail.status="CLOSED"`),
		eventLike("inspector", `detail.status="SUPPRESSED"`),
		eventLike("inspector", `detail.resources.type="AWS_EC2_INSTANCE"`),
		eventLike("inspector", `detail.resources.details.awsEcrContainerImage.repositoryName="another"`),
		eventLike("scan"),
	}
	otherRotations = []props{
		eventLike("rotation", `detail.eventName="RotationSucceeded"`),
		eventLike("rotation", `detail.additionalEventData.SecretId="arn:aws:secretsmanager:eu-north-1:ACCOUNT:secret:another"`),
	}
)

// patternOf is a rule's pattern with references by name.
func patternOf(t *testing.T, env *environment, value any) any {
	t.Helper()
	switch value := value.(type) {
	case props:
		if len(value) == 1 {
			for key := range value {
				if key == "Ref" || strings.HasPrefix(key, "Fn::") {
					return strings.ReplaceAll(readable(t, env, value), database.RestoreTestName(env.Name()), "PLAN")
				}
			}
		}
		filled := props{}
		for key, part := range value {
			filled[key] = patternOf(t, env, part)
		}
		return filled
	case []any:
		filled := make([]any, len(value))
		for i, part := range value {
			filled[i] = patternOf(t, env, part)
		}
		return filled
	case string:
		return strings.ReplaceAll(readable(t, env, value), database.RestoreTestName(env.Name()), "PLAN")
	}
	return value
}

// everyPattern checks each rule that has one.
func everyPattern(t *testing.T, check func(t *testing.T, env *environment, id string, rule props, pattern props)) {
	t.Helper()
	for _, env := range allEnvironments(t) {
		for _, r := range resourcesOf(t, env, eventRule) {
			if pattern, ok := r.Properties["EventPattern"]; ok {
				id := readableID(r.id)
				t.Run(env.Environment+" "+id, func(t *testing.T) {
					check(t, env, id, r.Properties, patternOf(t, env, pattern).(props))
				})
			}
		}
	}
}

func TestEachRuleMatchesItsEventsAndNoOthers(t *testing.T) {
	everyPattern(t, func(t *testing.T, _ *environment, id string, _ props, pattern props) {
		require.Contains(t, eventsFor, id, "a rule without sample events")
		for _, event := range eventsFor[id].matching {
			require.True(t, eventbridge.Matches(t, pattern, event), "%v", event)
		}
		for _, event := range eventsFor[id].others {
			require.False(t, eventbridge.Matches(t, pattern, event), "%v", event)
		}
	})
}

// EventBridge refuses a pattern of more than 2048 characters, at deploy time.
func TestEachPatternFitsWithTheLongestSuffix(t *testing.T) {
	everyPattern(t, func(t *testing.T, env *environment, _ string, rule props, _ props) {
		text := jsonOf(t, rule["EventPattern"])
		require.LessOrEqual(t, len(strings.ReplaceAll(text, env.Environment, "longest-name")), 2048)
	})
}

func TestEverySampleIsOfARuleThatExists(t *testing.T) {
	found := map[string]bool{}
	everyPattern(t, func(_ *testing.T, _ *environment, id string, _ props, _ props) { found[id] = true })
	requireSame(t, slices.Collect(maps.Keys(eventsFor)), slices.Collect(maps.Keys(found)),
		"Add to eventsFor of test/response_events_test.go an event that the rule matches, and some that it does not",
		"Nothing defines these rules: take their samples off eventsFor of test/response_events_test.go")
}

// A value that the runbook refuses starts nothing, and nobody hears of it.
func TestTheInputOfAnEventRuleFitsItsRunbook(t *testing.T) {
	started := 0
	everyPattern(t, func(t *testing.T, env *environment, id string, rule props, _ props) {
		target := at(t, rule, "Targets", 0)
		name, ok := startedRunbook(t, env, target)
		if !ok || target.(props)["InputTransformer"] == nil {
			return
		}
		started++
		for _, event := range eventsFor[id].matching {
			requireTaken(t, at(t, runbookContent(t, env, name), "parameters").(props), inputOf(t, target, event))
		}
	})
	require.Positive(t, started)
}

// inputOf is what a target's transformer makes of an event.
func inputOf(t *testing.T, target any, event props) map[string][]string {
	t.Helper()
	text := at(t, target, "InputTransformer", "InputTemplate").(string)
	for name, path := range at(t, target, "InputTransformer", "InputPathsMap").(props) {
		value := valueAt(t, event, path.(string))
		require.NotEmpty(t, value, path)
		text = strings.ReplaceAll(text, "<"+name+">", value)
	}
	require.NotContains(t, text, "<", "a part of the event without a path")
	var input map[string][]string
	require.NoError(t, json.Unmarshal([]byte(text), &input))
	return input
}

var pathStep = regexp.MustCompile(`([\w-]+)(\[0\])?`)

func valueAt(t *testing.T, event any, path string) string {
	t.Helper()
	for _, step := range pathStep.FindAllStringSubmatch(strings.TrimPrefix(path, "$."), -1) {
		event = at(t, event, step[1])
		if step[2] != "" {
			event = at(t, event, 0)
		}
	}
	require.NotNil(t, event, path)
	return fmt.Sprint(event)
}

func requireTaken(t *testing.T, parameters props, input map[string][]string) {
	t.Helper()
	for name, values := range input {
		parameter := at(t, parameters, name).(props)
		for _, value := range values {
			if pattern, ok := parameter["allowedPattern"].(string); ok {
				require.Regexp(t, pattern, value, name)
			}
			if allowed, ok := parameter["allowedValues"].([]any); ok {
				require.Contains(t, allowed, value, name)
			}
			if most, ok := parameter["maxChars"].(float64); ok {
				require.LessOrEqual(t, len(value), int(most), name)
			}
		}
	}
}

// mayStart are the only runbooks that anything but a person starts: the others
// could interrupt the service, or take what it could go back to.
var mayStart = []string{"check-secret-age", "mark-finding-notified", "open-incident", "preserve-evidence", "replace-tasks",
	"report-failed-run", "review-access"}

func TestEventsStartOnlyRunbooksThatHurtNobody(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for _, r := range resourcesOf(t, env, eventRule) {
			for _, target := range asList(r.Properties["Targets"]) {
				if name, ok := startedRunbook(t, env, target); ok {
					require.Contains(t, mayStart, name, "%s: %s starts %s. An event starts only what cannot interrupt the service; "+
						"if that is so, add it to mayStart of test/response_events_test.go", env.Environment, r, name)
					// AWS writes that a runbook started by another runs in the context of who
					// started the first: the role of the rule would have to start that, too.
					for _, step := range asList(at(t, runbookContent(t, env, name), "mainSteps")) {
						require.NotEqual(t, "aws:executeAutomation", step.(props)["action"], "%s starts another runbook", name)
					}
				}
			}
		}
	}
}

// accountWide are the rules about findings that are not of one environment.
var accountWide = []string{"ThreatIncidentRule", "SecurityHubFinding", "SecurityHubNotifiedRule", "ExternalAccessFinding",
	"UnusedAccessFinding"}

// eventRules are the ids of an environment's rules.
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

// What is left out elsewhere must be told here: a service that this environment
// does not tell of comes by way of Security Hub.
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

// tells reports whether a rule tells somebody: by the topic, or by the runbook
// that pages.
func tells(t *testing.T, env *environment, rule props) bool {
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
			if ok && tells(t, env, rule) && eventbridge.Matches(t, patternOf(t, env, pattern).(props), eventLike(name)) {
				told = append(told, id)
			}
		}
		require.Len(t, told, 1, "%s is told by %v", name, told)
	}
}

// Every runbook's end is reported, and that of the one that reports is told by a rule
// of its own: a report that failed must not report itself.
func TestFailedRunsAndFailedReportsNotify(t *testing.T) {
	for _, env := range allEnvironments(t) {
		rules := map[string]placed{}
		for _, r := range resourcesOf(t, env, eventRule) {
			rules[readableID(r.id)] = r
		}
		ended, report := rules["RunbookFailedRule"], rules["ReportFailed"]
		started, ok := startedRunbook(t, env, at(t, ended.Properties, "Targets", 0))
		require.True(t, ok, env.Environment)
		require.Equal(t, "report-failed-run", started)
		require.Equal(t, "AlarmsTopic", readable(t, env, at(t, report.Properties, "Targets", 0, "Arn")))
		told := append(asList(at(t, ended.Properties, "EventPattern", "detail", "Definition")),
			asList(at(t, report.Properties, "EventPattern", "detail", "Definition"))...)
		var names []any
		for _, r := range resourcesOf(t, env, "AWS::SSM::Document") {
			names = append(names, r.Properties["Name"])
		}
		require.ElementsMatch(t, names, told, env.Environment)
	}
}
