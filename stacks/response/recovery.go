package response

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"

	"catalog-infra/config"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/permissions"
)

// deployService allows replacing the tasks, also those that are protected.
func deployService(r *resources) []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("DeployService", "ecs:DescribeServices", "ecs:UpdateService").On(r.serviceARN),
		r.listTasks(),
		permissions.Allow("UnprotectTasks", "ecs:UpdateTaskProtection").On(r.tasksARN()),
	}
}

// rollBackService allows what roll-back-service needs beside deployService. A
// short-lived environment does not have that runbook.
func rollBackService(r *resources) []permissions.Statement {
	if r.env.Config.ShortLived {
		return nil
	}
	return append(listRuns(r),
		// UpdateService with a task definition passes its roles.
		permissions.Allow("PassTaskRoles", "iam:PassRole").On(r.taskRoles(awsiam.IRole.RoleArn)...).If(map[string]any{
			"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"},
		}),
		permissions.Allow("StopDeployment", "ecs:ListServiceDeployments", "ecs:StopServiceDeployment").
			On(r.serviceARN, r.inCluster("service-deployment", *r.serviceName+"/*")),
		// Neither action supports resource-level permissions.
		permissions.Allow("ListTaskDefinitions", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions").OnAll(),
		permissions.Allow("DescribeImages", "ecr:DescribeImages").On(r.env.ARN("ecr", "repository/"+r.env.Name)))
}

// rotateSecret allows rotations, but not reading a secret.
func rotateSecret(r *resources) []permissions.Statement {
	functions := []*string{r.env.ARN("lambda", "function:"+r.env.RotationFunctionName())}
	if r.props.User != nil {
		functions = append(functions, r.env.ARN("lambda", "function:"+r.env.UserRotationFunctionName()))
	}
	return []permissions.Statement{
		permissions.Allow("RotateSecret", "secretsmanager:DescribeSecret", "secretsmanager:RotateSecret").
			On(r.secretARNs...),
		// RotateSecret requires this permission of its caller.
		permissions.Allow("InvokeRotationFunction", "lambda:InvokeFunction").On(functions...),
	}
}

// rotationConstants returns the steps that rotate each secret. That of alternating users
// is rotated twice: the first rotation leaves the former password valid.
func rotationConstants(r *resources) map[string]any {
	secrets := r.secretARNs
	if r.props.User != nil {
		secrets = append(slices.Clone(secrets), r.secretARN)
	}
	var steps []any
	last := ""
	for i, secret := range secrets {
		number := ""
		if i > 0 {
			number = strconv.Itoa(i + 1)
		}
		last = "StartRotation" + number
		steps = append(steps, map[string]any{
			"uses": "StartRotation", "name": last, "inputs": map[string]any{"InputPayload": map[string]any{"Secret": secret}},
		}, map[string]any{
			"uses": "WaitForVersion", "name": "WaitForVersion" + number, "inputs": map[string]any{"InputPayload": map[string]any{
				"Secret": secret, "Version": "{{ " + last + ".Version }}",
			}},
		})
	}
	return map[string]any{"Rotations": steps, "LastRotation": last}
}

// restoreDatabase allows making clusters with names of one form, and no change
// of the environment's own.
func restoreDatabase(r *resources) []permissions.Statement {
	cluster, restored, instances := r.clusterARN(), r.restoredARN(), r.rds("db", r.env.Name+"-inc-*")
	subnets := r.subnetGroup()
	return []permissions.Statement{
		// CloudFormation may shorten the stack's name in the names of the instances.
		permissions.Allow("DescribeDatabases", "rds:DescribeDBClusters", "rds:DescribeDBInstances").
			On(cluster, restored, r.rds("db", r.env.Name+"-*")),
		permissions.Allow("RestoreDatabase", "rds:RestoreDBClusterToPointInTime").
			On(cluster, restored, r.rds("subgrp", *subnets), r.rds("cluster-pg", r.props.Database.ParameterGroupName), r.rds("og", "default:*")),
		permissions.Allow("CreateInstances", "rds:CreateDBInstance").
			On(restored, instances, r.rds("subgrp", *subnets), r.rds("pg", "default.*"), r.rds("og", "default:*")),
		permissions.Allow("TagRestoredDatabase", "rds:AddTagsToResource").On(restored, instances),
	}
}

// switchDatabase allows pointing the secrets at another cluster, with the
// database's own key if there is one.
func switchDatabase(r *resources) []permissions.Statement {
	statements := []permissions.Statement{
		permissions.Allow("SetPassword", "rds:ModifyDBCluster").On(r.clusterARN(), r.restoredARN()),
		permissions.Allow("UpdateSecret",
			"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
			"secretsmanager:UpdateSecretVersionStage").
			On(r.secretARNs...),
	}
	statements = append(statements, r.runUserTask()...)
	if r.props.DatabaseKey == nil {
		return statements
	}
	conditions := r.via("secretsmanager")
	conditions["StringEquals"].(map[string]any)["kms:EncryptionContext:SecretARN"] = r.secretARNs
	return append(statements, permissions.Allow("UseDatabaseKey", "kms:Decrypt", "kms:GenerateDataKey").
		On(r.props.DatabaseKey.KeyArn()).If(conditions))
}

// runUserTask allows running the task of the application's user.
func (r *resources) runUserTask() []permissions.Statement {
	if r.props.User == nil {
		return nil
	}
	return []permissions.Statement{
		permissions.Allow("RunUserTask", "ecs:RunTask").On(r.env.ARN("ecs", "task-definition/"+r.env.UserTaskFamily()+":*")).
			If(map[string]any{"ArnEquals": map[string]any{"ecs:cluster": r.ecsClusterARN}}),
		permissions.Allow("FollowUserTask", "ecs:DescribeTasks").On(r.tasksARN()),
		permissions.Allow("PassUserTaskRoles", "iam:PassRole").On(r.props.MasterExecutionRole.RoleArn(), r.taskRoleARN).
			If(map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
	}
}

// userTaskSteps returns the step that cut-over-database has if the application has a
// user of its own.
func (r *resources) userTaskSteps() []any {
	if r.props.User == nil {
		return []any{}
	}
	return []any{map[string]any{
		"uses": "SetUserPassword", "inputs": map[string]any{"InputPayload": map[string]any{"TaskDefinition": r.env.UserTaskFamily()}},
	}}
}

// databaseConstants are the settings of the environment's own cluster. A restore
// without them would use RDS's defaults.
func databaseConstants(r *resources) map[string]any {
	return map[string]any{
		"Secrets":          r.secretARNs,
		"SetUserPassword":  r.userTaskSteps(),
		"Subnets":          r.subnetGroup(),
		"ParameterGroup":   r.props.Database.ParameterGroupName,
		"SecurityGroup":    r.props.SecurityGroups.Database,
		"Port":             database.Port,
		"MinCapacity":      r.env.Config.Database.MinCapacity,
		"MaxCapacity":      r.env.Config.Database.MaxCapacity,
		"Instances":        1 + r.env.Config.Database.Readers,
		"InstanceSettings": r.instanceSettings(),
		"Tags":             r.restoredTags(),
	}
}

// instanceSettings returns those of the cluster's instances in the template.
func (r *resources) instanceSettings() map[string]any {
	settings := map[string]any{
		"DBInstanceClass":                    "db.serverless",
		"Engine":                             "aurora-postgresql",
		"AutoMinorVersionUpgrade":            false,
		"PubliclyAccessible":                 false,
		"EnablePerformanceInsights":          true,
		"PerformanceInsightsRetentionPeriod": 7,
	}
	if r.props.DatabaseKey != nil {
		settings["PerformanceInsightsKMSKeyId"] = r.props.DatabaseKey.KeyArn()
	}
	return settings
}

// restoredTags returns the environment's tags, and the incident of the cluster.
func (r *resources) restoredTags() []map[string]string {
	tags := []map[string]string{
		{"Key": "project", "Value": config.Project},
		{"Key": "environment", "Value": r.env.Config.Environment},
		{"Key": "incident", "Value": "{{ IncidentId }}"},
	}
	for _, key := range slices.Sorted(maps.Keys(r.env.Config.Tags)) {
		tags = append(tags, map[string]string{"Key": key, "Value": r.env.Config.Tags[key]})
	}
	return tags
}

func (r *resources) subnetGroup() *string {
	return r.props.Database.Cluster.Node().DefaultChild().(awsrds.CfnDBCluster).DbSubnetGroupName()
}

// compareSecretAge allows finding tasks that are older than the current version
// of the secret. The rotation loop may have missed them.
func compareSecretAge(r *resources) []permissions.Statement {
	return []permissions.Statement{
		r.listTasks(),
		permissions.Allow("DescribeTasks", "ecs:DescribeTasks").On(r.tasksARN()),
		permissions.Allow("ListSecretVersions", "secretsmanager:ListSecretVersionIds").On(r.secretARN),
		permissions.Allow("PutMetric", "cloudwatch:PutMetricData").OnAll().If(map[string]any{
			"StringEquals": map[string]any{"cloudwatch:namespace": r.env.Name},
		}),
	}
}
