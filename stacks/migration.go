package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"catalog-infra/constructs/network"
	"catalog-infra/constructs/web"
)

// migrationStopSeconds is how long a migration that is stopped may take to end. There is
// no request to finish.
const migrationStopSeconds = 30

// newMigration defines the task that changes the database's schema for a release, and
// returns the resource that is there once it has succeeded.
func (c *Compute) newMigration(app *App, definition web.TaskDefinitionProps, needed []awscdk.CfnResource) awscdk.CfnResource {
	settings := c.env.Config.Service
	definition.Family, definition.Name = c.env.Name+"-migration", "migration"
	definition.Command, definition.HealthCommand = settings.Migration.Command, nil
	definition.Port, definition.StopSeconds = 0, migrationStopSeconds
	definition.Disposable = true // a rollback runs no former migration
	return c.runOnce(app, "Migration", definition, settings.Migration.TimeoutMinutes,
		hash([]any{settings.Image, settings.Migration.Command}), needed)
}

// runOnce defines a task that runs once for each runID, in the place of a task of the
// service. It waits for the resources that it needs.
func (c *Compute) runOnce(app *App, id string, definition web.TaskDefinitionProps, minutes int, runID string,
	needed []awscdk.CfnResource) awscdk.CfnResource {
	run := web.NewTaskRun(c.Stack, id, web.TaskRunProps{
		RunID:          runID,
		TaskDefinition: web.NewTaskDefinition(c.Stack, id+"Definition", definition),
		Cluster:        c.Service.Fargate.Cluster(),
		Minutes:        minutes,
		Vpc:            app.Network.VPC,
		Subnets:        network.Private(),
		SecurityGroup:  c.tasks,
	}).Resource
	for _, resource := range needed {
		run.AddResourceDependency(resource, nil)
	}
	return run
}
