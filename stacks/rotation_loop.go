package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/automation"
	"catalog-infra/stacks/monitoring"
)

// newRotationLoop replaces the tasks after each rotation: they get the password
// when they start, and the old one is no longer valid (pitfall A8). The event
// comes by way of CloudTrail, so a trail must exist.
func (r *response) newRotationLoop(replaceTasks *automation.Runbook) {
	secret := r.Data.Database.Secret
	r.newStart("RotationSucceeded", automation.TriggerProps{
		Pattern: rotationPattern(secret, "RotationSucceeded"),
		Meaning: "Replaces the tasks after the database password was rotated",
		Runbook: replaceTasks,
	})
	r.newEvent("RotationFailed", alerting.NotificationRuleProps{
		Description: monitoring.Describe("RotationFailed", alerting.Medium, monitoring.RotationFailed),
		Mail: alerting.Mail{
			What:        "<event>",
			Which:       "<secret>",
			Environment: r.Name,
			Look:        "aws logs filter-log-events --region <region> --log-group-name /aws/lambda/" + r.RotationFunctionName() + " --filter-pattern ERROR",
			Paths:       map[string]string{"event": "$.detail.eventName", "secret": "$.detail.additionalEventData.SecretId"},
		},
		Pattern: rotationPattern(secret, "RotationFailed"),
		Topic:   r.Monitoring.Topic,
	})
}

// rotationPattern matches an event of a secret's rotation, which carries the
// ARN as additional data, not as "arn" or "aRN" like the answer to a call.
func rotationPattern(secret awssecretsmanager.ISecret, event string) map[string]any {
	return map[string]any{
		"source":      []string{"aws.secretsmanager"},
		"detail-type": []string{"AWS Service Event via CloudTrail"},
		"detail": map[string]any{
			"eventSource":         []string{"secretsmanager.amazonaws.com"},
			"eventName":           []string{event},
			"additionalEventData": map[string]any{"SecretId": []*string{secret.SecretArn()}},
		},
	}
}
