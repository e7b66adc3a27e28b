package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
)

// tellOfFailedCopies tells of what would be noticed on the day a copy is needed:
// one that was not made, not copied on or not restored in the weekly test. The
// event of a restore does not say from which vault: every failed restore in the
// account is told.
func tellOfFailedCopies(stack awscdk.Stack, env environment, topic awssns.ITopic) awsevents.CfnRule {
	return alerting.NewEvent(stack, "CopyFailed", alerting.EventProps{
		Contract: contract("CopyFailed", alerting.High, "A copy of the database was not made, not copied on or could not be restored"),
		Pattern: map[string]any{
			"source":      []string{"aws.backup"},
			"detail-type": []string{"Backup Job State Change", "Copy Job State Change", "Restore Job State Change"},
			"detail": map[string]any{"$or": []any{
				map[string]any{"state": failed, "backupVaultName": []string{env.name}},
				map[string]any{"state": failed, "sourceBackupVaultArn": []*string{env.arn("backup", "backup-vault:"+env.name)}},
				map[string]any{"status": failed},
			}},
		},
		Topic: topic,
	})
}

// failed are the ends of a job of AWS Backup that left nothing behind.
var failed = []string{"ABORTED", "EXPIRED", "FAILED"}
