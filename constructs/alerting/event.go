package alerting

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EventProps configures an Event.
type EventProps struct {
	Contract

	// Pattern is that of EventBridge.
	Pattern map[string]any

	// Topic is told.
	Topic awssns.ITopic
}

// NewEvent defines a rule that tells a topic of events on the account's bus.
// The topic must let EventBridge publish, as NewTopic's does: a role for it
// could not use the topic's key.
func NewEvent(scope constructs.Construct, id string, props EventProps) awsevents.CfnRule {
	text := strconv.Quote(*props.text() + " (<type>, <time>, account <account>, <region>)")
	return awsevents.NewCfnRule(scope, &id, &awsevents.CfnRuleProps{
		Description:  props.text(),
		EventPattern: props.Pattern,
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{
			Id:  jsii.String("Topic"),
			Arn: props.Topic.TopicArn(),
			InputTransformer: &awsevents.CfnRule_InputTransformerProperty{
				InputPathsMap: map[string]string{
					"type": "$.detail-type", "time": "$.time", "account": "$.account", "region": "$.region",
				},
				InputTemplate: &text,
			},
		}},
	})
}
