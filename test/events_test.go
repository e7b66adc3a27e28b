package test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// newDigest is how Inspector names an image.
const newDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// eventTexts are events as AWS documents them, cut down to what could matter.
// Names of the environment are written as readable writes them.
var eventTexts = map[string]string{
	"guardduty": `{"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {
		"id": "16afba5c5c43e07c9e3e5e2e544e95df", "type": "CredentialAccess:RDS/MaliciousIPCaller.SuccessfulLogin", "severity": 8,
		"resource": {"resourceType": "RDSDBInstance", "rdsDbInstanceDetails": {
			"dbInstanceIdentifier": "writer", "dbClusterIdentifier": "PROJECT-SUFFIX", "engine": "Aurora PostgreSQL"}},
		"service": {"count": 3, "archived": false}}}`,
	"tasks": `{"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {
		"id": "0cb1e3d2c4b5a6978899aabbccddeeff", "type": "Backdoor:Runtime/C&CActivity.B!DNS", "severity": 8.5,
		"resource": {"resourceType": "ECSCluster", "ecsClusterDetails": {"name": "cluster", "arn": "ApiCluster.Arn"}}}}`,
	"hub": `{"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported", "detail": {"findings": [{
		"ProductName": "Security Hub", "Severity": {"Label": "CRITICAL", "Normalized": 90},
		"Workflow": {"Status": "NEW"}, "RecordState": "ACTIVE", "Compliance": {"Status": "FAILED"}}]}}`,
	"access": `{"source": "aws.access-analyzer", "detail-type": "Access Analyzer Finding", "detail": {
		"status": "ACTIVE", "resourceType": "AWS::S3::Bucket", "isPublic": true, "action": ["s3:GetObject"]}}`,
	"inspector": `{"source": "aws.inspector2", "detail-type": "Inspector2 Finding", "detail": {
		"severity": "CRITICAL", "status": "ACTIVE", "type": "PACKAGE_VULNERABILITY", "resources": [{
			"type": "AWS_ECR_CONTAINER_IMAGE", "id": "arn:aws:ecr:eu-north-1:ACCOUNT:repository/PROJECT-SUFFIX/` + newDigest + `",
			"details": {"awsEcrContainerImage": {"repositoryName": "PROJECT-SUFFIX", "imageHash": "` + newDigest + `", "imageTags": ["1.2.3"]}}}]}}`,
	"deployment": `{"source": "aws.ecs", "detail-type": "ECS Deployment State Change", "resources": ["ApiService"],
		"detail": {"eventType": "ERROR", "eventName": "SERVICE_DEPLOYMENT_FAILED", "deploymentId": "ecs-svc/123"}}`,
	"rotation": `{"source": "aws.secretsmanager", "detail-type": "AWS Service Event via CloudTrail", "detail": {
		"eventSource": "secretsmanager.amazonaws.com", "eventName": "RotationFailed", "additionalEventData": {"SecretId": "DatabaseSecretAttachment"}}}`,
	"copy": `{"source": "aws.backup", "detail-type": "Backup Job State Change", "detail": {
		"state": "FAILED", "backupVaultName": "PROJECT-SUFFIX", "resourceType": "Aurora"}}`,
	"runbook": `{"source": "aws.ssm", "detail-type": "EC2 Automation Execution Status-change Notification",
		"detail": {"ExecutionId": "333ba459-eb13-46b9-8a62-0ea1a1ba3ba4", "Definition": "PROJECT-SUFFIX-replace-tasks", "Status": "Failed"}}`,
}

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
	if err := json.Unmarshal([]byte(eventTexts[name]), &event); err != nil {
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
	"ThreatFinding":      {graveFindings, lesserFindings},
	"ThreatIncidentRule": {graveFindings, lesserFindings},
	"AttackedResourcesRule": {
		[]props{eventLike("guardduty"), eventLike("tasks"), eventLike("tasks", "detail.severity=7")},
		append([]props{
			eventLike("guardduty", `detail.resource.rdsDbInstanceDetails.dbClusterIdentifier="PROJECT-SUFFIX-restored"`),
			eventLike("tasks", `detail.resource.ecsClusterDetails.arn="arn:aws:ecs:eu-north-1:ACCOUNT:cluster/another"`),
			eventLike("guardduty", `detail.resource={"resourceType": "AccessKey"}`),
		}, lesserFindings...),
	},
	"SecurityHubFinding": {
		[]props{eventLike("hub"), eventLike("hub", `detail.findings.Severity.Label="HIGH"`)},
		[]props{
			eventLike("hub", `detail.findings.Severity.Label="MEDIUM"`),
			eventLike("hub", `detail.findings.Workflow.Status="SUPPRESSED"`),
			eventLike("hub", `detail.findings.RecordState="ARCHIVED"`),
			eventLike("hub", `detail-type="Security Hub Findings - Custom Action"`),
			eventLike("hub", `detail.findings.ProductName="GuardDuty"`),
			eventLike("hub", `detail.findings.ProductName="IAM Access Analyzer"`),
			eventLike("hub", `detail.findings.ProductName="Inspector"`),
		},
	},
	"AccessFinding": {
		[]props{eventLike("access"), eventLike("access", `detail-type="Unused Access Finding for IAM entities"`)},
		[]props{
			eventLike("access", `detail.status="RESOLVED"`), eventLike("access", `detail.status="ARCHIVED"`),
			eventLike("access", `detail-type="Access Preview State Change"`), eventLike("access", `source="aws.s3"`),
		},
	},
	"VulnerableImage": {[]props{eventLike("inspector")}, otherVulnerabilities},
	"DeploymentFailed": {
		[]props{eventLike("deployment")},
		[]props{
			eventLike("deployment", `detail.eventName="SERVICE_DEPLOYMENT_COMPLETED"`),
			eventLike("deployment", `resources=["arn:aws:ecs:eu-north-1:ACCOUNT:service/another"]`),
		},
	},
	"CopyFailed": {
		[]props{
			eventLike("copy"), eventLike("copy", `detail.state="EXPIRED"`),
			eventLike("copy", `detail-type="Restore Job State Change"`, `detail={"status": "ABORTED"}`),
			eventLike("copy", `detail-type="Copy Job State Change"`,
				`detail={"state": "FAILED", "sourceBackupVaultArn": "arn:aws:backup:eu-north-1:ACCOUNT:backup-vault:PROJECT-SUFFIX"}`),
		},
		[]props{eventLike("copy", `detail.state="COMPLETED"`), eventLike("copy", `detail.backupVaultName="another"`)},
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
			eventLike("runbook", `detail.Status="Success"`), eventLike("runbook", `detail.Status="InProgress"`), eventLike("runbook", `detail.Status="Waiting"`),
			// Or a report that fails would report itself for ever.
			eventLike("runbook", reportFailed),
			eventLike("runbook", `detail.Definition="AWS-RestartEC2Instance"`), eventLike("runbook", `detail.Definition="PROJECT-other-replace-tasks"`),
			eventLike("runbook", `detail.Definition="PROJECT-SUFFIX-eu-replace-tasks"`),
		},
	},
}

var (
	graveFindings  = []props{eventLike("guardduty"), eventLike("tasks"), eventLike("guardduty", "detail.severity=7"), eventLike("guardduty", "detail.severity=9.2")}
	lesserFindings = []props{
		eventLike("guardduty", "detail.severity=6.9"), eventLike("tasks", "detail.severity=2"),
		eventLike("guardduty", `detail-type="GuardDuty Malware Protection Object Scan Result"`), eventLike("guardduty", `source="aws.ec2"`),
	}
	otherVulnerabilities = []props{
		eventLike("inspector", `detail.severity="HIGH"`), eventLike("inspector", `detail.status="CLOSED"`), eventLike("inspector", `detail.status="SUPPRESSED"`),
		eventLike("inspector", `detail.resources.type="AWS_EC2_INSTANCE"`),
		eventLike("inspector", `detail.resources.details.awsEcrContainerImage.repositoryName="another"`),
		eventLike("inspector", `detail-type="Inspector2 Scan"`),
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
					return readable(t, env, value)
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
		return readable(t, env, value)
	}
	return value
}

// everyPattern checks each rule that has one.
func everyPattern(t *testing.T, check func(t *testing.T, env *environment, id string, rule props, pattern props)) {
	t.Helper()
	for _, env := range everyEnvironment(t) {
		for _, r := range resourcesOf(t, env, eventRule) {
			if pattern, ok := r.Properties["EventPattern"]; ok {
				id := readableID(r.id)
				t.Run(env.Suffix+" "+id, func(t *testing.T) {
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
			require.True(t, matchesEvent(t, pattern, event), "%v", event)
		}
		for _, event := range eventsFor[id].others {
			require.False(t, matchesEvent(t, pattern, event), "%v", event)
		}
	})
}

// EventBridge refuses a pattern of more than 2048 characters, at deploy time.
func TestEachPatternFitsWithTheLongestSuffix(t *testing.T) {
	everyPattern(t, func(t *testing.T, env *environment, _ string, rule props, _ props) {
		text := jsonOf(t, rule["EventPattern"])
		require.LessOrEqual(t, len(strings.ReplaceAll(text, env.Suffix, "longest-name")), 2048)
	})
}

func TestEverySampleIsOfARuleThatExists(t *testing.T) {
	found := map[string]bool{}
	everyPattern(t, func(_ *testing.T, _ *environment, id string, _ props, _ props) { found[id] = true })
	requireSame(t, slices.Collect(maps.Keys(eventsFor)), slices.Collect(maps.Keys(found)),
		"Add to eventsFor of test/events_test.go an event that the rule matches, and some that it does not",
		"Nothing defines these rules: take their samples off eventsFor of test/events_test.go")
}

// A value that the runbook refuses starts nothing, and nobody hears of it.
func TestWhatARuleMakesOfAnEventIsWhatTheRunbookTakes(t *testing.T) {
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
		text = strings.ReplaceAll(text, "<"+name+">", valueAt(t, event, path.(string)))
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
	return event.(string)
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
var mayStart = []string{"check-secret-age", "open-incident", "preserve-evidence", "replace-tasks", "report-failed-run", "review-access"}

func TestEventsStartOnlyRunbooksThatHurtNobody(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for _, r := range resourcesOf(t, env, eventRule) {
			for _, target := range asList(r.Properties["Targets"]) {
				if name, ok := startedRunbook(t, env, target); ok {
					require.Contains(t, mayStart, name, "%s: %s starts %s. An event starts only what cannot interrupt the service; "+
						"if that is so, add it to mayStart of test/events_test.go", env.Suffix, r, name)
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
var accountWide = []string{"ThreatFinding", "ThreatIncidentRule", "SecurityHubFinding", "AccessFinding"}

// Environments share an account: each of them would tell of the same finding.
func TestAFindingOfTheAccountIsToldOnce(t *testing.T) {
	tellers := map[string][]string{}
	for _, env := range everyEnvironment(t) {
		for _, r := range resourcesOf(t, env, eventRule) {
			id := readableID(r.id)
			tellers[id] = append(tellers[id], env.Suffix)
		}
	}
	for _, id := range accountWide {
		require.Equal(t, []string{"prod"}, tellers[id], id)
	}
}

// What is left out elsewhere must be told here: a service that this environment
// does not tell of comes by way of Security Hub.
func TestSecurityHubTellsOfWhatNoOtherRuleTells(t *testing.T) {
	env := changed(t, "prod", func(cfg *config.Config) {
		cfg.Audit.GuardDuty, cfg.Audit.AccessAnalyzer, cfg.Audit.Inspector = config.OwnershipExisting, config.OwnershipOff, config.OwnershipOff
	})
	for _, r := range resourcesOf(t, env, eventRule) {
		if readableID(r.id) == "SecurityHubFinding" {
			pattern := patternOf(t, env, r.Properties["EventPattern"]).(props)
			for _, product := range []string{"GuardDuty", "IAM Access Analyzer", "Inspector"} {
				require.True(t, matchesEvent(t, pattern, eventLike("hub", `detail.findings.ProductName="`+product+`"`)), product)
			}
			return
		}
	}
	t.Fatal("no rule")
}

func TestEachFindingReachesTheTopic(t *testing.T) {
	env := shipped(t, "prod")
	for _, name := range slices.Sorted(maps.Keys(eventTexts)) {
		told := false
		for _, r := range resourcesOf(t, env, eventRule) {
			pattern, ok := r.Properties["EventPattern"]
			topic := readable(t, env, at(t, r.Properties, "Targets", 0, "Arn")) == "AlarmsTopic"
			report, _ := startedRunbook(t, env, at(t, r.Properties, "Targets", 0))
			told = told || ok && (topic || report == "report-failed-run") && matchesEvent(t, patternOf(t, env, pattern).(props), eventLike(name))
		}
		require.True(t, told, name)
	}
}

// Every runbook's end is reported, and that of the one that reports is told by a rule
// of its own: a report that failed must not report itself.
func TestARunThatEndedBadlyIsReportedAndAFailedReportIsTold(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		rules := map[string]placed{}
		for _, r := range resourcesOf(t, env, eventRule) {
			rules[readableID(r.id)] = r
		}
		ended, report := rules["RunbookFailedRule"], rules["ReportFailed"]
		started, ok := startedRunbook(t, env, at(t, ended.Properties, "Targets", 0))
		require.True(t, ok, env.Suffix)
		require.Equal(t, "report-failed-run", started)
		require.Equal(t, "AlarmsTopic", readable(t, env, at(t, report.Properties, "Targets", 0, "Arn")))
		told := append(asList(at(t, ended.Properties, "EventPattern", "detail", "Definition")), asList(at(t, report.Properties, "EventPattern", "detail", "Definition"))...)
		var names []any
		for _, r := range resourcesOf(t, env, "AWS::SSM::Document") {
			names = append(names, r.Properties["Name"])
		}
		require.ElementsMatch(t, names, told, env.Suffix)
	}
}
