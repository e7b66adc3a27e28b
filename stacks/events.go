package stacks

import (
	"maps"
	"slices"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/automation"
)

// everyQuarter is the first Monday of January, April, July and October, 08:00
// UTC.
const everyQuarter = "cron(0 8 ? 1,4,7,10 2#1 *)"

// newEvents tells the topic of findings, and starts the runbooks that hurt
// nobody: those that record and copy, and quarantine, which asks first.
//
// What is about the account is told by the environment that owns the service,
// so that a finding is told once. What is about this environment's own database,
// tasks or images is kept or asked about here, whoever owns the service.
//
// EventBridge tries for a day to deliver an event: no event waits elsewhere.
func (r *response) newEvents() {
	owned := r.Audit
	if owned.GuardDuty == config.OwnershipCreate {
		r.openIncidents()
	}
	if owned.GuardDuty != config.OwnershipOff {
		r.preserveWhatIsAttacked()
	}
	if owned.SecurityHub == config.OwnershipCreate {
		r.tellOf("SecurityHubFinding", alerting.High, "Security Hub has a new finding of high severity", r.hubFindings())
	}
	if owned.AccessAnalyzer == config.OwnershipCreate {
		r.tellOf("AccessFinding", alerting.High, "Access Analyzer found access from outside, or access that nobody uses", accessFindings())
	}
	if owned.Inspector != config.OwnershipOff {
		r.quarantineImages()
	}
	if r.lifecycle.protected {
		r.newStart("AccessReviewDue", automation.StartProps{
			Schedule: everyQuarter,
			Meaning:  "Starts the quarterly access review",
			Runbook:  r.runbook("review-access"),
		})
	}
}

func (r *response) tellOf(id string, severity alerting.Severity, meaning string, pattern map[string]any) {
	r.newEvent(id, alerting.EventProps{
		Contract: contract(id, severity, meaning), Pattern: pattern, Topic: r.Monitoring.Topic,
	})
}

// pattern matches events whose detail has all of some values.
func pattern(source string, types []string, detail map[string]any) map[string]any {
	return map[string]any{"source": []string{source}, "detail-type": types, "detail": detail}
}

// graveFindings are GuardDuty's of high and critical severity whose detail has
// more beside it.
func graveFindings(more map[string]any) map[string]any {
	detail := map[string]any{"severity": []any{map[string]any{"numeric": []any{">=", 7}}}}
	maps.Copy(detail, more)
	return pattern("aws.guardduty", []string{"GuardDuty Finding"}, detail)
}

// findingIncident is the incident of a finding, whose id has 32 hexadecimal
// digits and stays the same while GuardDuty sees the same thing again.
const findingIncident = "inc-<finding>"

func (r *response) openIncidents() {
	r.tellOf("ThreatFinding", alerting.Critical, "GuardDuty found something of high severity", graveFindings(nil))
	r.newStart("ThreatIncident", automation.StartProps{
		Pattern:    graveFindings(nil),
		Meaning:    "Opens an incident for what GuardDuty found",
		Runbook:    r.runbook("open-incident"),
		Parameters: map[string]string{"IncidentId": findingIncident, "Summary": "GuardDuty found <type>", "Severity": "1"},
		Paths:      map[string]string{"finding": "$.detail.id", "type": "$.detail.type"},
	})
}

// preserveWhatIsAttacked does so for findings about this environment's tasks or
// database only: evidence of another's is not here.
func (r *response) preserveWhatIsAttacked() {
	cluster := r.ecsClusterARN
	r.newStart("AttackedResources", automation.StartProps{
		Pattern: graveFindings(map[string]any{"resource": map[string]any{"$or": []any{
			map[string]any{"ecsClusterDetails": map[string]any{"arn": []*string{cluster}}},
			map[string]any{"rdsDbInstanceDetails": map[string]any{"dbClusterIdentifier": []string{r.name}}},
		}}}),
		Meaning:    "Preserves evidence when GuardDuty finds that the tasks or the database are attacked",
		Runbook:    r.runbook("preserve-evidence"),
		Parameters: map[string]string{"IncidentId": findingIncident},
		Paths:      map[string]string{"finding": "$.detail.id"},
	})
}

// hubFindings are those that no other rule of this environment tells of:
// Security Hub repeats what the other services find.
func (r *response) hubFindings() map[string]any {
	told := []string{}
	for product, is := range map[string]bool{
		"GuardDuty":           r.Audit.GuardDuty == config.OwnershipCreate,
		"IAM Access Analyzer": r.Audit.AccessAnalyzer == config.OwnershipCreate,
		"Inspector":           r.Audit.Inspector != config.OwnershipOff,
	} {
		if is {
			told = append(told, product)
		}
	}
	finding := map[string]any{
		"Severity":    map[string]any{"Label": []string{"CRITICAL", "HIGH"}},
		"Workflow":    map[string]any{"Status": []string{"NEW"}},
		"RecordState": []string{"ACTIVE"},
	}
	if len(told) > 0 {
		slices.Sort(told)
		finding["ProductName"] = []any{map[string]any{"anything-but": told}}
	}
	return pattern("aws.securityhub", []string{"Security Hub Findings - Imported"}, map[string]any{"findings": finding})
}

func accessFindings() map[string]any {
	return pattern("aws.access-analyzer", []string{"Access Analyzer Finding", "Unused Access Finding for IAM entities"},
		map[string]any{"status": []string{"ACTIVE"}})
}

// quarantineImages asks about each image of the environment's own repository in
// which Inspector finds a critical vulnerability, and tells of it.
func (r *response) quarantineImages() {
	found := pattern("aws.inspector2", []string{"Inspector2 Finding"}, map[string]any{
		"severity": []string{"CRITICAL"},
		"status":   []string{"ACTIVE"},
		"resources": map[string]any{
			"type":    []string{"AWS_ECR_CONTAINER_IMAGE"},
			"details": map[string]any{"awsEcrContainerImage": map[string]any{"repositoryName": []string{r.name}}},
		},
	})
	r.tellOf("VulnerableImage", alerting.High, "Inspector found a critical vulnerability in an image", found)
	r.newStart("QuarantineVulnerable", automation.StartProps{
		Pattern:    found,
		Meaning:    "Asks whether to quarantine an image with a critical vulnerability",
		Runbook:    r.runbook("quarantine-image"),
		Parameters: map[string]string{"ImageDigest": "<digest>", "DryRun": "false", "StartedBy": "event"},
		Paths:      map[string]string{"digest": "$.detail.resources[0].details.awsEcrContainerImage.imageHash"},
	})
}
