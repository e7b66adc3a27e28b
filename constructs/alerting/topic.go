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
	// only whose name starts with Automation.
	Name string

	// Sender is shown as the sender of e-mails.
	Sender string

	// Emails are subscribed; each must confirm the mail that AWS sends.
	Emails []string

	// Key encrypts the notifications. Its policy must let CloudWatch and
	// EventBridge use it: with AWS's key for SNS, alarms would go off and nobody
	// would hear (pitfall F3).
	Key awskms.IKey
}

// NewTopic defines a topic to which CloudWatch alarms of this account and rules
// of EventBridge may publish.
func NewTopic(scope constructs.Construct, id string, props TopicProps) awssns.Topic {
	this := constructs.NewConstruct(scope, &id)
	topic := awssns.NewTopic(this, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:   &props.Name,
		DisplayName: &props.Sender,
		MasterKey:   props.Key,
		EnforceSSL:  jsii.Bool(true),
	})
	allowPublishers(topic)
	for _, email := range props.Emails {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&email, nil))
	}
	return topic
}

// allowPublishers lets CloudWatch publish for alarms of this account, and
// EventBridge for whoever has a rule with this topic: it does not tell SNS on
// whose behalf it comes, so that any condition would refuse it.
func allowPublishers(topic awssns.Topic) {
	allow := func(service string, conditions map[string]any) {
		topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(&service, nil)},
			Actions:    jsii.Strings("sns:Publish"),
			Resources:  &[]*string{topic.TopicArn()},
			Conditions: &conditions,
		}))
	}
	allow("cloudwatch.amazonaws.com", map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()},
	})
	allow("events.amazonaws.com", map[string]any{})
}
