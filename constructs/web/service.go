package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// ServiceProps configures a Service.
type ServiceProps struct {
	TaskDefinitionProps

	// Vpc and Subnets say where the tasks run, SecurityGroup who may reach them.
	Vpc           awsec2.IVpc             `required:"true"`
	Subnets       *awsec2.SubnetSelection `required:"true"`
	SecurityGroup awsec2.ISecurityGroup   `required:"true"`
}

// Service is a Fargate service in a cluster of its own. Its tasks run as user 1000
// without any capability on a read-only root file system.
type Service struct {
	Fargate awsecs.FargateService
}

// NewService defines a Service.
func NewService(scope constructs.Construct, id string, props ServiceProps) *Service {
	required.Check(id, props, required.If(props.Port == 0, "Port"), required.If(props.StartSeconds == 0, "StartSeconds"),
		required.If(props.IdleSeconds == 0, "IdleSeconds"))
	this := constructs.NewConstruct(scope, &id)
	cluster := awsecs.NewCluster(this, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                 props.Vpc,
		ContainerInsightsV2: awsecs.ContainerInsights_ENABLED,
	})
	service := awsecs.NewFargateService(this, jsii.String("Service"), &awsecs.FargateServiceProps{
		Cluster:                cluster,
		TaskDefinition:         NewTaskDefinition(this, "TaskDefinition", props.TaskDefinitionProps).Fargate,
		VpcSubnets:             props.Subnets,
		SecurityGroups:         &[]awsec2.ISecurityGroup{props.SecurityGroup},
		AssignPublicIp:         jsii.Bool(false),
		PlatformVersion:        awsecs.FargatePlatformVersion_LATEST,
		CircuitBreaker:         &awsecs.DeploymentCircuitBreaker{Enable: jsii.Bool(true), Rollback: jsii.Bool(true)},
		MinHealthyPercent:      jsii.Number(100),
		MaxHealthyPercent:      jsii.Number(200),
		HealthCheckGracePeriod: seconds(props.StartSeconds),
		EnableExecuteCommand:   jsii.Bool(false),
		PropagateTags:          awsecs.PropagatedTagSource_SERVICE,
	})
	return &Service{service}
}

func seconds(n int) awscdk.Duration { return awscdk.Duration_Seconds(jsii.Number(n)) }
