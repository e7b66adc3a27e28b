package environment

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/regioninfo"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/storage"
)

// Environment is one deployment of the app, such as prod or pr-17.
type Environment struct {
	Config config.Config

	// Name starts the names of the stacks and of the few resources that have a
	// physical name, e.g. catalog-api-prod.
	Name string

	// Disposable deletes the data when the environment is destroyed, except the trail's
	// bucket. Otherwise the database leaves a final snapshot, and images, logs and keys are
	// retained. Protected refuses to delete the stacks, the database and the load balancer.
	Disposable, Protected bool

	// Partition and Account are parts of every ARN. Account is the configured
	// account ID, or the AWS::AccountId pseudo parameter if none is configured.
	Partition, Account string

	app awscdk.App
}

// tagged excludes the resources whose tags would break a deployment:
//   - CloudFront refuses to change a VPC origin in use, its tags included (pitfall D4);
//   - when a tag of an IP set changes, CloudFormation also resets its addresses,
//     which would unblock every blocked client;
//   - CloudFormation's schema for the tags of an automation rule allows no hyphen
//     in a key, so a tag such as cost-center would fail;
//   - the schemas of cfn-lint 1.51.0 lack the tags of the last three.
var tagged = &awscdk.TagProps{ExcludeResourceTypes: jsii.Strings(
	"AWS::CloudFront::VpcOrigin",
	"AWS::WAFv2::IPSet",
	"AWS::SecurityHub::AutomationRule",
	"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule",
)}

// New returns the environment of the configuration, and tags all resources of
// the app.
func New(app awscdk.App, cfg config.Config) Environment {
	tags := awscdk.Tags_Of(app)
	tags.Add(jsii.String("project"), jsii.String(config.Project), tagged)
	tags.Add(jsii.String("environment"), &cfg.Environment, tagged)
	for key, value := range cfg.Tags {
		tags.Add(&key, &value, tagged)
	}
	return Environment{
		Config:     cfg,
		Name:       cfg.Name(),
		Disposable: cfg.Lifecycle == config.LifecycleDisposable,
		Protected:  cfg.Lifecycle == config.LifecycleProtected,
		Partition:  partitionOf(cfg.Region),
		Account:    cmp.Or(cfg.Account, *awscdk.Aws_ACCOUNT_ID()),
		app:        app,
	}
}

// partitionOf returns the region's partition, or the AWS::Partition pseudo
// parameter if CDK does not know the region.
func partitionOf(region string) string {
	if known := regioninfo.RegionInfo_Get(&region).Partition(); known != nil {
		return *known
	}
	return *awscdk.Aws_PARTITION()
}

// ARN returns the ARN of a resource in the environment's account and region.
// CDK's FormatArn does the same, but calls CDK's own process each time.
func (e Environment) ARN(service, resource string) *string {
	return e.ARNIn(e.Config.Region, service, resource)
}

// ARNIn returns the ARN of a resource in another region. The region is empty
// for global services.
func (e Environment) ARNIn(region, service, resource string) *string {
	return jsii.Sprintf("arn:%s:%s:%s:%s:%s", e.Partition, service, region, e.Account, resource)
}

// LogsARN returns the ARN of a log group and its streams, the form that IAM
// needs.
func (e Environment) LogsARN(group string) *string { return e.ARN("logs", "log-group:"+group+":*") }

// NewStack defines a stack in the environment's region. Its id, and so every
// logical ID in it, is the same in every environment; its name has the suffix.
func (e Environment) NewStack(id, description string) awscdk.Stack {
	return e.NewStackIn(e.Config.Region, id, description)
}

// NewStackIn is like NewStack for another region.
func (e Environment) NewStackIn(region, id, description string) awscdk.Stack {
	env := &awscdk.Environment{Region: &region}
	if e.Config.Account != "" {
		env.Account = &e.Config.Account
	}
	return awscdk.NewStack(e.app, &id, &awscdk.StackProps{
		StackName:             jsii.Sprintf("%s-%s", e.Name, id),
		Description:           &description,
		Env:                   env,
		TerminationProtection: &e.Protected,
	})
}

// NewKey defines the stack's key, for everything in it that takes a key, log groups
// included. It returns nil if the environment uses AWS managed keys.
func (e Environment) NewKey(stack awscdk.Stack, props storage.KeyProps) awskms.IKey {
	if e.Config.Encryption == config.EncryptionAWSManaged {
		return nil
	}
	props.LogGroups = true
	return storage.NewKey(stack, "Key", props).KMS
}

// NewLogGroup defines a log group with the environment's retention and
// lifecycle. If name is empty, CloudFormation generates one. The key may be nil;
// its policy must allow CloudWatch Logs.
func (e Environment) NewLogGroup(scope constructs.Construct, id, name string, key awskms.IKey) awslogs.LogGroup {
	return storage.NewLogGroup(scope, id, storage.LogGroupProps{
		Name:          name,
		RetentionDays: e.Config.Logs.RetentionDays,
		Key:           key,
		AllowDeletion: !e.Protected,
		Disposable:    e.Disposable,
	}).Logs
}

// LogGroupName returns the name of the service's log group (guide 7.1).
func (e Environment) LogGroupName() string { return "/aws/ecs/" + e.Name }

// TrailLogGroupName returns the name of the trail's log group. Stacks before the
// audit stack refer to it by name.
func (e Environment) TrailLogGroupName() string { return "/aws/cloudtrail/" + e.Name }

// RotationFunctionName returns the name of the function that rotates the
// database password.
func (e Environment) RotationFunctionName() string { return e.Name + "-rotation" }

// UserRotationFunctionName is like RotationFunctionName for the application's user.
func (e Environment) UserRotationFunctionName() string { return e.Name + "-user-rotation" }

// UserTaskFamily returns the family of the task that creates the application's user.
func (e Environment) UserTaskFamily() string { return e.Name + "-database-user" }

// RunbookName returns the document name of the runbook in runbooks/NAME.yaml.
func (e Environment) RunbookName(name string) string { return e.Name + "-" + name }

// ZoneNames returns the names of the Availability Zones, e.g. eu-north-1a. They
// are spelled out because CDK knows no more than two zones while the account is
// unknown (pitfall G1).
func ZoneNames(cfg config.Config) []string {
	names := make([]string, len(cfg.Network.Zones))
	for i, letter := range cfg.Network.Zones {
		names[i] = cfg.Region + letter
	}
	return names
}

// Output defines an output of the stack.
func Output(stack awscdk.Stack, id, description string, value *string) {
	awscdk.NewCfnOutput(stack, &id, &awscdk.CfnOutputProps{Description: &description, Value: value})
}
