package web

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// defaultImage runs as user 1000 on a read-only root file system, which nginx
// does not (pitfall E2). It comes from ECR Public, which has no pull limit for
// a shared NAT address. The version is exact; the digest could not be checked
// without reaching the registry.
const defaultImage = "public.ecr.aws/docker/library/node:24.21.0-alpine"

// keepAliveSeconds is how long the default image keeps a connection on which
// nothing is sent: longer than the load balancer, which else sends a request on
// one that is just being closed, and answers 502. Node's own choice is 5.
const keepAliveSeconds = IdleSeconds + 5

// tmpMiB is the size of /tmp, the only place a task can write to. It counts
// against the task's memory.
const tmpMiB = 128

// ServiceProps configures a Service.
type ServiceProps struct {
	// Family names the task definition, so that a rollback can name it.
	Family string

	// Disposable deregisters a revision of the task definition that is no longer
	// used, which ECS then refuses to run. By default all stay for a rollback.
	Disposable bool

	// Image is the container image. Default: one that answers "ok" on every
	// path.
	Image string

	// PullAllowed says that ExecutionRole may pull Image from a private
	// repository. CDK does not see it and would warn.
	PullAllowed bool

	// Port is the port the container listens on. Default: 3000.
	Port int

	// CPU is in CPU units, MemoryMiB in MiB. Default: 1024 and 2048, as
	// guide 6.6 says.
	CPU, MemoryMiB int

	// ARM64 runs the image on Graviton. By default it runs on x86-64.
	ARM64 bool

	// ExecutionRole pulls the image, reads the secrets and writes the logs;
	// TaskRole is the application's own. Neither gets a permission here.
	ExecutionRole, TaskRole awsiam.IRole

	// Environment is what is no secret, Secrets what is injected at start.
	Environment map[string]*string
	Secrets     map[string]awsecs.Secret

	LogGroup awslogs.ILogGroup

	// StartSeconds is how long ECS ignores the health checks of a task that has
	// just started. Default: 60.
	StartSeconds int

	// Vpc and Subnets say where the tasks run, SecurityGroup who reaches them.
	Vpc           awsec2.IVpc
	Subnets       *awsec2.SubnetSelection
	SecurityGroup awsec2.ISecurityGroup
}

// Service is a Fargate service whose tasks run as user 1000 without any
// capability on a read-only root file system.
type Service struct {
	constructs.Construct

	Fargate awsecs.FargateService
}

// NewService defines a Service in a cluster of its own.
func NewService(scope constructs.Construct, id string, props ServiceProps) *Service {
	props = props.withDefaults()
	this := constructs.NewConstruct(scope, &id)
	cluster := awsecs.NewCluster(this, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                 props.Vpc,
		ContainerInsightsV2: awsecs.ContainerInsights_ENABLED,
	})
	service := awsecs.NewFargateService(this, jsii.String("Service"), &awsecs.FargateServiceProps{
		Cluster:                cluster,
		TaskDefinition:         newTaskDefinition(this, props),
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
	return &Service{this, service}
}

func (p ServiceProps) withDefaults() ServiceProps {
	if p.Port == 0 {
		p.Port = 3000
	}
	if p.CPU == 0 {
		p.CPU, p.MemoryMiB = 1024, 2048
	}
	if p.StartSeconds == 0 {
		p.StartSeconds = 60
	}
	return p
}

func newTaskDefinition(scope constructs.Construct, props ServiceProps) awsecs.FargateTaskDefinition {
	architecture := awsecs.CpuArchitecture_X86_64()
	if props.ARM64 {
		architecture = awsecs.CpuArchitecture_ARM64()
	}
	definition := awsecs.NewFargateTaskDefinition(scope, jsii.String("TaskDefinition"), &awsecs.FargateTaskDefinitionProps{
		Family:         &props.Family,
		Cpu:            jsii.Number(props.CPU),
		MemoryLimitMiB: jsii.Number(props.MemoryMiB),
		ExecutionRole:  props.ExecutionRole,
		TaskRole:       props.TaskRole,
		RuntimePlatform: &awsecs.RuntimePlatform{
			CpuArchitecture:       architecture,
			OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
		},
	})
	addContainer(definition, props)
	if !props.Disposable {
		definition.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	}
	return definition
}

func addContainer(definition awsecs.FargateTaskDefinition, props ServiceProps) {
	image, command := props.run()
	container := definition.AddContainer(jsii.String("api-container"), &awsecs.ContainerDefinitionOptions{
		Image:                  awsecs.ContainerImage_FromRegistry(&image, nil),
		Command:                command,
		PortMappings:           &[]*awsecs.PortMapping{{ContainerPort: jsii.Number(props.Port)}},
		User:                   jsii.String("1000:1000"),
		ReadonlyRootFilesystem: jsii.Bool(true),
		LinuxParameters:        newLinuxParameters(definition),
		Environment:            &props.Environment,
		Secrets:                &props.Secrets,
		StopTimeout:            seconds(30),
		Logging: awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{
			LogGroup:     props.LogGroup,
			StreamPrefix: jsii.String("api"),
		}),
	})
	if props.PullAllowed {
		awscdk.Annotations_Of(container).AcknowledgeWarning(
			jsii.String("@aws-cdk/aws-ecs:ecrImageRequiresPolicy"), jsii.String("the execution role may pull it"))
	}
}

// run is the image and its command; no command runs the image's own.
func (p ServiceProps) run() (image string, command *[]*string) {
	if p.Image != "" {
		return p.Image, nil
	}
	server := fmt.Sprintf("require('http').createServer({keepAliveTimeout: %d}, (request, response) => response.end('ok')).listen(%d)",
		keepAliveSeconds*1000, p.Port)
	return defaultImage, jsii.Strings("node", "-e", server)
}

// newLinuxParameters gives the container an init process, since node as
// process 1 ignores the signal to stop, and a /tmp that it may write to.
func newLinuxParameters(scope constructs.Construct) awsecs.LinuxParameters {
	parameters := awsecs.NewLinuxParameters(scope, jsii.String("LinuxParameters"), &awsecs.LinuxParametersProps{
		InitProcessEnabled: jsii.Bool(true),
	})
	parameters.DropCapabilities(awsecs.Capability_ALL)
	parameters.AddTmpfs(&awsecs.Tmpfs{
		ContainerPath: jsii.String("/tmp"),
		Size:          jsii.Number(tmpMiB),
		MountOptions:  &[]awsecs.TmpfsMountOption{awsecs.TmpfsMountOption_RW, awsecs.TmpfsMountOption_NOSUID, awsecs.TmpfsMountOption_NODEV},
	})
	return parameters
}

// RollBackOn has ECS take a deployment back while an alarm is on. CDK's own way
// would warn of a circular dependency with each name that CloudFormation makes
// up; there is one only if the alarm watches the service itself.
func (s *Service) RollBackOn(alarm awscloudwatch.CfnAlarm) {
	s.Fargate.Node().DefaultChild().(awsecs.CfnService).AddPropertyOverride(jsii.String("DeploymentConfiguration.Alarms"), map[string]any{
		"AlarmNames": []*string{alarm.Ref()}, "Enable": true, "Rollback": true,
	})
}

// ScalingProps says when the number of tasks changes.
type ScalingProps struct {
	// MinTasks and MaxTasks bound the number of tasks.
	MinTasks, MaxTasks int

	// CPUTargetPercent is the mean CPU use to aim at, RequestsPerTarget the
	// requests a minute for each task of TargetGroup.
	CPUTargetPercent, RequestsPerTarget int
	TargetGroup                         elbv2.ApplicationTargetGroup
}

// Scale lets the service grow and shrink with its load.
func (s *Service) Scale(props ScalingProps) {
	tasks := s.Fargate.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(props.MinTasks),
		MaxCapacity: jsii.Number(props.MaxTasks),
	})
	tasks.ScaleOnCpuUtilization(jsii.String("CPU"), &awsecs.CpuUtilizationScalingProps{
		TargetUtilizationPercent: jsii.Number(props.CPUTargetPercent),
	})
	tasks.ScaleOnRequestCount(jsii.String("Requests"), &awsecs.RequestCountScalingProps{
		RequestsPerTarget: jsii.Number(props.RequestsPerTarget),
		TargetGroup:       props.TargetGroup,
	})
}

func seconds(n int) awscdk.Duration { return awscdk.Duration_Seconds(jsii.Number(n)) }
