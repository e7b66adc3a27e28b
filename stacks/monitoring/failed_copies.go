package monitoring

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/database"
	"catalog-infra/stacks/internal/environment"
)

// failed are the ends of a job of AWS Backup that left nothing behind.
var failed = []string{"ABORTED", "EXPIRED", "FAILED"}

// tellOfFailedCopies tells of what would be noticed on the day a copy is needed:
// one that was not made, not copied on or not restored in the weekly test. A
// restore that names no test may be anybody's in the account: whoever tells of the
// account tells of it.
func tellOfFailedCopies(stack awscdk.Stack, env environment.Environment, topic awssns.ITopic) (rules []awsevents.CfnRule) {
	tell := func(id string, job copyJob) {
		rules = append(rules, alerting.NewNotificationRule(stack, id, alerting.NotificationRuleProps{
			Description: Describe("BackupFailed", alerting.High, job.meaning), Mail: job.mail(env.Name), Pattern: job.pattern(), Topic: topic,
		}).Rule)
	}
	tests := []any{map[string]any{"prefix": env.ARN("backup", "restore-testing-plan:"+database.RestoreTestName(env.Name)+"-")}}
	if env.Config.Audit.NotifyFindings {
		tests = append(tests, map[string]any{"exists": false})
	}
	tell("BackupFailed", copyJob{
		meaning: "A copy of the database was not made", kind: "Backup", status: "state", resource: "$.detail.resourceArn",
		detail: map[string]any{"backupVaultName": []string{env.Name}},
	})
	tell("RestoreTestFailed", copyJob{
		meaning: "A copy of the database could not be restored", kind: "Restore", status: "status", resource: "$.detail.resourceType",
		detail: map[string]any{"restoreTestingPlanArn": tests},
	})
	tell("CopyJobFailed", copyJob{
		meaning: "A copy of the database was not copied on", kind: "Copy", status: "state", resource: "$.detail.resourceArn",
		detail: map[string]any{"sourceBackupVaultArn": []*string{env.ARN("backup", "backup-vault:"+env.Name)}},
	})
	return rules
}

// copyJob is a kind of job of AWS Backup, as its events name it: Backup, Copy or
// Restore.
type copyJob struct {
	meaning, kind string

	// status is where the event says how the job ended, resource the path to what
	// it was about.
	status, resource string

	detail map[string]any
}

func (j copyJob) pattern() map[string]any {
	j.detail[j.status] = failed
	return alerting.EventPattern("aws.backup", []string{j.kind + " Job State Change"}, j.detail)
}

func (j copyJob) mail(environment string) alerting.Mail {
	kind := strings.ToLower(j.kind)
	return alerting.Mail{
		What:        "<kind>: <status>",
		Which:       kind + " job <job> of <resource>",
		Environment: environment,
		Look:        "aws backup describe-" + kind + "-job --region <region> --" + kind + "-job-id <job>",
		Paths: map[string]string{
			"kind": "$.detail-type", "status": "$.detail." + j.status, "job": "$.detail." + kind + "JobId", "resource": j.resource,
		},
	}
}
