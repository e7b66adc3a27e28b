package web

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
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

func newTaskDefinition(scope constructs.Construct, props ServiceProps) awsecs.FargateTaskDefinition {
	architecture := awsecs.CpuArchitecture_X86_64()
	if props.ARM64 {
		architecture = awsecs.CpuArchitecture_ARM64()
	}
	var storage *float64
	if props.EphemeralStorageGiB > minEphemeralGiB {
		storage = jsii.Number(props.EphemeralStorageGiB)
	}
	definition := awsecs.NewFargateTaskDefinition(scope, jsii.String("TaskDefinition"), &awsecs.FargateTaskDefinitionProps{
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
		LinuxParameters:        newLinuxParameters(definition, props.Tmpfs),
		Environment:            pointers(props.Environment),
		Secrets:                &props.Secrets,
		HealthCheck:            props.healthCheck(),
		StopTimeout:            seconds(props.StopSeconds),
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

// run returns the image and its command; nil means the image's own command.
func (p ServiceProps) run() (image string, command *[]*string) {
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
func (p ServiceProps) healthCheck() *awsecs.HealthCheck {
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
