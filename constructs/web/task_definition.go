package web

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// standIn is the image of a service without one. It runs as user 1000 on a
// read-only root file system, which nginx does not (pitfall E2). ECR Public has no
// pull limit for a shared NAT address. The version is exact; the digest could not
// be checked without reaching the registry.
const standIn = "public.ecr.aws/docker/library/node:24.21.0-alpine"

// keepAliveMargin is how many seconds the stand-in keeps an idle connection longer
// than the load balancer does. If it closed one before, a request on it would get 502.
// Node's default is 5 seconds in all.
const keepAliveMargin = 5

// minEphemeralGiB is the size that a task has anyway, and that ECS does not accept as
// a setting.
const minEphemeralGiB = 20

// tmpMiB is the size of /tmp. It counts against the task's
// memory.
const tmpMiB = 128

// TaskDefinitionProps configures a TaskDefinition.
type TaskDefinitionProps struct {
	// Family is the name of the task definition, which a rollback uses.
	Family string `required:"true"`

	// Name begins the name of the container and the names of its log streams.
	Name string `required:"true"`

	// Disposable deregisters replaced revisions of the task definition, which ECS then
	// refuses to run. Otherwise all revisions stay for a rollback.
	Disposable bool

	// Image is the container image. If it is empty, a stand-in answers "ok" on every
	// path.
	Image string

	// PullAllowed says that ExecutionRole may pull Image from a private repository.
	// CDK cannot see that and would warn.
	PullAllowed bool

	// Command replaces the image's own. HealthCommand is run in the container every 30
	// seconds; without one, only the load balancer asks.
	Command, HealthCommand []string

	// StopSeconds is how long a task may take to end.
	StopSeconds int `required:"true"`

	// EphemeralStorageGiB is the disk of a task. Default: Fargate's 20.
	EphemeralStorageGiB int

	// Tmpfs are writable directories beside /tmp, with their sizes in MiB.
	Tmpfs map[string]int

	// Port is the port on which the container listens. Default: none.
	Port int

	// StartSeconds is how long ECS ignores the health checks of a new task, IdleSeconds
	// how long the load balancer keeps an idle connection. The stand-in keeps it for
	// longer. A task that listens on no port has neither.
	StartSeconds, IdleSeconds int

	// CPU is in CPU units, MemoryMiB in MiB.
	CPU       int `required:"true"`
	MemoryMiB int `required:"true"`

	// ARM64 runs the image on Graviton, instead of x86-64.
	ARM64 bool

	// ExecutionRole pulls the image, reads the secrets and writes the logs; TaskRole
	// is the application's. The construct grants them nothing.
	ExecutionRole awsiam.IRole `required:"true"`
	TaskRole      awsiam.IRole `required:"true"`

	// Environment has the environment variables, Secrets those that ECS reads when a
	// task starts.
	Environment map[string]string
	Secrets     map[string]awsecs.Secret

	LogGroup awslogs.ILogGroup `required:"true"`
}

// TaskDefinition is a task of one container for Fargate. It runs as user 1000 without
// any capability on a read-only root file system.
type TaskDefinition struct {
	Fargate awsecs.FargateTaskDefinition

	props TaskDefinitionProps
}

// NewTaskDefinition defines a TaskDefinition.
func NewTaskDefinition(scope constructs.Construct, id string, props TaskDefinitionProps) *TaskDefinition {
	required.Check(id, props)
	architecture := awsecs.CpuArchitecture_X86_64()
	if props.ARM64 {
		architecture = awsecs.CpuArchitecture_ARM64()
	}
	var storage *float64
	if props.EphemeralStorageGiB > minEphemeralGiB {
		storage = jsii.Number(props.EphemeralStorageGiB)
	}
	definition := awsecs.NewFargateTaskDefinition(scope, &id, &awsecs.FargateTaskDefinitionProps{
		Family:              &props.Family,
		Cpu:                 jsii.Number(props.CPU),
		MemoryLimitMiB:      jsii.Number(props.MemoryMiB),
		EphemeralStorageGiB: storage,
		ExecutionRole:       props.ExecutionRole,
		TaskRole:            props.TaskRole,
		RuntimePlatform: &awsecs.RuntimePlatform{
			CpuArchitecture:       architecture,
			OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
		},
	})
	addContainer(definition, props)
	if !props.Disposable {
		definition.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	}
	return &TaskDefinition{definition, props}
}

func addContainer(definition awsecs.FargateTaskDefinition, props TaskDefinitionProps) {
	image, command := props.run()
	container := definition.AddContainer(jsii.String(props.containerName()), &awsecs.ContainerDefinitionOptions{
		Image:                  awsecs.ContainerImage_FromRegistry(&image, nil),
		Command:                command,
		PortMappings:           props.portMappings(),
		User:                   jsii.String("1000:1000"),
		ReadonlyRootFilesystem: jsii.Bool(true),
		LinuxParameters:        newLinuxParameters(definition, props.Tmpfs),
		Environment:            pointers(props.Environment),
		Secrets:                &props.Secrets,
		HealthCheck:            props.healthCheck(),
		StopTimeout:            seconds(props.StopSeconds),
		Logging: awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{
			LogGroup:     props.LogGroup,
			StreamPrefix: &props.Name,
		}),
	})
	if props.PullAllowed {
		awscdk.Annotations_Of(container).AcknowledgeWarning(
			jsii.String("@aws-cdk/aws-ecs:ecrImageRequiresPolicy"), jsii.String("the execution role may pull it"))
	}
}

func (p TaskDefinitionProps) containerName() string { return p.Name + "-container" }

func (p TaskDefinitionProps) portMappings() *[]*awsecs.PortMapping {
	if p.Port == 0 {
		return nil
	}
	return &[]*awsecs.PortMapping{{ContainerPort: jsii.Number(p.Port)}}
}

// run returns the image and its command; nil means the image's own command.
func (p TaskDefinitionProps) run() (image string, command *[]*string) {
	if p.Image != "" && len(p.Command) > 0 {
		return p.Image, jsii.Strings(p.Command...)
	}
	if p.Image != "" {
		return p.Image, nil
	}
	server := fmt.Sprintf("require('http').createServer({keepAliveTimeout: %d}, (request, response) => response.end('ok')).listen(%d)",
		(p.IdleSeconds+keepAliveMargin)*1000, p.Port)
	return standIn, jsii.Strings("node", "-e", server)
}

// healthCheck returns nil without a command, and for the stand-in, which does not have
// the application's.
func (p TaskDefinitionProps) healthCheck() *awsecs.HealthCheck {
	if p.Image == "" || len(p.HealthCommand) == 0 {
		return nil
	}
	return &awsecs.HealthCheck{
		Command:  jsii.Strings(append([]string{"CMD"}, p.HealthCommand...)...),
		Interval: seconds(30), Timeout: seconds(5), Retries: jsii.Number(3),
		StartPeriod: seconds(min(p.StartSeconds, 300)),
	}
}

// newLinuxParameters gives the container an init process, since node as process 1
// ignores the signal to stop, a writable /tmp and the further directories.
func newLinuxParameters(scope constructs.Construct, directories map[string]int) awsecs.LinuxParameters {
	parameters := awsecs.NewLinuxParameters(scope, jsii.String("LinuxParameters"), &awsecs.LinuxParametersProps{
		InitProcessEnabled: jsii.Bool(true),
	})
	parameters.DropCapabilities(awsecs.Capability_ALL)
	addTmpfs(parameters, "/tmp", tmpMiB)
	for _, directory := range slices.Sorted(maps.Keys(directories)) {
		addTmpfs(parameters, directory, directories[directory])
	}
	return parameters
}

func addTmpfs(parameters awsecs.LinuxParameters, directory string, sizeMiB int) {
	parameters.AddTmpfs(&awsecs.Tmpfs{
		ContainerPath: &directory,
		Size:          jsii.Number(sizeMiB),
		MountOptions:  &[]awsecs.TmpfsMountOption{awsecs.TmpfsMountOption_RW, awsecs.TmpfsMountOption_NOSUID, awsecs.TmpfsMountOption_NODEV},
	})
}

// pointers returns the map as CDK takes it.
func pointers(values map[string]string) *map[string]*string {
	converted := make(map[string]*string, len(values))
	for key, value := range values {
		converted[key] = &value
	}
	return &converted
}
