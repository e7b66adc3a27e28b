package response

import (
	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/web"
)

func incidentConstants(r *resources) map[string]any {
	return map[string]any{
		"FirstHours": r.names(func(row runbook) bool { return row.firstHours }),
		"Tags":       automation.TagList(r.tags()),
	}
}

func openOpsItem(r *resources) []permissions.Statement {
	return []permissions.Statement{
		// CreateOpsItem does not support resource-level permissions.
		permissions.Allow("CreateOpsItem", "ssm:CreateOpsItem").OnAll(),
		permissions.Allow("TagOpsItem", "ssm:AddTagsToResource").
			On(r.env.ARN("ssm", "opsitem/*")).If(r.tagged("aws:RequestTag/")),
	}
}

// snapshotPrefix starts the names of the database's snapshots, since two
// environments may share an incident ID. With the longest suffix and incident ID
// the name has 63 characters, the maximum of RDS.
func (r *resources) snapshotPrefix() string { return r.env.Name + "-" }

func preserveConstants(r *resources) map[string]any {
	var groups []*string
	for _, group := range r.props.TargetGroups {
		groups = append(groups, group.TargetGroupArn())
	}
	return map[string]any{
		"TargetGroups":   groups,
		"Database":       r.env.Name,
		"SnapshotPrefix": r.snapshotPrefix(),
		"RepositoryURI":  r.props.Repository.RepositoryUri(),
		"TagPrefix":      web.EvidenceTagPrefix,
	}
}

// copyEvidence allows a snapshot of the database, tags of images and protection
// of tasks.
func copyEvidence(r *resources) []permissions.Statement {
	snapshots := r.rds("cluster-snapshot", r.snapshotPrefix()+"inc-*")
	return []permissions.Statement{
		permissions.Allow("SnapshotDatabase", "rds:CreateDBClusterSnapshot").On(r.clusterARN(), snapshots),
		permissions.Allow("TagSnapshot", "rds:AddTagsToResource").On(snapshots),
		permissions.Allow("DescribeDatabase", "rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots").
			On(r.clusterARN(), snapshots),
		permissions.Allow("ProtectTasks", "ecs:UpdateTaskProtection").On(r.tasksARN()),
		r.putObjects(incidents),
		permissions.Allow("TagImages", "ecr:BatchGetImage", "ecr:PutImage").On(r.repositoryARN),
		// None of these supports resource-level permissions; none shows a secret.
		permissions.Allow("DescribeNetwork",
			"ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules",
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetHealth").
			OnAll(),
	}
}

// archiveImages allows taking an image out of use.
func archiveImages(r *resources) []permissions.Statement {
	return []permissions.Statement{
		// The action does not support resource-level permissions.
		permissions.Allow("ListTaskDefinitions", "ecs:ListTaskDefinitions").OnAll(),
		permissions.Allow("ArchiveImages", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:UpdateImageStorageClass").
			On(r.repositoryARN),
	}
}

// putReview allows writing the report of an access review.
func putReview(r *resources) []permissions.Statement {
	return []permissions.Statement{r.putObjects(accessReviews)}
}

// readAccess allows reading who has access to the account.
func readAccess(r *resources) []permissions.Statement {
	return []permissions.Statement{
		// The actions on the account's report do not support resource-level permissions.
		permissions.Allow("ReadCredentialReport",
			"iam:GenerateCredentialReport", "iam:GetAccountSummary", "iam:GetCredentialReport").
			OnAll(),
		permissions.Allow("ListAnalyzers", "access-analyzer:ListAnalyzers").OnAll(),
		permissions.Allow("ListFindings", "access-analyzer:ListFindings").On(r.env.ARN("access-analyzer", "analyzer/*")),
	}
}

// setWorkflowStatus allows setting findings to NOTIFIED and no other change.
func setWorkflowStatus(r *resources) []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("SetWorkflowStatus", "securityhub:BatchUpdateFindings").On(r.env.ARN("securityhub", "hub/default")).
			If(map[string]any{"StringEquals": map[string]any{"securityhub:ASFFSyntaxPath/Workflow.Status": "NOTIFIED"}}),
	}
}
