// Package alerting defines who is told when something is wrong, and when.
package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// TopicProps configures a Topic.
type TopicProps struct {
	// Name is the topic's own. Systems Manager tells approvers by way of topics
	// only whose name starts with Automation. Default: one that CloudFormation
	// makes.
	Name string

	// Sender is shown as the sender of e-mails.
	Sender string

	// Emails are subscribed; each must confirm the mail that AWS sends.
	Emails []string

	// Disposable deletes the topic's key with the stack. By default it stays.
	Disposable bool
}

// NewTopic defines a topic, encrypted with a key of its own, to which
// CloudWatch alarms of this account and rules of EventBridge may publish. With
// AWS's key for SNS they would go off and nobody would hear (pitfall F3).
func NewTopic(scope constructs.Construct, id string, props TopicProps) awssns.Topic {
	this := constructs.NewConstruct(scope, &id)
	topicProps := &awssns.TopicProps{
		DisplayName: &props.Sender,
		MasterKey:   newTopicKey(this, props.Disposable),
		EnforceSSL:  jsii.Bool(true),
	}
	if props.Name != "" {
		topicProps.TopicName = &props.Name
	}
	topic := awssns.NewTopic(this, jsii.String("Topic"), topicProps)
	allowPublishers(topic.TopicArn(), []string{"sns:Publish"}, func(s awsiam.PolicyStatement) { topic.AddToResourcePolicy(s) })
	for _, email := range props.Emails {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&email, nil))
	}
	return topic
}

func newTopicKey(scope constructs.Construct, disposable bool) awskms.Key {
	removal := awscdk.RemovalPolicy_RETAIN
	if disposable {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	key := awskms.NewKey(scope, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts alarm notifications"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal,
	})
	// In a key's policy the resource "*" means the key itself.
	allowPublishers(jsii.String("*"), []string{"kms:Decrypt", "kms:GenerateDataKey*"},
		func(s awsiam.PolicyStatement) { key.AddToResourcePolicy(s, nil) })
	return key
}

// allowPublishers lets CloudWatch do the actions for alarms of this account,
// and EventBridge for whoever has a rule with this topic: it tells neither SNS
// nor KMS on whose behalf it comes, so that any condition would refuse it.
func allowPublishers(resource *string, actions []string, allow func(awsiam.PolicyStatement)) {
	publisher := func(service string, conditions map[string]any) awsiam.PolicyStatement {
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(&service, nil)},
			Actions:    jsii.Strings(actions...),
			Resources:  &[]*string{resource},
			Conditions: &conditions,
		})
	}
	allow(publisher("cloudwatch.amazonaws.com", map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()},
	}))
	allow(publisher("events.amazonaws.com", map[string]any{}))
}
