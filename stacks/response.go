package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/response"
)

// newResponse defines the response stack, which acts on what the others defined.
func newResponse(env environment.Environment, app *App) awscdk.Stack {
	groups := app.SecurityGroups
	props := response.Props{
		SecurityGroups: response.SecurityGroups{
			LoadBalancer: []*string{groups.LoadBalancer.SecurityGroupId(), groups.LoadBalancerHTTPS.SecurityGroupId()},
			Tasks:        groups.Tasks.SecurityGroupId(),
			Rotation:     groups.Rotation.SecurityGroupId(),
			Database:     groups.Database.SecurityGroupId(),
			All:          groups.GroupIDs,
			Rules:        groups.Rules,
		},
		DefaultGroup:        app.Network.VPC.Node().DefaultChild().(awsec2.CfnVPC).AttrDefaultSecurityGroup(),
		FlowLogs:            app.Network.FlowLogs,
		Database:            app.Data.Database,
		User:                app.Data.User,
		DatabaseKey:         app.Data.Key,
		AccessLogs:          app.Data.accessLogs(env),
		ExecutionRole:       app.IAM.ExecutionRole,
		MasterExecutionRole: app.IAM.MasterExecutionRole,
		TaskRole:            app.IAM.TaskRole,
		Operator:            app.IAM.Operator,
		Approver:            app.IAM.Approver,
		Service:             app.Compute.Service.Fargate,
		LoadBalancer:        app.Compute.LoadBalancer.ALB,
		TargetGroups:        app.Compute.LoadBalancer.TargetGroups,
		Repository:          app.Compute.Repository,
		DeploymentAlarm:     app.Compute.DeploymentAlarm,
		WebACL:              app.Compute.WebACL,
		Topic:               app.Monitoring.Topic,
		StricterAlarms:      app.Monitoring.StricterAlarms,
	}
	if !env.Config.ShortLived {
		props.SecurityGroups.IsolatedLoadBalancer = groups.IsolatedLoadBalancer.SecurityGroupId()
		props.SecurityGroups.IsolatedDatabase = groups.IsolatedDatabase.SecurityGroupId()
	}
	return response.New(env, props)
}
