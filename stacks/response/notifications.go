package response

import (
	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/stacks/monitoring"
)

// notification is an EventBridge rule that sends an e-mail to the alarm topic
// and starts no runbook.
type notification struct {
	id          string
	description alerting.Description
	pattern     func(*resources) map[string]any

	// mail may contain <environment>, the environment's name, beside parts of the
	// event.
	mail alerting.Mail

	// shortLived adds the rule to short-lived environments, too.
	shortLived bool

	// only leaves the rule out of environments that need none.
	only condition
}

// in reports whether the environment has the rule.
func (n notification) in(cfg config.Config) bool {
	return (n.shortLived || !cfg.ShortLived) && n.only.holds(cfg)
}

// notifications are the rules of this stack. Findings about the account are sent
// by the one environment with audit.notifyFindings, whoever set up the service. Findings
// about an environment's images are sent by that environment.
var notifications = []notification{
	{
		id:          "RotationFailed",
		description: monitoring.Describe("RotationFailed", alerting.Medium, monitoring.RotationFailed),
		pattern:     func(r *resources) map[string]any { return rotationEvents("RotationFailed", r.secretARNs...) },
		mail: alerting.Mail{
			What:  "<event>",
			Which: "<secret>",
			Look:  "aws logs filter-log-events --region <region> --log-group-name /aws/lambda/<environment>-rotation --filter-pattern ERROR",
			Paths: map[string]string{"event": "$.detail.eventName", "secret": "$.detail.additionalEventData.SecretId"},
		},
		shortLived: true,
		only:       hasTrail,
	},
	{
		id: "ReportFailed",
		description: monitoring.Describe("RunbookFailed", alerting.Critical,
			"A runbook failed, and so did report-failed-run, which mails the cause"),
		pattern: func(r *resources) map[string]any { return failedRuns(r.env.RunbookName(reportFailedRun)) },
		mail: alerting.Mail{
			What:  "<runbook>: <status>",
			Which: "execution <execution>",
			Look: "aws ssm get-automation-execution --region <region> --automation-execution-id <execution> " +
				"--query 'AutomationExecution.[FailureMessage,StepExecutions[].[StepName,StepStatus]]'",
			Paths: map[string]string{"runbook": "$.detail.Definition", "status": "$.detail.Status", "execution": "$.detail.ExecutionId"},
		},
		shortLived: true,
	},
	{
		id:          "SecurityHubFinding",
		description: monitoring.Describe("SecurityHubFinding", alerting.High, "Security Hub has a new finding of high severity"),
		pattern:     hubFindings,
		mail: alerting.Mail{
			What:  "<severity>: <title> (<product>, <check>)",
			Which: "<kind> <resource>",
			Look:  "aws securityhub get-findings --region <region> --filters 'Id=[{Value=<finding>,Comparison=EQUALS}]'",
			Paths: map[string]string{
				"finding": "$.detail.findings[0].Id", "title": "$.detail.findings[0].Title", "product": "$.detail.findings[0].ProductName",
				"severity": "$.detail.findings[0].Severity.Label", "check": "$.detail.findings[0].GeneratorId",
				"kind": "$.detail.findings[0].Resources[0].Type", "resource": "$.detail.findings[0].Resources[0].Id",
			},
		},
		only: notifiesOfHub,
	},
	{
		id:          "ExternalAccessFinding",
		description: monitoring.Describe("ExternalAccessFinding", alerting.High, "IAM Access Analyzer found external access"),
		pattern:     accessFindings("Access Analyzer Finding"),
		mail:        accessMail("<type>: external access", "id"),
		only:        notifiesOfAccess,
	},
	{
		id:          "UnusedAccessFinding",
		description: monitoring.Describe("UnusedAccessFinding", alerting.Medium, "IAM Access Analyzer found unused access"),
		pattern:     accessFindings("Unused Access Finding for IAM entities"),
		mail:        accessMail("<type>: unused access", "findingId"),
		only:        notifiesOfAccess,
	},
	{
		id: "VulnerableImage",
		description: monitoring.Describe("VulnerableImage", alerting.High,
			"Inspector found critical vulnerabilities in an image that was pushed"),
		pattern: imageScans,
		mail: alerting.Mail{
			What:  "<count> critical vulnerabilities",
			Which: "<digest> in <repository>",
			Look:  listImageFindings,
			Paths: map[string]string{
				"count": "$.detail.finding-severity-counts.CRITICAL", "digest": "$.detail.image-digest", "repository": "$.detail.repository-name",
			},
		},
		only: hasInspector,
	},
	{
		id: "NewVulnerability",
		description: monitoring.Describe("NewVulnerability", alerting.High,
			"Inspector found a critical vulnerability in an image that is in use"),
		pattern: imageVulnerabilities,
		mail: alerting.Mail{
			What:  "<title>",
			Which: "<digest> in <repository>",
			Look:  listImageFindings,
			Paths: map[string]string{
				"title":      "$.detail.title",
				"digest":     "$.detail.resources[0].details.awsEcrContainerImage.imageHash",
				"repository": "$.detail.resources[0].details.awsEcrContainerImage.repositoryName",
			},
		},
		only: hasInspector,
	},
}

// listImageFindings is the command that lists the critical findings of an image.
const listImageFindings = "aws inspector2 list-findings --region <region> " +
	"--filter-criteria 'ecrImageHash=[{comparison=EQUALS,value=<digest>}],severity=[{comparison=EQUALS,value=CRITICAL}]'"

// accessFindings returns the pattern of active findings. Access Analyzer sends
// an event when the status of a finding changes, so each is sent once; it sends
// another when an active one is deleted.
func accessFindings(detailType string) func(*resources) map[string]any {
	return func(*resources) map[string]any {
		return alerting.EventPattern("aws.access-analyzer", []string{detailType},
			map[string]any{"status": []string{"ACTIVE"}, "isDeleted": []bool{false}})
	}
}

func accessMail(what, finding string) alerting.Mail {
	return alerting.Mail{
		What:  what,
		Which: "<kind> <resource>",
		Look:  "aws accessanalyzer get-finding-v2 --region <region> --analyzer-arn <analyzer> --id <finding>",
		Paths: map[string]string{
			"finding": "$.detail." + finding, "kind": "$.detail.resourceType", "resource": "$.detail.resource", "analyzer": "$.resources[0]",
			"type": "$.detail-type",
		},
	}
}

// imageScans matches the first scan of an image with critical vulnerabilities.
// No rule starts a runbook for it: a vulnerability is often in every image, also
// in those that the service would go back to, so a person decides.
func imageScans(r *resources) map[string]any {
	return alerting.EventPattern("aws.inspector2", []string{"Inspector2 Scan"}, map[string]any{
		"scan-status":             []string{"INITIAL_SCAN_COMPLETE"},
		"repository-name":         []*string{r.env.ARN("ecr", "repository/"+r.env.Name), &r.env.Name},
		"finding-severity-counts": map[string]any{"CRITICAL": []any{map[string]any{"numeric": []any{">", 0}}}},
	})
}

// imageVulnerabilities matches a critical vulnerability that became known after
// the scan, in an image that is in use: a mail for each vulnerability of each
// image would be too many. Inspector counts tasks and pods. If the event has no
// count, the rule matches.
func imageVulnerabilities(r *resources) map[string]any {
	return alerting.EventPattern("aws.inspector2", []string{"Inspector2 Finding"}, map[string]any{
		"severity": []string{"CRITICAL"},
		"status":   []string{"ACTIVE"},
		"resources": map[string]any{
			"type": []string{"AWS_ECR_CONTAINER_IMAGE"},
			"details": map[string]any{"awsEcrContainerImage": map[string]any{
				"repositoryName": []string{r.env.Name},
				"$or": []any{
					map[string]any{"inUseCount": []any{map[string]any{"numeric": []any{">", 0}}}},
					map[string]any{"inUseCount": []any{map[string]any{"exists": false}}},
				},
			}},
		},
	})
}
