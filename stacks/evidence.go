package stacks

import (
	"slices"

	"catalog-infra/config"
	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/waf"
	"catalog-infra/constructs/web"
)

// incidents and accessReviews are the folders of the evidence bucket.
const (
	incidents     = "incidents"
	accessReviews = "access-reviews"
)

// firstHours are the runbooks that the OpsItem of an incident links.
var firstHours = []string{
	"preserve-evidence", "isolate-edge", "isolate-database", "block-addresses", "gather-evidence", "set-alert-sensitivity", "rotate-secret",
}

// newEvidence defines the runbooks that record what happened and touch nothing
// but copies. It comes last: an incident links the runbooks there are.
func (r *response) newEvidence() {
	r.newGathering()
	r.newPreserving()
	r.newQuarantine()
	r.newOpening()
	r.newAccessReview()
}

func (r *response) newOpening() {
	role := r.newRole("OpenIncidentRole", automation.RoleProps{
		Description: "Pages, opens an OpsItem and writes the record of an incident",
		Statements: append(r.tell(), r.find("s3:ListBucket"), r.save(incidents),
			// An item does not exist before it is opened: the action knows none.
			permissions.Allow("OpenOpsItem", "ssm:CreateOpsItem").OnAll(),
			permissions.Allow("TagOpsItem", "ssm:AddTagsToResource").On(r.ARN("ssm", "opsitem/*")).If(r.tagged("aws:RequestTag/"))),
	})
	r.add("OpenIncident", "open-incident", role, r.common(map[string]any{
		"FirstHours": r.linkedRunbooks(),
		"Tags":       automation.TagList(r.runTags()),
	}))
}

// linkedRunbooks are the names of the runbooks for the first hours.
func (r *response) linkedRunbooks() []string {
	var names []string
	for _, name := range firstHours {
		if r.runbook(name) != nil {
			names = append(names, r.RunbookName(name))
		}
	}
	return names
}

// snapshotPrefix starts the names of the database's snapshots: two
// environments may have an incident in common. With the longest suffix and
// incident id the name has 63 characters, as many as RDS takes.
func (r *response) snapshotPrefix() string { return r.Name + "-" }

func (r *response) newPreserving() {
	role := r.newRole("PreserveEvidenceRole", automation.RoleProps{
		Description: "Copies the database, the images and the state of the service, and protects its tasks",
		Statements:  slices.Concat(r.tell(), r.seeService(), r.preserveStatements(), r.lendKey()),
	})
	r.add("PreserveEvidence", "preserve-evidence", role, r.common(map[string]any{
		"Cluster":        r.ecsClusterName,
		"Service":        r.serviceName,
		"LoadBalancer":   r.Compute.LoadBalancer.ALB.LoadBalancerArn(),
		"Database":       r.Name,
		"SnapshotPrefix": r.snapshotPrefix(),
		"Repository":     r.Name,
		"RepositoryURI":  r.Compute.Repository.RepositoryUri(),
		"TagPrefix":      web.EvidenceTagPrefix,
	}))
}

// lendKey lets RDS use the database's key for a snapshot, or for what it
// restores. AWS's keys need no permission.
func (r *response) lendKey() []permissions.Statement {
	if r.Data.Key == nil {
		return nil
	}
	key, throughRDS := r.Data.Key.KeyArn(), map[string]any{"kms:ViaService": "rds." + r.Config.Region + ".amazonaws.com"}
	return []permissions.Statement{
		permissions.Allow("LendKey", "kms:CreateGrant").On(key).If(map[string]any{
			"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}, "StringEquals": throughRDS,
		}),
		permissions.Allow("SeeKey", "kms:DescribeKey").On(key).If(map[string]any{"StringEquals": throughRDS}),
	}
}

func (r *response) preserveStatements() []permissions.Statement {
	cluster := r.rdsARN("cluster", r.Name)
	snapshots := r.rdsARN("cluster-snapshot", r.snapshotPrefix()+"inc-*")
	return []permissions.Statement{
		permissions.Allow("SnapshotDatabase", "rds:CreateDBClusterSnapshot").On(cluster, snapshots),
		permissions.Allow("TagSnapshot", "rds:AddTagsToResource").On(snapshots),
		permissions.Allow("SeeDatabase", "rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots").On(cluster, snapshots),
		permissions.Allow("ProtectTasks", "ecs:UpdateTaskProtection").On(r.tasksARN()),
		r.save(incidents),
		permissions.Allow("KeepImages", "ecr:BatchGetImage", "ecr:PutImage").On(r.Compute.Repository.RepositoryArn()),
		// None of these knows a resource; none of them shows a secret.
		permissions.Allow("SeeNetwork",
			"ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules",
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetHealth").OnAll(),
	}
}

// seeService lets a runbook see the service and the tasks in its cluster.
func (r *response) seeService() []permissions.Statement {
	return []permissions.Statement{
		r.listTasks(),
		permissions.Allow("SeeService", "ecs:DescribeServices", "ecs:DescribeTasks").On(r.serviceARN, r.tasksARN()),
		// The action knows no resource; passwords are not in a definition.
		permissions.Allow("SeeTaskDefinitions", "ecs:DescribeTaskDefinition").OnAll(),
	}
}

// exportedLog is a log group that evidence is gathered from. Its id is part of
// the names of steps, its name a folder of the evidence.
type exportedLog struct{ id, name, group string }

// exportedLogs are the log groups of the environment.
func (r *response) exportedLogs() []exportedLog {
	logs := []exportedLog{
		{"Service", "service", r.LogGroupName()},
		{"Database", "database", database.LogGroupName(r.Name)},
		{"Flows", "flows", *r.Network.FlowLogs.LogGroupName()},
		{"Rotation", "rotation", database.RotationLogGroupName(r.RotationFunctionName())},
	}
	if r.Config.Edge.WAF.Mode != config.WAFOff {
		logs = append(logs, exportedLog{"Firewall", "firewall", waf.LogPrefix + r.Name})
	}
	if r.Config.Audit.Trail == config.OwnershipCreate {
		logs = append(logs, exportedLog{"Trail", "trail", r.TrailLogGroupName()})
	}
	return logs
}

func (r *response) newGathering() {
	logs := r.exportedLogs()
	role := r.newRole("GatherEvidenceRole", automation.RoleProps{
		Description: "Exports logs and saves the configuration, and changes nothing",
		Statements:  slices.Concat(r.tell(), r.gatherStatements(logs)),
	})
	r.add("GatherEvidence", "gather-evidence", role, r.common(map[string]any{
		"Region":       r.Config.Region,
		"ExportSteps":  exportSteps(logs),
		"ExportedLogs": namesOf(logs),
		"Cluster":      r.ecsClusterName,
		"Service":      r.serviceName,
		"SecurityGroups": []*string{
			r.SecurityGroups.LoadBalancer.SecurityGroupId(), r.tasksGroupID,
			r.SecurityGroups.Rotation.SecurityGroupId(), r.SecurityGroups.Database.SecurityGroupId(),
		},
		"TaskRoles": []*string{r.IAM.ExecutionRole.RoleName(), r.IAM.TaskRole.RoleName()},
	}))
}

// exportSteps export one log group after the other. One that cannot be exported
// fails the run, and does not keep the next from being exported.
func exportSteps(logs []exportedLog) []any {
	var steps []any
	for i, log := range logs {
		next := "SaveEvents"
		if i+1 < len(logs) {
			next = "Export" + logs[i+1].id
		}
		steps = append(steps, log.exportStep(next), log.waitStep())
	}
	return steps
}

func (log exportedLog) exportStep(next string) any {
	return map[string]any{
		"name":           "Export" + log.id,
		"description":    "Starts the export of the log group " + log.name + ", once no other runs in the account.",
		"action":         "aws:executeScript",
		"timeoutSeconds": 600,
		"onFailure":      "step:" + next,
		"isCritical":     true,
		"inputs": map[string]any{
			"Handler": "start_export",
			"InputPayload": map[string]any{
				"TaskName": "{{ IncidentId }}-" + log.name,
				"LogGroup": log.group,
				"From":     "{{ CheckTimes.From }}",
				"To":       "{{ CheckTimes.To }}",
				"Bucket":   "${Evidence}",
				"Folder":   "incidents/{{ IncidentId }}/gather-evidence/{{ automation:EXECUTION_ID }}/logs/" + log.name,
			},
			"Script": "start_export.py",
		},
		"outputs": []any{map[string]any{"Name": "TaskId", "Selector": "$.Payload.TaskId", "Type": "String"}},
	}
}

// waitStep waits for an export's end, good or bad.
func (log exportedLog) waitStep() any {
	return map[string]any{
		"name":           "WaitFor" + log.id,
		"description":    "Waits until that export is over.",
		"action":         "aws:waitForAwsResourceProperty",
		"timeoutSeconds": 7200,
		"onFailure":      "Continue",
		"isCritical":     true,
		"inputs": map[string]any{
			"Service":          "logs",
			"Api":              "DescribeExportTasks",
			"taskId":           "{{ Export" + log.id + ".TaskId }}",
			"PropertySelector": "$.exportTasks[0].status.code",
			"DesiredValues":    []string{"COMPLETED", "CANCELLED", "FAILED"},
		},
	}
}

func namesOf(logs []exportedLog) []string {
	var names []string
	for _, log := range logs {
		names = append(names, log.name)
	}
	return names
}

func (r *response) logARNs(logs []exportedLog) []*string {
	var arns []*string
	for _, log := range logs {
		arns = append(arns, r.LogsARN(log.group))
	}
	return arns
}

func (r *response) gatherStatements(logs []exportedLog) []permissions.Statement {
	return []permissions.Statement{
		r.find("s3:ListBucket"),
		r.save(incidents),
		permissions.Allow("ExportLogs", "logs:CreateExportTask").On(r.logARNs(logs)...),
		r.findService(),
		permissions.Allow("SeeTaskRoles",
			"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies").On(r.executionRoleARN, r.taskRoleARN),
		// An intruder may have attached any policy.
		permissions.Allow("ReadPolicies", "iam:GetPolicy", "iam:GetPolicyVersion").On(r.ARNIn("", "iam", "policy/*")),
		// None of these knows a resource; none of them shows a secret.
		permissions.Allow("SeeWhatHasNoResource",
			"cloudtrail:LookupEvents", "ec2:DescribeSecurityGroupRules", "ecs:DescribeTaskDefinition",
			"logs:DescribeExportTasks").OnAll(),
		r.seeRuns(),
	}
}

func (r *response) newAccessReview() {
	role := r.newRole("ReviewAccessRole", automation.RoleProps{
		Description: "Reads who has access to the account, and changes nothing",
		Statements: append(r.tell(), r.save(accessReviews),
			// The report and the summary are the account's: the actions know no resource.
			permissions.Allow("ReadCredentialReport",
				"iam:GenerateCredentialReport", "iam:GetAccountSummary", "iam:GetCredentialReport").OnAll(),
			permissions.Allow("FindAnalyzers", "access-analyzer:ListAnalyzers").OnAll(),
			permissions.Allow("ReadFindings", "access-analyzer:ListFindings").On(r.ARN("access-analyzer", "analyzer/*"))),
	})
	r.add("ReviewAccess", "review-access", role, r.common(nil))
}

// newQuarantine defines the runbook that takes an image out of use. It has the
// service go back by the runbook for that.
func (r *response) newQuarantine() {
	rollBack := r.runbook("roll-back-service")
	repository := r.Compute.Repository
	role := r.newRole("QuarantineImageRole", automation.RoleProps{
		Description: "Archives images of the environment's repository, and has the service go back before that",
		Statements: slices.Concat(r.tell(), r.seeService(), rollBack.ChildStatements(), []permissions.Statement{
			// The action knows no resource.
			permissions.Allow("SeeRevisions", "ecs:ListTaskDefinitions").OnAll(),
			permissions.Allow("ArchiveImages", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:UpdateImageStorageClass").On(repository.RepositoryArn()),
			r.seeRuns(),
		}),
	})
	r.add("QuarantineImage", "quarantine-image", role, r.common(map[string]any{
		"Repository": r.Name,
		"Cluster":    r.ecsClusterName,
		"Service":    r.serviceName,
	}))
}

// executions are all runs of runbooks in the account: nobody knows their ids
// before.
func (r *response) executions() *string { return r.ARN("ssm", "automation-execution/*") }
