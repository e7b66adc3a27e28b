package response

import (
	"catalog-infra/constructs/permissions"
)

// Folders of the evidence bucket.
const (
	incidents     = "incidents"
	accessReviews = "access-reviews"
)

// publish allows publishing to the encrypted topic.
func publish(r *resources) []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("PublishToTopic", "sns:Publish").On(r.topicARN),
		permissions.Allow("UseTopicKey", "kms:Decrypt", "kms:GenerateDataKey").On(r.topicKeyARN).If(r.via("sns")),
	}
}

// saveState allows saving state and reading its first version. Versions are
// locked, so a later write cannot replace it.
func saveState(r *resources) []permissions.Statement {
	return []permissions.Statement{
		r.listSaved("s3:ListBucketVersions"),
		r.putObjects(incidents),
		permissions.Allow("GetState", "s3:GetObjectVersion").On(r.evidenceObjects(incidents + "/*")),
	}
}

func listSavedState(r *resources) []permissions.Statement {
	return []permissions.Statement{r.listSaved("s3:ListBucket")}
}

func putState(r *resources) []permissions.Statement {
	return []permissions.Statement{r.putObjects(incidents)}
}

func (r *resources) listSaved(action string) permissions.Statement {
	return permissions.Allow("ListSavedState", action).On(r.evidenceARN).If(map[string]any{
		"StringLike": map[string]any{"s3:prefix": incidents + "/*"},
	})
}

func (r *resources) putObjects(folder string) permissions.Statement {
	return permissions.Allow("PutState", "s3:PutObject").On(r.evidenceObjects(folder + "/*"))
}

// listRuns allows a runbook to see whether it runs already, and people to see all
// runs.
// The action does not support resource-level permissions.
func listRuns(*resources) []permissions.Statement {
	return []permissions.Statement{permissions.Allow("ListRuns", "ssm:DescribeAutomationExecutions").OnAll()}
}

func readRuns(r *resources) []permissions.Statement {
	return []permissions.Statement{permissions.Allow("GetRun", "ssm:GetAutomationExecution").On(r.executionsARN())}
}

// describeService allows a runbook to see whether there is a service.
func describeService(r *resources) []permissions.Statement {
	return []permissions.Statement{permissions.Allow("DescribeService", "ecs:DescribeServices").On(r.serviceARN)}
}

// describeTasks allows describing the service and the tasks in its cluster.
func describeTasks(r *resources) []permissions.Statement {
	return []permissions.Statement{
		r.listTasks(),
		permissions.Allow("DescribeServiceAndTasks", "ecs:DescribeServices", "ecs:DescribeTasks").On(r.serviceARN, r.tasksARN()),
		// The action does not support resource-level permissions. Definitions contain
		// no passwords.
		permissions.Allow("DescribeTaskDefinitions", "ecs:DescribeTaskDefinition").OnAll(),
	}
}

// listTasks allows listing the tasks of the cluster, which the action supports
// only as a condition.
func (r *resources) listTasks() permissions.Statement {
	return permissions.Allow("ListTasks", "ecs:ListTasks").OnAll().If(map[string]any{
		"ArnEquals": map[string]any{"ecs:cluster": r.ecsClusterARN},
	})
}

// grantKeyToRDS allows RDS to use the database's key for snapshots and restored
// clusters. AWS managed keys need no permission.
func grantKeyToRDS(r *resources) []permissions.Statement {
	if r.props.DatabaseKey == nil {
		return nil
	}
	key, throughRDS := r.props.DatabaseKey.KeyArn(), r.via("rds")
	return []permissions.Statement{
		permissions.Allow("GrantKeyToRDS", "kms:CreateGrant").On(key).If(map[string]any{
			"Bool": map[string]any{"kms:GrantIsForAWSResource": "true"}, "StringEquals": throughRDS["StringEquals"],
		}),
		permissions.Allow("DescribeKey", "kms:DescribeKey").On(key).If(throughRDS),
	}
}
