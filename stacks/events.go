package stacks

import (
	"maps"
	"slices"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/permissions"
	"catalog-infra/stacks/monitoring"
)

// everyQuarter is the first Monday of January, April, July and October, 08:00
// UTC.
const everyQuarter = "cron(0 8 ? 1,4,7,10 2#1 *)"

// newEvents tells of findings, and starts the runbooks that hurt nobody: those
// that record and copy.
//
// What is about the account is told by the one environment that the
// configuration says tells, whoever created the service. What is about this
// environment's own database or images is kept or told here.
//
// EventBridge tries for a day to deliver an event: no event waits elsewhere.
func (r *response) newEvents() {
	if r.Config.Audit.NotifyFindings {
		r.tellOfTheAccount()
	}
	if r.Config.Audit.GuardDuty != config.OwnershipOff {
		r.preserveWhatIsAttacked()
	}
	if r.Config.Audit.Inspector != config.OwnershipOff {
		r.tellOfImages()
	}
	if r.Lifecycle.Protected {
		r.newStart("AccessReviewDue", automation.TriggerProps{
			Schedule: everyQuarter,
			Meaning:  "Starts the quarterly access review",
			Runbook:  r.runbook("review-access"),
		})
	}
}

func (r *response) tellOfTheAccount() {
	if r.Config.Audit.GuardDuty != config.OwnershipOff {
		r.openIncidents()
	}
	if r.Config.Audit.SecurityHub != config.OwnershipOff {
		r.tellOfHubFindings()
	}
	if r.Config.Audit.AccessAnalyzer != config.OwnershipOff {
		r.tellOfAccess()
	}
}

func (r *response) tellOf(contract alerting.Description, id string, mail alerting.Mail, pattern map[string]any) {
	mail.Environment = r.Name
	r.newEvent(id, alerting.NotificationRuleProps{Description: contract, Mail: mail, Pattern: pattern, Topic: r.Monitoring.Topic})
}

// graveFindings are GuardDuty's of high and critical severity whose detail has
// more beside it.
func graveFindings(more map[string]any) map[string]any {
	detail := map[string]any{"severity": []any{map[string]any{"numeric": []any{">=", 7}}}}
	maps.Copy(detail, more)
	return alerting.EventPattern("aws.guardduty", []string{"GuardDuty Finding"}, detail)
}

// findingIncident is the incident of a finding, whose id has 32 hexadecimal
// digits and stays the same while GuardDuty sees the same thing again.
const findingIncident = "inc-<finding>"

// openIncidents has the runbook page, once for each incident that is open.
// GuardDuty sends an event at every update of a finding, which nothing in it
// tells from the first: that one counts what was seen in the minutes before it.
// So no rule tells the topic of them.
func (r *response) openIncidents() {
	found := monitoring.Describe("ThreatFinding", alerting.Critical, "GuardDuty found something of high severity")
	r.newStart("ThreatIncident", automation.TriggerProps{
		Pattern: graveFindings(nil),
		Meaning: found.Text(),
		Runbook: r.runbook("open-incident"),
		Parameters: map[string]string{
			"IncidentId": findingIncident,
			"Summary":    "GuardDuty found <type> of severity <severity>, about <resource> in account <account>, <region>.",
			"Look":       "aws guardduty get-findings --region <region> --detector-id <detector> --finding-ids <finding>",
			"Severity":   "1",
			"StartedBy":  "event",
		},
		Paths: map[string]string{
			"account": "$.detail.accountId", "region": "$.region",
			"finding": "$.detail.id", "type": "$.detail.type", "severity": "$.detail.severity",
			"resource": "$.detail.resource.resourceType", "detector": "$.detail.service.detectorId",
		},
	})
}

// preserveWhatIsAttacked does so for findings about this environment's database
// only: evidence of another's is not here, and GuardDuty sees nothing of tasks on
// Fargate without its agent in them.
func (r *response) preserveWhatIsAttacked() {
	r.newStart("AttackedDatabase", automation.TriggerProps{
		Pattern: graveFindings(map[string]any{"resource": map[string]any{
			"rdsDbInstanceDetails": map[string]any{"dbClusterIdentifier": []string{r.Name}},
		}}),
		Meaning:    "Preserves evidence when GuardDuty finds that the database is attacked",
		Runbook:    r.runbook("preserve-evidence"),
		Parameters: map[string]string{"IncidentId": findingIncident},
		Paths:      map[string]string{"finding": "$.detail.id"},
	})
}

// tellOfHubFindings tells of what is new, and marks it as told. Security Hub
// sends an event at every check of what is still wrong, and only the mark tells it
// from the first. It takes the mark off when what was right again is wrong.
func (r *response) tellOfHubFindings() {
	paths := map[string]string{
		"finding": "$.detail.findings[0].Id", "title": "$.detail.findings[0].Title", "product": "$.detail.findings[0].ProductName",
		"severity": "$.detail.findings[0].Severity.Label", "check": "$.detail.findings[0].GeneratorId",
		"kind": "$.detail.findings[0].Resources[0].Type", "resource": "$.detail.findings[0].Resources[0].Id",
	}
	r.tellOf(monitoring.Describe("SecurityHubFinding", alerting.High, "Security Hub has a new finding of high severity"), "SecurityHubFinding", alerting.Mail{
		What:  "<severity>: <title> (<product>, <check>)",
		Which: "<kind> <resource>",
		Look:  "aws securityhub get-findings --region <region> --filters 'Id=[{Value=<finding>,Comparison=EQUALS}]'",
		Paths: paths,
	}, r.hubFindings())
	role := r.newRole("NoteToldRole", automation.RoleProps{
		Description: "Marks findings of Security Hub as told, and changes nothing else of them",
		Statements: []permissions.Statement{
			permissions.Allow("NoteTold",
				"securityhub:BatchUpdateFindings").On(r.ARN("securityhub", "hub/default")).If(map[string]any{"StringEquals": map[string]any{"securityhub:ASFFSyntaxPath/Workflow.Status": "NOTIFIED"}}),
		},
	})
	r.newStart("SecurityHubTold", automation.TriggerProps{
		Pattern:    r.hubFindings(),
		Meaning:    "Marks a finding of Security Hub as told, so that its updates are not",
		Runbook:    r.add("NoteTold", "note-told", role, nil),
		Parameters: map[string]string{"FindingId": "<finding>", "ProductArn": "<product>"},
		Paths:      map[string]string{"finding": "$.detail.findings[0].Id", "product": "$.detail.findings[0].ProductArn"},
	})
}

// hubFindings are those that no other rule of this environment tells of:
// Security Hub repeats what the other services find.
func (r *response) hubFindings() map[string]any {
	told := []string{}
	for product, is := range map[string]bool{
		"GuardDuty":           r.Config.Audit.GuardDuty != config.OwnershipOff,
		"IAM Access Analyzer": r.Config.Audit.AccessAnalyzer != config.OwnershipOff,
		"Inspector":           r.Config.Audit.Inspector != config.OwnershipOff,
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
	return alerting.EventPattern("aws.securityhub", []string{"Security Hub Findings - Imported"}, map[string]any{"findings": finding})
}

// tellOfAccess tells of findings once: Access Analyzer sends an event when the
// status of one changes, and of one that is active again when it is deleted.
func (r *response) tellOfAccess() {
	tell := func(id string, severity alerting.Severity, meaning, kind string, what, finding string) {
		r.tellOf(monitoring.Describe(id, severity, meaning), id, alerting.Mail{
			What:  what,
			Which: "<kind> <resource>",
			Look:  "aws accessanalyzer get-finding-v2 --region <region> --analyzer-arn <analyzer> --id <finding>",
			Paths: map[string]string{
				"finding": "$.detail." + finding, "kind": "$.detail.resourceType", "resource": "$.detail.resource", "analyzer": "$.resources[0]",
				"type": "$.detail-type",
			},
		}, alerting.EventPattern("aws.access-analyzer", []string{kind}, map[string]any{"status": []string{"ACTIVE"}, "isDeleted": []bool{false}}))
	}
	tell("AccessFinding", alerting.High, "Access Analyzer found access from outside", "Access Analyzer Finding", "<type>: access from outside", "id")
	tell("UnusedAccess", alerting.Medium, "Access Analyzer found access that nobody uses", "Unused Access Finding for IAM entities", "<type>: access that nobody uses", "findingId")
}

// lookAtImage shows what Inspector knows of an image.
const lookAtImage = "aws inspector2 list-findings --region <region> " +
	"--filter-criteria 'ecrImageHash=[{comparison=EQUALS,value=<digest>}],severity=[{comparison=EQUALS,value=CRITICAL}]'"

// tellOfImages tells of an image when it was scanned for the first time, and of
// a vulnerability that became known later if the image is in use. It starts nothing:
// a vulnerability is often in every image, those that the service goes back to among
// them, so that a person decides which is taken out of use. An event for each
// vulnerability of each image would be a mail for each.
func (r *response) tellOfImages() {
	const image = "$.detail.resources[0].details.awsEcrContainerImage."
	r.tellOf(monitoring.Describe("VulnerableImage", alerting.High, "Inspector found critical vulnerabilities in an image that was pushed"), "VulnerableImage", alerting.Mail{
		What:  "<count> critical vulnerabilities",
		Which: "<digest> in <repository>",
		Look:  lookAtImage,
		Paths: map[string]string{
			"count": "$.detail.finding-severity-counts.CRITICAL", "digest": "$.detail.image-digest", "repository": "$.detail.repository-name",
		},
	}, alerting.EventPattern("aws.inspector2", []string{"Inspector2 Scan"}, map[string]any{
		"scan-status":             []string{"INITIAL_SCAN_COMPLETE"},
		"repository-name":         []*string{r.ARN("ecr", "repository/"+r.Name), &r.Name},
		"finding-severity-counts": map[string]any{"CRITICAL": []any{map[string]any{"numeric": []any{">", 0}}}},
	}))
	r.tellOf(monitoring.Describe("NewVulnerability", alerting.High, "Inspector found a critical vulnerability in an image that is in use"), "NewVulnerability", alerting.Mail{
		What:  "<title>",
		Which: "<digest> in <repository>",
		Look:  lookAtImage,
		Paths: map[string]string{"title": "$.detail.title", "digest": image + "imageHash", "repository": image + "repositoryName"},
	}, vulnerabilities(map[string]any{
		"repositoryName": []string{r.Name},
		// Inspector counts tasks and pods. Where it sends no count, better a mail too many.
		"$or": []any{
			map[string]any{"inUseCount": []any{map[string]any{"numeric": []any{">", 0}}}},
			map[string]any{"inUseCount": []any{map[string]any{"exists": false}}},
		},
	}))
}

// vulnerabilities are critical ones of images.
func vulnerabilities(image map[string]any) map[string]any {
	return alerting.EventPattern("aws.inspector2", []string{"Inspector2 Finding"}, map[string]any{
		"severity": []string{"CRITICAL"},
		"status":   []string{"ACTIVE"},
		"resources": map[string]any{
			"type":    []string{"AWS_ECR_CONTAINER_IMAGE"},
			"details": map[string]any{"awsEcrContainerImage": image},
		},
	})
}
