package response

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"catalog-infra/config"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/waf"
)

// exportedLog is a log group that gather-evidence exports. Its ID is part of the
// names of steps, its name a folder of the evidence.
type exportedLog struct{ id, name, group string }

// exportedLogs returns the log groups of the environment.
func (r *resources) exportedLogs() []exportedLog {
	logs := []exportedLog{
		{"Service", "service", r.env.LogGroupName()},
		{"Database", "database", database.LogGroupName(r.env.Name)},
		{"Flows", "flows", *r.props.FlowLogs.LogGroupName()},
		{"Rotation", "rotation", database.RotationLogGroupName(r.env.RotationFunctionName())},
		{"Firewall", "firewall", waf.LogPrefix + r.env.Name},
	}
	if r.props.User != nil {
		logs = append(logs, exportedLog{"UserRotation", "user-rotation", database.RotationLogGroupName(r.env.UserRotationFunctionName())})
	}
	if r.env.Config.Audit.Trail == config.OwnershipCreate {
		logs = append(logs, exportedLog{"Trail", "trail", r.env.TrailLogGroupName()})
	}
	return logs
}

func (r *resources) exportedLogARNs() []*string {
	var arns []*string
	for _, log := range r.exportedLogs() {
		arns = append(arns, r.env.LogsARN(log.group))
	}
	return arns
}

func gatherConstants(r *resources) map[string]any {
	groups := r.props.SecurityGroups
	var names []string
	for _, log := range r.exportedLogs() {
		names = append(names, log.name)
	}
	return map[string]any{
		"ExportSteps":    exportSteps(r.exportedLogs()),
		"ExportedLogs":   names,
		"SecurityGroups": append(groups.LoadBalancer, groups.Tasks, groups.Rotation, groups.Database),
		"TaskRoles":      r.taskRoles(awsiam.IRole.RoleName),
	}
}

// taskRoles returns the name or ARN of each role of tasks.
func (r *resources) taskRoles(of func(awsiam.IRole) *string) []*string {
	roles := []*string{of(r.props.ExecutionRole), of(r.props.TaskRole)}
	if r.props.User != nil {
		roles = append(roles, of(r.props.MasterExecutionRole))
	}
	return roles
}

// exportSteps returns steps that export one log group after the other. A failed
// export fails the run but does not prevent the next one.
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
		"uses":      "StartExport",
		"name":      "Export" + log.id,
		"onFailure": "step:" + next,
		"inputs": map[string]any{"InputPayload": map[string]any{
			"TaskName": "{{ IncidentId }}-" + log.name,
			"LogGroup": log.group,
			"Folder":   "incidents/{{ IncidentId }}/gather-evidence/{{ automation:EXECUTION_ID }}/logs/" + log.name,
		}},
	}
}

// waitStep returns a step that waits until the export has ended, also if it
// failed.
func (log exportedLog) waitStep() any {
	return map[string]any{
		"uses":   "WaitForExport",
		"name":   "WaitFor" + log.id,
		"inputs": map[string]any{"taskId": "{{ Export" + log.id + ".TaskId }}"},
	}
}

func exportLogs(r *resources) []permissions.Statement {
	return []permissions.Statement{permissions.Allow("ExportLogs", "logs:CreateExportTask").
		On(r.exportedLogARNs()...)}
}

// readConfiguration allows reading the permissions of the tasks and the events
// of the account.
func readConfiguration(r *resources) []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("ReadTaskRoles",
			"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies").
			On(r.taskRoles(awsiam.IRole.RoleArn)...),
		// An intruder may have attached any policy.
		permissions.Allow("ReadPolicies", "iam:GetPolicy", "iam:GetPolicyVersion").
			On(r.env.ARNIn("", "iam", "policy/*")),
		// None of these supports resource-level permissions; none shows a secret.
		permissions.Allow("DescribeWithoutResourceScope",
			"cloudtrail:LookupEvents", "ec2:DescribeSecurityGroupRules", "ecs:DescribeTaskDefinition",
			"logs:DescribeExportTasks").
			OnAll(),
	}
}
