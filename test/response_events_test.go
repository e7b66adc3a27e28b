package test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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

// reportFailed turns the failure of a runbook into a failure of the runbook that
// reports failures.
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
		[]props{
			eventLike("scan"), eventLike("scan", "detail.finding-severity-counts.CRITICAL=1"),
			eventLike("scan", `detail.repository-name="PROJECT-SUFFIX"`),
		},
		[]props{
			eventLike("scan", "detail.finding-severity-counts.CRITICAL=0"), eventLike("scan", `detail.finding-severity-counts={"HIGH": 3, "TOTAL": 3}`),
			eventLike("scan", `detail.repository-name="arn:aws:ecr:eu-north-1:ACCOUNT:repository/another"`), eventLike("inspector"),
		},
	},
	"NewVulnerability": {
		[]props{eventLike("inspector"), eventLike("inspector", "detail.resources.details.awsEcrContainerImage.inUseCount=1"),
			eventLike("inspector", `detail.resources.details.awsEcrContainerImage={"repositoryName": "PROJECT-SUFFIX", "imageHash": "sha256:0"}`)},
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

// patternOf returns a rule's pattern with references by name.
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
	for env, r := range resourcesIn(t, allEnvironments(t), eventRule) {
		if pattern, ok := r.Properties["EventPattern"]; ok {
			id := readableID(r.id)
			t.Run(env.Environment+" "+id, func(t *testing.T) {
				check(t, env, id, r.Properties, patternOf(t, env, pattern).(props))
			})
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
