package stacks

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

// environment is what all stacks of one environment share.
type environment struct {
	config.Config

	app awscdk.App

	// name is the configuration's Name. Stack names start with it, and so
	// do the few physical names that an outsider must know.
	name string

	lifecycle lifecycle

	// partition and account are parts of every ARN. The account is AWS's word for
	// that of the stack where the configuration names none.
	partition, account string
}

// tagged is every resource that takes tags but a few. CloudFront refuses to change
// a VPC origin in use, its tags too, and the deployment would fail (pitfall D4).
// With a tag of an IP set CloudFormation would write its addresses anew, and
// nobody would be blocked any more.
var tagged = &awscdk.TagProps{ExcludeResourceTypes: jsii.Strings(
	"AWS::CloudFront::VpcOrigin", "AWS::WAFv2::IPSet",
	// Their keys are letters and digits alone, by CloudFormation's schema: a tag
	// such as cost-center would fail the deployment.
	"AWS::SecurityHub::AutomationRule",
	// cfn-lint 1.51.0 does not know their tags.
	"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule",
)}

func newEnvironment(app awscdk.App, cfg config.Config) environment {
	tags := awscdk.Tags_Of(app)
	tags.Add(jsii.String("project"), jsii.String(config.Project), tagged)
	tags.Add(jsii.String("environment"), &cfg.Suffix, tagged)
	for key, value := range cfg.Tags {
		tags.Add(&key, &value, tagged)
	}
	return environment{
		Config:    cfg,
		app:       app,
		name:      cfg.Name(),
		lifecycle: lifecycles[cfg.Lifecycle],
		partition: partitionOf(cfg.Region),
		account:   cmp.Or(cfg.Account, *awscdk.Aws_ACCOUNT_ID()),
	}
}

// partitionOf is AWS's word for that of the stack where CDK does not know the
// region yet.
func partitionOf(region string) string {
	if known := regioninfo.RegionInfo_Get(&region).Partition(); known != nil {
		return *known
	}
	return *awscdk.Aws_PARTITION()
}

// arn is the ARN of a resource of the environment's account and region. CDK's
// FormatArn says the same in a call to its own process each time.
func (e environment) arn(service, resource string) *string {
	return e.arnIn(e.Region, service, resource)
}

// arnIn is that of a resource in another region, or in none.
func (e environment) arnIn(region, service, resource string) *string {
	return jsii.Sprintf("arn:%s:%s:%s:%s:%s", e.partition, service, region, e.account, resource)
}

// logsARN is that of a log group with its streams, as IAM wants it.
func (e environment) logsARN(group string) *string { return e.arn("logs", "log-group:"+group+":*") }

// newStack defines a stack whose id, and so every logical id in it, is the
// same in every environment; only its name has the suffix.
func (e environment) newStack(id, description string) awscdk.Stack {
	return e.newStackIn(e.Region, id, description)
}

func (e environment) newStackIn(region, id, description string) awscdk.Stack {
	env := &awscdk.Environment{Region: &region}
	if e.Account != "" {
		env.Account = &e.Account
	}
	return awscdk.NewStack(e.app, &id, &awscdk.StackProps{
		StackName:             jsii.Sprintf("%s-%s", e.name, id),
		Description:           &description,
		Env:                   env,
		TerminationProtection: &e.lifecycle.protected,
	})
}

// newKey defines the one key of a stack, for everything in it that takes a key.
// It is nil where AWS's own keys are used.
func (e environment) newKey(stack awscdk.Stack, props storage.KeyProps) awskms.IKey {
	if e.Encryption == config.EncryptionAWSManaged {
		return nil
	}
	return storage.NewKey(stack, "Key", props)
}

// newLogGroup defines a log group as the environment keeps its logs. Without a
// name CloudFormation makes one. The key, if any, must let log groups use it.
func (e environment) newLogGroup(scope constructs.Construct, id, name string, key awskms.IKey) awslogs.LogGroup {
	return storage.NewLogGroup(scope, id, storage.LogGroupProps{
		Name:          name,
		RetentionDays: e.Logs.RetentionDays,
		Key:           key,
		AllowDeletion: !e.lifecycle.protected,
		Disposable:    e.lifecycle.disposable,
	})
}

// anyViewer says that the load balancer answers who comes around CloudFront.
func (e environment) anyViewer() bool { return e.Edge.Ingress == config.IngressInternet }

// throughVPC says that the load balancer has no public address.
func (e environment) throughVPC() bool { return e.Edge.Ingress == config.IngressVPCOrigin }

// logGroupName is the group of the service's logs, the guide's.
func (e environment) logGroupName() string { return "/aws/ecs/" + e.name }

// trailLogGroupName is the group of the trail that the environment owns. Earlier
// stacks know it by its name.
func (e environment) trailLogGroupName() string { return "/aws/cloudtrail/" + e.name }

// rotationFunctionName is the function that rotates the database's password.
func (e environment) rotationFunctionName() string { return e.name + "-rotation" }

// runbookName is a runbook's, by the name of its file.
func (e environment) runbookName(name string) string { return e.name + "-" + name }

// lifecycle is what destroying an environment does. The zero value keeps what
// holds data and protects nothing.
type lifecycle struct {
	// disposable deletes what holds data. Without it the database leaves a
	// final snapshot, and images, logs and keys stay.
	disposable bool

	// protected refuses to delete stacks, database and load balancer.
	protected bool
}

// lifecycles is the one place that says what an environment's lifecycle means.
// Whatever it is, the trail's bucket stays.
var lifecycles = map[config.Lifecycle]lifecycle{
	config.LifecycleDisposable: {disposable: true},
	config.LifecycleRetained:   {},
	config.LifecycleProtected:  {protected: true},
}

// zoneNames are the names of the zones, e.g. eu-north-1a. They are spelled out
// because CDK knows no more than two zones while the account is unknown
// (pitfall G1).
func zoneNames(cfg config.Config) []string {
	names := make([]string, len(cfg.Network.Zones))
	for i, letter := range cfg.Network.Zones {
		names[i] = cfg.Region + letter
	}
	return names
}
