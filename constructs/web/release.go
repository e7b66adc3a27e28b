package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// ReleaseProps configures Service.Release.
type ReleaseProps struct {
	// Alarm has ECS roll back a deployment during which it goes off.
	Alarm awscloudwatch.CfnAlarm `required:"true"`

	// Strategy is how ECS replaces the tasks. All but ROLLING need the alternate target
	// group of the load balancer. Default: none, which is ROLLING to ECS.
	Strategy awsecs.DeploymentStrategy

	// StepPercent is the part of the requests that goes to the new tasks first (CANARY)
	// or at each step (LINEAR), StepBakeMinutes how long until the next step.
	StepPercent, StepBakeMinutes int

	// BakeMinutes is how long the former tasks stay once the new ones have all requests.
	BakeMinutes int
}

// Release decides how ECS replaces the tasks, and what has it go back. CDK's own method
// for the alarm warns of a circular dependency for every generated name, although only
// an alarm on the service itself makes one.
func (s *Service) Release(props ReleaseProps) {
	shifts := props.Strategy != "" && props.Strategy != awsecs.DeploymentStrategy_ROLLING
	inSteps := shifts && props.Strategy != awsecs.DeploymentStrategy_BLUE_GREEN
	required.Check("Release", props, required.If(shifts && props.BakeMinutes == 0, "BakeMinutes"),
		required.If(inSteps && props.StepPercent == 0, "StepPercent"), required.If(inSteps && props.StepBakeMinutes == 0, "StepBakeMinutes"))
	set := func(name string, value any) {
		s.Fargate.Node().DefaultChild().(awsecs.CfnService).AddPropertyOverride(jsii.String("DeploymentConfiguration."+name), value)
	}
	set("Alarms", map[string]any{"AlarmNames": []*string{props.Alarm.Ref()}, "Enable": true, "Rollback": true})
	if props.Strategy != "" {
		set("Strategy", string(props.Strategy))
	}
	if shifts {
		set("BakeTimeInMinutes", props.BakeMinutes)
	}
	switch props.Strategy {
	case awsecs.DeploymentStrategy_CANARY:
		set("CanaryConfiguration", map[string]any{"CanaryPercent": props.StepPercent, "CanaryBakeTimeInMinutes": props.StepBakeMinutes})
	case awsecs.DeploymentStrategy_LINEAR:
		set("LinearConfiguration", map[string]any{"StepPercent": props.StepPercent, "StepBakeTimeInMinutes": props.StepBakeMinutes})
	}
}
