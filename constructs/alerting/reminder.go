package alerting

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ReminderProps configures a Reminder.
type ReminderProps struct {
	// Schedule is a cron or rate expression of EventBridge, in UTC.
	Schedule string

	// Text is the e-mail: what is due, and where it is written how.
	Text string

	// Topic is told.
	Topic awssns.ITopic
}

// NewReminder defines a rule that tells a topic of what people must do from
// time to time. The topic must let EventBridge publish, as NewTopic's does.
func NewReminder(scope constructs.Construct, id string, props ReminderProps) awsevents.CfnRule {
	return awsevents.NewCfnRule(scope, &id, &awsevents.CfnRuleProps{
		Description:        &props.Text,
		ScheduleExpression: &props.Schedule,
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{
			Id:    jsii.String("Topic"),
			Arn:   props.Topic.TopicArn(),
			Input: jsii.String(strconv.Quote(props.Text)),
		}},
	})
}
