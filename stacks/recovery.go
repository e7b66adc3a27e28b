package stacks

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/permissions"
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
	if r.ShortLived {
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
		"Environment":     r.name,
		"Topic":           r.topicARN,
		"Cluster":         r.ecsClusterName,
		"Service":         r.serviceName,
		"Secret":          r.secretARN,
		"Repository":      r.name,
		"ReplaceTasks":    r.runbookName("replace-tasks"),
		"RollBackService": r.runbookName("roll-back-service"),
		"RotateSecret":    r.runbookName("rotate-secret"),
		"RestoreDatabase": r.runbookName("restore-database"),
		"CutOverDatabase": r.runbookName("cut-over-database"),

		"TasksWithOldSecret": tasksWithOldSecret,
	}
}

// newServiceRole defines the role of the runbooks that deploy the service.
func (r *response) newServiceRole() awsiam.IRole {
	statements := append(r.tell(),
		statement("DeployService", r.serviceARN, "ecs:DescribeServices", "ecs:UpdateService"),
		r.listTasks(),
		statement("UnprotectTasks", r.tasksARN(), "ecs:UpdateTaskProtection"),
	)
	if !r.ShortLived {
		statements = append(statements, r.rollBackStatements()...)
	}
	return r.newRole("ServiceRole", automation.RoleProps{
		Description: "Replaces the tasks and rolls the service back",
		Statements:  statements,
	})
}

func (r *response) rollBackStatements() []permissions.Statement {
	service := r.Compute.Service.Service
	return []permissions.Statement{
		// UpdateService with a task definition hands its roles on.
		several("RunTasksAsBefore", []*string{r.executionRoleARN, r.taskRoleARN}, "iam:PassRole").If(map[string]any{
			"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"},
		}),
		several("StopDeployment", []*string{service.ServiceArn(), r.inCluster("service-deployment", *service.ServiceName()+"/*")},
			"ecs:ListServiceDeployments", "ecs:StopServiceDeployment"),
		// Neither action knows a resource.
		statement("SeeRevisions", jsii.String("*"), "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"),
		statement("SeeImages", r.arn("ecr", "repository/"+r.name), "ecr:DescribeImages"),
		r.seeRuns(),
	}
}

// newSecretRole defines the role of the runbook that rotates the secret. It may
// not read it.
func (r *response) newSecretRole(others recovery) awsiam.IRole {
	statements := append(r.tell(),
		statement("RotateSecret", r.secretARN, "secretsmanager:DescribeSecret", "secretsmanager:RotateSecret"),
		// RotateSecret wants it of whoever calls.
		statement("InvokeRotation", r.arn("lambda", "function:"+r.rotationFunctionName()), "lambda:InvokeFunction"),
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
	restored, instances := r.rdsARN("cluster", r.name+"-inc-*"), r.rdsARN("db", r.name+"-inc-*")
	subnets, parameters := r.databaseGroups()
	return []permissions.Statement{
		// What CloudFormation calls the instances may have a shortened name of the
		// stack in it.
		several("SeeDatabases", []*string{r.rdsARN("cluster", r.name), restored, r.rdsARN("db", r.name+"-*")},
			"rds:DescribeDBClusters", "rds:DescribeDBInstances"),
		several("RestoreDatabase", []*string{
			r.rdsARN("cluster", r.name), restored, r.rdsARN("subgrp", *subnets), r.rdsARN("cluster-pg", *parameters), r.rdsARN("og", "default:*"),
		}, "rds:RestoreDBClusterToPointInTime"),
		several("CreateInstances", []*string{
			restored, instances, r.rdsARN("subgrp", *subnets), r.rdsARN("pg", "default.*"), r.rdsARN("og", "default:*"),
		}, "rds:CreateDBInstance"),
		several("TagWhatIsRestored", []*string{restored, instances}, "rds:AddTagsToResource"),
	}
}

func (r *response) cutOverStatements() []permissions.Statement {
	return []permissions.Statement{
		several("SetPassword", []*string{r.rdsARN("cluster", r.name), r.rdsARN("cluster", r.name+"-inc-*")}, "rds:ModifyDBCluster"),
		statement("SwitchSecret", r.secretARN,
			"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"),
	}
}

// keyStatements let the database's own key be used where there is one: to write
// the secret, and by RDS for what it restores. AWS's keys need no permission.
func (r *response) keyStatements() []permissions.Statement {
	if r.Data.Key == nil {
		return nil
	}
	return append(r.lendKey(), statement("EncryptDatabaseSecret", r.Data.Key.KeyArn(), "kms:Decrypt", "kms:GenerateDataKey").If(map[string]any{
		"StringEquals": map[string]any{
			"kms:ViaService":                  "secretsmanager." + r.Region + ".amazonaws.com",
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
		"MinCapacity":      r.Database.MinCapacity,
		"MaxCapacity":      r.Database.MaxCapacity,
		"Instances":        1 + r.Database.Readers,
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
		{"Key": "environment", "Value": r.Suffix},
		{"Key": "incident", "Value": "{{ IncidentId }}"},
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		tags = append(tags, map[string]string{"Key": key, "Value": r.Tags[key]})
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
	ofEnvironment := map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": r.name}}
	role := r.newRole("SecretAgeRole", automation.RoleProps{
		Description: "Compares the age of the tasks with that of the database secret",
		Statements: []permissions.Statement{
			r.findService(),
			r.listTasks(),
			statement("SeeTasks", r.tasksARN(), "ecs:DescribeTasks"),
			statement("SeeVersions", r.secretARN, "secretsmanager:ListSecretVersionIds"),
			statementIf("PutMetric", jsii.String("*"), ofEnvironment, "cloudwatch:PutMetricData"),
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
	return statement("FindService", r.serviceARN, "ecs:DescribeServices")
}

// seeRuns lets a runbook see whether it runs already, and people what runs. The
// action knows no resource.
func (r *response) seeRuns() permissions.Statement {
	return statement("SeeRuns", jsii.String("*"), "ssm:DescribeAutomationExecutions")
}

// listTasks is about the tasks of the cluster; the action knows them by a
// condition only.
func (r *response) listTasks() permissions.Statement {
	ofCluster := map[string]any{"ArnEquals": map[string]any{"ecs:cluster": r.ecsClusterARN}}
	return statementIf("ListTasks", jsii.String("*"), ofCluster, "ecs:ListTasks")
}

func (r *response) tasksARN() *string { return r.inCluster("task", "*") }

// inCluster is what belongs to the service's cluster.
func (r *response) inCluster(resource, name string) *string {
	return r.arn("ecs", fmt.Sprintf("%s/%s/%s", resource, *r.ecsClusterName, name))
}

func (r *response) rdsARN(resource, name string) *string { return r.arn("rds", resource+":"+name) }
