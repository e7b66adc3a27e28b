// Package monitoring is the stack of alarms, saved queries and the dashboard.
package monitoring

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/storage"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// RotationFailed is what a failed rotation means, however it is noticed.
const RotationFailed = "The database password could not be rotated: the old one stays valid"

// topicName is the alarm topic's. Runbooks ask for approval by way of it, which
// Systems Manager does only with a topic whose name starts so.
func topicName(env environment.Environment) string { return "Automation-" + env.Name }

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

// Stack is the stack of alarms, saved queries and the dashboard.
type Stack struct {
	awscdk.Stack

	// Topic notifies of alarms and events.
	Topic awssns.ITopic

	// Twins are the names of the alarms that stay disarmed until an incident.
	Twins []*string
}

// New defines the monitoring stack.
func New(env environment.Environment, props Props) *Stack {
	stack := env.NewStack("monitoring", "Alarms, saved queries and dashboard of the Product Catalog API")
	topic := alerting.NewTopic(stack, "Alarms", alerting.TopicProps{
		Name:   topicName(env),
		Sender: env.Name + " alarms",
		Emails: env.Config.Alarms.Emails,
		// Whatever the encryption: CloudWatch may not use AWS's key.
		Key: storage.NewKey(stack, "Key", storage.KeyProps{
			Description: "Alarm notifications of " + env.Name,
			Disposable:  env.Lifecycle.Disposable,
			AlarmTopics: true,
		}).KMS,
	}).SNS
	this := &Stack{stack, topic, nil}
	newQueries(stack, env, props)
	rules := []awsevents.CfnRule{tellOfFailedDeployments(stack, env, props, topic)}
	if env.Config.Backup.Enabled {
		rules = append(rules, tellOfFailedCopies(stack, env, topic)...)
	}
	this.addAlarms(env, props, NewUndeliveredAlarms(stack, env, topic, rules))
	environment.Output(stack, "AlarmTopicARN", "Where alarms are sent to", topic.TopicArn())
	return this
}

// addAlarms defines the alarms, and the dashboard that shows them and some that
// are there already.
func (s *Stack) addAlarms(env environment.Environment, props Props, others []shown) {
	fastest := burns[0]
	armed := []shown{{fastest.id + "Short", fastest.severity, props.DeploymentAlarm.AttrArn(), true}}
	if env.Config.Alarms.Extended {
		armed = append(armed, newBurnAlarms(s.Stack, env, props, s.Topic)...)
	}
	var twins []shown
	for _, a := range alarmsOf(s.Stack, env, props) {
		a.Topic = s.Topic
		defined := alerting.NewAlarm(s.Stack, a.id, a.AlarmProps).CloudWatch
		on := shown{a.id, a.Severity, defined.AttrArn(), true}
		if a.ActionsDisabled {
			twins = append(twins, on)
			s.Twins = append(s.Twins, defined.Ref())
			continue
		}
		armed = append(armed, on)
	}
	newDashboard(s.Stack, env, append(armed, others...), twins)
}

func tellOfFailedDeployments(stack awscdk.Stack, env environment.Environment, props Props, topic awssns.ITopic) awsevents.CfnRule {
	service := props.Service.Fargate
	return alerting.NewNotificationRule(stack, "DeploymentFailed", alerting.NotificationRuleProps{
		Description: Describe("DeploymentFailed", alerting.High, "A deployment failed and was taken back: the tasks before it go on"),
		Mail: alerting.Mail{
			What:        "<event>: <reason>",
			Which:       "deployment <deployment> of <service>",
			Environment: env.Name,
			Look: "aws ecs describe-services --region <region> --cluster " + *service.Cluster().ClusterName() +
				" --services <service> --query 'services[0].events[:10].[createdAt,message]'",
			Paths: map[string]string{
				"event": "$.detail.eventName", "reason": "$.detail.reason", "deployment": "$.detail.deploymentId", "service": "$.resources[0]",
			},
		},
		Pattern: map[string]any{
			"source":      []string{"aws.ecs"},
			"detail-type": []string{"ECS Deployment State Change"},
			"resources":   []*string{service.ServiceArn()},
			"detail":      map[string]any{"eventName": []string{"SERVICE_DEPLOYMENT_FAILED"}},
		},
		Topic: topic,
	}).Rule
}
