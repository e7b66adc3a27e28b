package monitoring

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/storage"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// Props are the resources that the stack watches.
type Props struct {
	LoadBalancer *web.LoadBalancer
	Service      *web.Service

	// DeploymentAlarm is the alarm that NewDeploymentAlarm returned.
	DeploymentAlarm awscloudwatch.CfnAlarm

	ApplicationLogs, DatabaseLogs awslogs.ILogGroup

	// WebACLLogs is nil if the environment has no web ACL.
	WebACLLogs awslogs.ILogGroup
}

// Stack is the monitoring stack.
type Stack struct {
	awscdk.Stack

	// Topic notifies of alarms and events. Its key allows CloudWatch and
	// EventBridge.
	Topic awssns.ITopic

	// StricterAlarms are the names of the alarms whose actions are disabled until
	// an incident.
	StricterAlarms []*string
}

// New defines the monitoring stack.
func New(env environment.Environment, props Props) *Stack {
	stack := env.NewStack("monitoring", "Alarms, saved queries and dashboard of the Product Catalog API")
	topic := alerting.NewTopic(stack, "Alarms", alerting.TopicProps{
		Name:   topicName(env),
		Sender: env.Name + " alarms",
		Emails: env.Config.Alarms.Emails,
		// Needed in any case: CloudWatch may not use the AWS managed key.
		Key: storage.NewKey(stack, "Key", storage.KeyProps{
			Description: "Alarm notifications of " + env.Name,
			Disposable:  env.Disposable,
			AlarmTopics: true,
		}).KMS,
	}).SNS
	this := &Stack{Stack: stack, Topic: topic}
	newQueries(stack, env, props)
	undelivered := NewUndeliveredAlarms(stack, env, topic, newFailureRules(stack, env, props, topic))
	this.addAlarms(env, props, undelivered)
	environment.Output(stack, "AlarmTopicARN", "Topic that notifies of alarms and events", topic.TopicArn())
	return this
}

// topicName returns the topic's name. Systems Manager asks for approval through
// topics whose name starts with Automation only.
func topicName(env environment.Environment) string { return "Automation-" + env.Name }

// addAlarms defines the alarms, and the dashboard with these, with the
// deployment alarm and with the alarms on undelivered events.
func (s *Stack) addAlarms(env environment.Environment, props Props, undelivered []shown) {
	fastest := burnRates[0]
	enabled := []shown{{fastest.id + "Short", fastest.severity, props.DeploymentAlarm.AttrArn(), true}}
	if env.Config.Alarms.Extended {
		enabled = append(enabled, newBurnRateAlarms(s.Stack, env, props, s.Topic)...)
	}
	var stricter []shown
	for _, a := range alarmsOf(s.Stack, env, props) {
		defined := a.define(s.Stack, s.Topic)
		on := shown{a.id, a.severity, defined.AttrArn(), true}
		if a.ActionsDisabled {
			stricter = append(stricter, on)
			s.StricterAlarms = append(s.StricterAlarms, defined.Ref())
			continue
		}
		enabled = append(enabled, on)
	}
	newDashboard(s.Stack, env, append(enabled, undelivered...), stricter)
}
