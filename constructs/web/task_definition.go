package web

import (
	"fmt"

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

// keepAliveSeconds is how long the stand-in keeps an idle connection. If it closed
// one before the load balancer does, a request on it would get 502. Node's default
// is 5.
const keepAliveSeconds = IdleSeconds + 5

// tmpMiB is the size of /tmp, the only writable place. It counts against the task's
// memory.
const tmpMiB = 128

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
		Environment:            pointers(props.Environment),
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

// run returns the image and its command; nil means the image's own command.
func (p ServiceProps) run() (image string, command *[]*string) {
	if p.Image != "" {
		return p.Image, nil
	}
	server := fmt.Sprintf("require('http').createServer({keepAliveTimeout: %d}, (request, response) => response.end('ok')).listen(%d)",
		keepAliveSeconds*1000, p.Port)
	return standIn, jsii.Strings("node", "-e", server)
}

// newLinuxParameters gives the container an init process, since node as process 1
// ignores the signal to stop, and a writable /tmp.
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

// pointers returns the map as CDK takes it.
func pointers(values map[string]string) *map[string]*string {
	converted := make(map[string]*string, len(values))
	for key, value := range values {
		converted[key] = &value
	}
	return &converted
}
