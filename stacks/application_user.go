package stacks

import (
	"maps"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/database"
	"catalog-infra/constructs/network"
	"catalog-infra/constructs/postgresql"
	"catalog-infra/constructs/web"
)

// userMinutes is how long the task of the application's user may take: to pull an image
// and to run a few statements.
const userMinutes = 5

// newApplicationUser defines the task that creates the application's user, and the
// rotation of its password, and returns what is there once the user exists. The first
// rotation begins then. It is over before the tasks start if the migration waits for
// its schedule, which ECS starts a task for.
func (c *Compute) newApplicationUser(app *App, definition web.TaskDefinitionProps, needed []awscdk.CfnResource) []awscdk.CfnResource {
	definition.Family, definition.Name = c.env.UserTaskFamily(), "database-user"
	definition.Image, definition.PullAllowed = postgresql.ApplicationUserImage, false
	definition.Command, definition.HealthCommand = postgresql.ApplicationUserCommand, nil
	definition.CPU, definition.MemoryMiB, definition.EphemeralStorageGiB = 256, 512, 0
	definition.Port, definition.StopSeconds, definition.Tmpfs = 0, migrationStopSeconds, nil
	definition.Disposable = true
	definition.ExecutionRole = app.IAM.MasterExecutionRole
	definition.Environment = maps.Clone(postgresql.ApplicationUserVariables)
	definition.Environment["PGPORT"] = strconv.Itoa(database.Port)
	definition.Environment["PGDATABASE"] = c.env.Config.Database.Name
	definition.Environment["APPLICATION_USER"] = c.env.Config.Database.ApplicationUser
	definition.Secrets = map[string]awsecs.Secret{
		"PGHOST":               awsecs.Secret_FromSecretsManager(app.Data.Database.Secret, jsii.String("host")),
		"PGUSER":               awsecs.Secret_FromSecretsManager(app.Data.Database.Secret, jsii.String("username")),
		"PGPASSWORD":           awsecs.Secret_FromSecretsManager(app.Data.Database.Secret, jsii.String("password")),
		"APPLICATION_USERNAME": awsecs.Secret_FromSecretsManager(app.Data.User.Secret, jsii.String("username")),
		"APPLICATION_PASSWORD": awsecs.Secret_FromSecretsManager(app.Data.User.Secret, jsii.String("password")),
	}
	run := c.runOnce(app, "DatabaseUser", definition, userMinutes,
		hash([]any{definition.Image, definition.Command, definition.Environment}), needed)
	return []awscdk.CfnResource{run, c.newUserRotation(app, run)}
}

// newUserRotation returns the schedule of the rotation. It is in this stack, since the
// rotation logs in as the user, whom the task creates.
func (c *Compute) newUserRotation(app *App, user awscdk.CfnResource) awscdk.CfnResource {
	function := c.env.UserRotationFunctionName()
	rotation := database.NewRotation(c.Stack, "DatabaseUserRotation", database.RotationProps{
		Database:              app.Data.Database,
		User:                  app.Data.User,
		Key:                   app.Data.Key,
		Days:                  c.env.Config.Database.RotationDays,
		FunctionName:          function,
		LogGroup:              c.env.NewLogGroup(c.Stack, "DatabaseUserRotationLogs", database.RotationLogGroupName(function), c.key),
		Vpc:                   app.Network.VPC,
		Subnets:               network.Private(),
		FunctionSecurityGroup: app.SecurityGroups.Rotation,
		DatabaseSecurityGroup: app.SecurityGroups.Database,
	})
	rotation.Schedule.AddResourceDependency(user, nil)
	return rotation.Schedule
}
