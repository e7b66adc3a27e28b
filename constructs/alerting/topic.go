package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// TopicProps configures a Topic.
type TopicProps struct {
	// Name is the topic's. Systems Manager requests approvals only by topics whose
	// names start with Automation.
	Name string `required:"true"`

	// Sender is shown as the sender of e-mails.
	Sender string `required:"true"`

	// Emails are subscribed. Each recipient must confirm the e-mail that AWS sends.
	Emails []string

	// Key encrypts the notifications. Its policy must have KeyProps.AlarmTopics: with
	// AWS's key for SNS, CloudWatch could not publish and alarms would notify nobody
	// (pitfall F3).
	Key awskms.IKey `required:"true"`
}

// Topic is a topic to which CloudWatch alarms of this account and rules of
// EventBridge may publish.
type Topic struct {
	SNS awssns.Topic
}

// NewTopic defines a Topic.
func NewTopic(scope constructs.Construct, id string, props TopicProps) *Topic {
	required.Check(id, props)
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
	return &Topic{topic}
}

// allowPublishers allows CloudWatch to publish for alarms of this account.
// EventBridge has no condition: it does not tell SNS which account's rule it acts
// for, so any condition would refuse it.
func allowPublishers(topic awssns.Topic) {
	publish := permissions.Allow("", "sns:Publish").On(topic.TopicArn())
	account := map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}
	topic.AddToResourcePolicy(publish.If(account).ForService("cloudwatch.amazonaws.com"))
	topic.AddToResourcePolicy(publish.ForService("events.amazonaws.com"))
}
