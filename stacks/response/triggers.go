package response

import (
	"maps"
	"slices"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/stacks/monitoring"
)

// trigger is an EventBridge rule that starts a runbook. EventBridge retries the
// delivery of an event for a day, so there is no dead-letter queue.
type trigger struct {
	id string

	// when is the trigger's text in docs/incident-response.md.
	when string

	// description is the rule's and that of its role.
	description string

	// schedule is a cron or rate expression in UTC. Without it, pattern returns
	// the event pattern.
	schedule string
	pattern  func(*resources) map[string]any

	// parameters has values for the runbook's parameters. Their values may contain <name>, a part
	// of the event that paths gives as a JSON path.
	parameters, paths map[string]string

	// only leaves the rule out of environments that need none. Default: every
	// environment that has the runbook has the rule.
	only condition
}

// incidentOfFinding is the ID of the incident of a GuardDuty finding. The ID of
// the finding has 32 hexadecimal digits. It stays the same while GuardDuty sees
// the same activity again.
const incidentOfFinding = "inc-<finding>"

// threatFound pages once for each open incident. GuardDuty sends an event for
// each update of a finding, and no field distinguishes the first, so the runbook
// checks whether the OpsItem is open already. No rule notifies the topic.
var threatFound = trigger{
	id:          "ThreatIncident",
	when:        "a GuardDuty finding of severity 7 or higher, where `audit.notifyFindings` is set; it pages once while the incident is open",
	description: monitoring.Describe("ThreatFinding", alerting.Critical, "GuardDuty has a finding of high severity").Text(),
	pattern:     func(*resources) map[string]any { return severeFindings(nil) },
	parameters: map[string]string{
		"IncidentId": incidentOfFinding,
		"Summary":    "GuardDuty found <type> of severity <severity>, about <resource> in account <account>, <region>.",
		"Look":       "aws guardduty get-findings --region <region> --detector-id <detector> --finding-ids <finding>",
		"Severity":   "1",
		"StartedBy":  "event",
	},
	paths: map[string]string{
		"account": "$.detail.accountId", "region": "$.region",
		"finding": "$.detail.id", "type": "$.detail.type", "severity": "$.detail.severity",
		"resource": "$.detail.resource.resourceType", "detector": "$.detail.service.detectorId",
	},
	only: func(cfg config.Config) bool { return cfg.Audit.NotifyFindings && hasGuardDuty(cfg) },
}

// databaseAttacked matches findings about the environment's own database.
// GuardDuty has no findings about Fargate tasks without its agent in them.
var databaseAttacked = trigger{
	id:          "AttackedDatabase",
	when:        "a GuardDuty finding of severity 7 or higher about the database; for the tasks, start it by hand",
	description: "Preserves evidence when GuardDuty finds that the database is attacked",
	pattern: func(r *resources) map[string]any {
		return severeFindings(map[string]any{"resource": map[string]any{
			"rdsDbInstanceDetails": map[string]any{"dbClusterIdentifier": []string{r.env.Name}},
		}})
	},
	parameters: map[string]string{"IncidentId": incidentOfFinding},
	paths:      map[string]string{"finding": "$.detail.id"},
	only:       hasGuardDuty,
}

// secretRotated replaces the tasks, which read the password when they start. The old
// password is not valid any more (pitfall A8); that of an alternating user is until the
// next rotation. CloudTrail delivers the event, so there must be a trail.
var secretRotated = trigger{
	id:          "RotationSucceeded",
	when:        "a successful rotation of the database password",
	description: "Replaces the tasks after the database password was rotated",
	pattern:     func(r *resources) map[string]any { return rotationEvents("RotationSucceeded", r.secretARN) },
	only:        hasTrail,
}

var everyHour = trigger{
	id:          "SecretAgeHourly",
	when:        "every hour",
	description: "Counts tasks that have an old database password",
	schedule:    "rate(1 hour)",
}

// everyQuarter is the first Monday of January, April, July and October, 08:00
// UTC.
var everyQuarter = trigger{
	id:          "AccessReviewDue",
	when:        "every quarter, in protected environments",
	description: "Starts the quarterly access review",
	schedule:    "cron(0 8 ? 1,4,7,10 2#1 *)",
	only:        func(cfg config.Config) bool { return cfg.Lifecycle == config.LifecycleProtected },
}

// hubFindingSent sets the workflow status of a new finding to NOTIFIED. Security
// Hub sends an event at each check of what still fails, and only that status
// distinguishes the first. Security Hub resets it when the check fails again
// after it passed.
var hubFindingSent = trigger{
	id:          "SecurityHubNotified",
	when:        "a new Security Hub finding of high severity, which also sends a mail",
	description: "Marks a finding of Security Hub as notified, so that its updates send no mail",
	pattern:     hubFindings,
	parameters:  map[string]string{"FindingId": "<finding>", "ProductArn": "<product>"},
	paths:       map[string]string{"finding": "$.detail.findings[0].Id", "product": "$.detail.findings[0].ProductArn"},
}

// reportFailedRun is the runbook that reports failures of the others.
const reportFailedRun = "report-failed-run"

// runbookFailed has report-failed-run look up the step and the message, which
// the event lacks.
var runbookFailed = trigger{
	id:   "RunbookFailed",
	when: "the failure, timeout or rejection of any other runbook's run",
	description: monitoring.Describe("RunbookFailed", alerting.Critical,
		"A runbook failed or refused to begin: report-failed-run mails the run, the step and the cause").Text(),
	pattern: func(r *resources) map[string]any {
		return failedRuns(r.names(func(row runbook) bool { return row.name != reportFailedRun })...)
	},
	parameters: map[string]string{"ExecutionId": "<execution>"},
	paths:      map[string]string{"execution": "$.detail.ExecutionId"},
}

// severeFindings matches GuardDuty findings of high and critical severity whose
// detail also has the given values.
func severeFindings(detail map[string]any) map[string]any {
	all := map[string]any{"severity": []any{map[string]any{"numeric": []any{">=", 7}}}}
	maps.Copy(all, detail)
	return alerting.EventPattern("aws.guardduty", []string{"GuardDuty Finding"}, all)
}

// rotationEvents matches an event of the rotation of secrets. It has the ARN in
// additionalEventData, not in "arn" or "aRN" like the response to a call.
func rotationEvents(name string, secrets ...*string) map[string]any {
	return alerting.EventPattern("aws.secretsmanager", []string{"AWS Service Event via CloudTrail"}, map[string]any{
		"eventSource":         []string{"secretsmanager.amazonaws.com"},
		"eventName":           []string{name},
		"additionalEventData": map[string]any{"SecretId": secrets},
	})
}

// failedRuns matches failed runs of the runbooks. The status of a rejected run
// is undocumented.
func failedRuns(documents ...string) map[string]any {
	return alerting.EventPattern("aws.ssm", []string{"EC2 Automation Execution Status-change Notification"}, map[string]any{
		"Definition": documents,
		"Status":     []string{"Failed", "TimedOut", "Rejected"},
	})
}

// hubFindings matches findings that no other rule of this environment matches:
// Security Hub repeats what the other services find.
func hubFindings(r *resources) map[string]any {
	finding := map[string]any{
		"Severity":    map[string]any{"Label": []string{"CRITICAL", "HIGH"}},
		"Workflow":    map[string]any{"Status": []string{"NEW"}},
		"RecordState": []string{"ACTIVE"},
	}
	var others []string
	for product, has := range map[string]condition{
		"GuardDuty": hasGuardDuty, "IAM Access Analyzer": hasAccessAnalyzer, "Inspector": hasInspector,
	} {
		if has(r.env.Config) {
			others = append(others, product)
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		finding["ProductName"] = []any{map[string]any{"anything-but": others}}
	}
	return alerting.EventPattern("aws.securityhub", []string{"Security Hub Findings - Imported"}, map[string]any{"findings": finding})
}
