package stacks

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"

	"catalog-infra/config"
	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/permissions"
	"catalog-infra/stacks/monitoring"
)

// recovery are the runbooks that bring the service back. Other runbooks start
// those that are named here.
type recovery struct {
	replaceTasks *automation.Runbook

	// rollBack is nil in a short-lived environment.
	rollBack *automation.Runbook
}

// newRecovery defines the runbooks that bring the service back. A short-lived
// environment has those that its rotation needs.
func (r *response) newRecovery() recovery {
	service := r.newServiceRole()
	this := recovery{replaceTasks: r.add("ReplaceTasks", "replace-tasks", service, r.recoveryConstants())}
	r.newSecretAge()
	if r.Config.ShortLived {
		return this
	}
	constants := r.common(r.recoveryConstants())
	this.rollBack = r.add("RollBackService", "roll-back-service", service, constants)
	r.add("RotateSecret", "rotate-secret", r.newSecretRole(this), constants)
	role := r.newDatabaseRole(this)
	maps.Copy(constants, r.restoreConstants())
	r.add("RestoreDatabase", "restore-database", role, constants)
	r.add("CutOverDatabase", "cut-over-database", role, constants)
	return this
}

// recoveryConstants are what the runbooks act on, and the names by which they
// know one another.
func (r *response) recoveryConstants() map[string]any {
	return map[string]any{
		"Environment": r.Name,
		"Topic":       r.topicARN,
		"Cluster":     r.ecsClusterName,
		"Service":     r.serviceName,
		"Secret":      r.secretARN,
		"Repository":  r.Name,

		"TasksWithOldSecret": monitoring.TasksWithOldSecret,
	}
}

// newServiceRole defines the role of the runbooks that deploy the service.
func (r *response) newServiceRole() awsiam.IRole {
	statements := append(r.tell(),
		permissions.Allow("DeployService", "ecs:DescribeServices", "ecs:UpdateService").On(r.serviceARN),
		r.listTasks(),
		permissions.Allow("UnprotectTasks", "ecs:UpdateTaskProtection").On(r.tasksARN()),
	)
	if !r.Config.ShortLived {
		statements = append(statements, r.rollBackStatements()...)
	}
	return r.newRole("ServiceRole", automation.RoleProps{
		Description: "Replaces the tasks and rolls the service back",
		Statements:  statements,
	})
}

func (r *response) rollBackStatements() []permissions.Statement {
	service := r.Compute.Service.Fargate
	return []permissions.Statement{
		// UpdateService with a task definition hands its roles on.
		permissions.Allow("RunTasksAsBefore", "iam:PassRole").On(r.executionRoleARN, r.taskRoleARN).If(map[string]any{
			"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"},
		}),
		permissions.Allow("StopDeployment",
			"ecs:ListServiceDeployments", "ecs:StopServiceDeployment").On(service.ServiceArn(), r.inCluster("service-deployment", *service.ServiceName()+"/*")),
		// Neither action knows a resource.
		permissions.Allow("SeeRevisions", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions").OnAll(),
		permissions.Allow("SeeImages", "ecr:DescribeImages").On(r.ARN("ecr", "repository/"+r.Name)),
		r.seeRuns(),
	}
}

// newSecretRole defines the role of the runbook that rotates the secret. It may
// not read it.
func (r *response) newSecretRole(others recovery) awsiam.IRole {
	statements := append(r.tell(),
		permissions.Allow("RotateSecret", "secretsmanager:DescribeSecret", "secretsmanager:RotateSecret").On(r.secretARN),
		// RotateSecret wants it of whoever calls.
		permissions.Allow("InvokeRotation", "lambda:InvokeFunction").On(r.ARN("lambda", "function:"+r.RotationFunctionName())),
		r.findService(),
		r.seeRuns(),
	)
	return r.newRole("SecretRole", automation.RoleProps{
		Description: "Rotates the database password at once",
		Statements:  append(statements, others.replaceTasks.ChildStatements()...),
	})
}

// newDatabaseRole defines the role of the runbooks that restore the database and
// point the application at the restored one.
func (r *response) newDatabaseRole(others recovery) awsiam.IRole {
	statements := slices.Concat(r.tell(), r.restoreStatements(), r.cutOverStatements(), r.keyStatements(), others.replaceTasks.ChildStatements())
	return r.newRole("DatabaseRole", automation.RoleProps{
		Description: "Restores the database beside the old one and points the tasks at either",
		Statements:  append(statements, r.findService(), r.seeRuns()),
	})
}

// restoreStatements make clusters of one kind of name and never change the
// environment's own.
func (r *response) restoreStatements() []permissions.Statement {
	restored, instances := r.rdsARN("cluster", r.Name+"-inc-*"), r.rdsARN("db", r.Name+"-inc-*")
	subnets, parameters := r.databaseGroups()
	return []permissions.Statement{
		// What CloudFormation calls the instances may have a shortened name of the
		// stack in it.
		permissions.Allow("SeeDatabases",
			"rds:DescribeDBClusters", "rds:DescribeDBInstances").On(r.rdsARN("cluster", r.Name), restored, r.rdsARN("db", r.Name+"-*")),
		permissions.Allow("RestoreDatabase", "rds:RestoreDBClusterToPointInTime").On(
			r.rdsARN("cluster", r.Name), restored, r.rdsARN("subgrp", *subnets), r.rdsARN("cluster-pg", *parameters), r.rdsARN("og", "default:*"),
		),
		permissions.Allow("CreateInstances", "rds:CreateDBInstance").On(
			restored, instances, r.rdsARN("subgrp", *subnets), r.rdsARN("pg", "default.*"), r.rdsARN("og", "default:*"),
		),
		permissions.Allow("TagWhatIsRestored", "rds:AddTagsToResource").On(restored, instances),
	}
}

func (r *response) cutOverStatements() []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("SetPassword", "rds:ModifyDBCluster").On(r.rdsARN("cluster", r.Name), r.rdsARN("cluster", r.Name+"-inc-*")),
		permissions.Allow("SwitchSecret",
			"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage").On(r.secretARN),
	}
}

// keyStatements let the database's own key be used where there is one: to write
// the secret, and by RDS for what it restores. AWS's keys need no permission.
func (r *response) keyStatements() []permissions.Statement {
	if r.Data.Key == nil {
		return nil
	}
	return append(r.lendKey(), permissions.Allow("EncryptDatabaseSecret", "kms:Decrypt", "kms:GenerateDataKey").On(r.Data.Key.KeyArn()).If(map[string]any{
		"StringEquals": map[string]any{
			"kms:ViaService":                  "secretsmanager." + r.Config.Region + ".amazonaws.com",
			"kms:EncryptionContext:SecretARN": r.secretARN,
		},
	}))
}

// restoreConstants are the settings of the environment's own cluster, which a
// restore would leave at RDS's defaults.
func (r *response) restoreConstants() map[string]any {
	subnets, parameters := r.databaseGroups()
	return map[string]any{
		"Subnets":          subnets,
		"ParameterGroup":   parameters,
		"SecurityGroup":    r.SecurityGroups.Database.SecurityGroupId(),
		"Port":             database.Port,
		"MinCapacity":      r.Config.Database.MinCapacity,
		"MaxCapacity":      r.Config.Database.MaxCapacity,
		"Instances":        1 + r.Config.Database.Readers,
		"InstanceSettings": r.instanceSettings(),
		"Tags":             r.restoredTags(),
	}
}

// instanceSettings are those of the cluster's instances in the template.
func (r *response) instanceSettings() map[string]any {
	settings := map[string]any{
		"DBInstanceClass":                    "db.serverless",
		"Engine":                             "aurora-postgresql",
		"AutoMinorVersionUpgrade":            false,
		"PubliclyAccessible":                 false,
		"EnablePerformanceInsights":          true,
		"PerformanceInsightsRetentionPeriod": 7,
	}
	if r.Data.Key != nil {
		settings["PerformanceInsightsKMSKeyId"] = r.Data.Key.KeyArn()
	}
	return settings
}

// restoredTags are the environment's own, and which incident a cluster is of.
func (r *response) restoredTags() []map[string]string {
	tags := []map[string]string{
		{"Key": "project", "Value": config.Project},
		{"Key": "environment", "Value": r.Config.Environment},
		{"Key": "incident", "Value": "{{ IncidentId }}"},
	}
	for _, key := range slices.Sorted(maps.Keys(r.Config.Tags)) {
		tags = append(tags, map[string]string{"Key": key, "Value": r.Config.Tags[key]})
	}
	return tags
}

func (r *response) databaseGroups() (subnets, parameters *string) {
	cluster := r.Data.Database.Cluster.Node().DefaultChild().(awsrds.CfnDBCluster)
	return cluster.DbSubnetGroupName(), cluster.DbClusterParameterGroupName()
}

// newSecretAge sees every hour whether a task has an older version of the
// database secret than the current one: one that the rotation loop missed.
func (r *response) newSecretAge() {
	ofEnvironment := map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": r.Name}}
	role := r.newRole("SecretAgeRole", automation.RoleProps{
		Description: "Compares the age of the tasks with that of the database secret",
		Statements: []permissions.Statement{
			r.findService(),
			r.listTasks(),
			permissions.Allow("SeeTasks", "ecs:DescribeTasks").On(r.tasksARN()),
			permissions.Allow("SeeVersions", "secretsmanager:ListSecretVersionIds").On(r.secretARN),
			permissions.Allow("PutMetric", "cloudwatch:PutMetricData").OnAll().If(ofEnvironment),
		},
	})
	r.newStart("SecretAgeHourly", automation.TriggerProps{
		Schedule: "rate(1 hour)",
		Meaning:  "Looks for tasks with an old database password",
		Runbook:  r.add("CheckSecretAge", "check-secret-age", role, r.recoveryConstants()),
	})
}

// findService lets a runbook see whether there is a service.
func (r *response) findService() permissions.Statement {
	return permissions.Allow("FindService", "ecs:DescribeServices").On(r.serviceARN)
}

// seeRuns lets a runbook see whether it runs already, and people what runs. The
// action knows no resource.
func (r *response) seeRuns() permissions.Statement {
	return permissions.Allow("SeeRuns", "ssm:DescribeAutomationExecutions").OnAll()
}

// listTasks is about the tasks of the cluster; the action knows them by a
// condition only.
func (r *response) listTasks() permissions.Statement {
	ofCluster := map[string]any{"ArnEquals": map[string]any{"ecs:cluster": r.ecsClusterARN}}
	return permissions.Allow("ListTasks", "ecs:ListTasks").OnAll().If(ofCluster)
}

func (r *response) tasksARN() *string { return r.inCluster("task", "*") }

// inCluster is what belongs to the service's cluster.
func (r *response) inCluster(resource, name string) *string {
	return r.ARN("ecs", fmt.Sprintf("%s/%s/%s", resource, *r.ecsClusterName, name))
}

func (r *response) rdsARN(resource, name string) *string { return r.ARN("rds", resource+":"+name) }
