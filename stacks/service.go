package stacks

import (
	"maps"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"catalog-infra/config"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/network"
	"catalog-infra/constructs/web"
)

// addService defines the service, and what CloudFormation creates before it.
func (c *Compute) addService(app *App) {
	c.tasks = c.group("TasksGroup", app.SecurityGroups.Tasks)
	definition := c.taskDefinition(app)
	c.Service = web.NewService(c.Stack, "Api", web.ServiceProps{
		TaskDefinitionProps: definition,
		Vpc:                 app.Network.VPC,
		Subnets:             network.Private(),
		SecurityGroup:       c.tasks,
	})
	c.connectTasks(app.SecurityGroups)
	needed := c.addApplication(app)
	if app.Data.User != nil {
		needed = append(needed, c.newApplicationUser(app, definition, needed)...)
	}
	if len(c.env.Config.Service.Migration.Command) > 0 {
		needed = append(needed, c.newMigration(app, definition, needed))
	}
	c.waitsFor(needed...)
}

func (c *Compute) taskDefinition(app *App) web.TaskDefinitionProps {
	settings := c.env.Config.Service
	_, private := settings.ImageRepository()
	variables := maps.Clone(settings.Environment)
	variables["DB_PORT"], variables["DB_NAME"] = strconv.Itoa(database.Port), c.env.Config.Database.Name
	return web.TaskDefinitionProps{
		Family:       c.env.Name,
		Name:         "api",
		Disposable:   c.env.Disposable,
		Image:        settings.Image,
		PullAllowed:  private,
		Port:         settings.Port,
		CPU:          settings.CPU,
		MemoryMiB:    settings.Memory,
		ARM64:        settings.Architecture == config.ArchitectureARM,
		StartSeconds: settings.StartSeconds,
		Command:      settings.Command, HealthCommand: settings.HealthCommand,
		StopSeconds:         settings.StopSeconds,
		EphemeralStorageGiB: settings.EphemeralStorageGiB,
		Tmpfs:               settings.Tmpfs,
		IdleSeconds:         c.env.Config.Edge.IdleSeconds,
		ExecutionRole:       app.IAM.ExecutionRole,
		TaskRole:            app.IAM.TaskRole,
		Environment:         variables,
		Secrets:             c.secrets(app.Data.secret()),
		LogGroup:            c.Logs,
	}
}

// connectTasks allows the load balancer to reach the tasks, also while it is
// isolated: health checks continue then, so that ECS keeps the tasks, which are
// evidence.
func (c *Compute) connectTasks(groups *SecurityGroups) {
	port := c.env.Config.Service.Port
	rules := groups.connectIn(c.Stack, "LoadBalancerToTasks", groups.LoadBalancer, groups.Tasks, port, "Load balancer to the tasks")
	if groups.IsolatedLoadBalancer != nil {
		rules = append(rules, groups.connectIn(c.Stack, "IsolatedLoadBalancerToTasks", groups.IsolatedLoadBalancer, groups.Tasks, port,
			"Health checks of the isolated load balancer")...)
	}
	c.waitsFor(rules...)
}

// waitsFor has CloudFormation create the resources before it creates or updates the
// service.
func (c *Compute) waitsFor(resources ...awscdk.CfnResource) {
	service := c.Service.Fargate.Node().DefaultChild().(awscdk.CfnResource)
	for _, resource := range resources {
		service.AddResourceDependency(resource, nil)
	}
}

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
	definition.ExecutionRole = app.IAM.MasterExecutionRole
	definition.Secrets = maps.Clone(definition.Secrets)
	maps.Copy(definition.Secrets, databaseSecrets(app.Data.Database.Secret))
	definition.Disposable = true // a rollback runs no former migration
	return c.runOnce(app, "Migration", definition, settings.Migration.TimeoutMinutes,
		hash([]any{settings.Image, settings.Migration.Command, c.env.Config.Database.ApplicationUser}), needed)
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
