package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/storage"
	"catalog-infra/stacks/internal/environment"
)

// rotationFailed is what a failed rotation means, however it is noticed.
const rotationFailed = "The database password could not be rotated: the old one stays valid"

// topicName is the alarm topic's. Runbooks ask for approval by way of it, which
// Systems Manager does only with a topic whose name starts so.
func topicName(env environment.Environment) string { return "Automation-" + env.Name }

// Monitoring is the stack that notices.
type Monitoring struct {
	awscdk.Stack

	Topic awssns.ITopic

	// Twins are the names of the alarms that stay disarmed until an incident.
	Twins []*string
}

// newMonitoring defines the monitoring stack.
func newMonitoring(env environment.Environment, data *Data, compute *Compute) *Monitoring {
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
		}),
	})
	this := &Monitoring{stack, topic, nil}
	newQueries(stack, env, data, compute)
	rules := []awsevents.CfnRule{tellOfFailedDeployments(stack, env, compute, topic)}
	if env.Config.Backup.Enabled {
		rules = append(rules, tellOfFailedCopies(stack, env, topic)...)
	}
	this.addAlarms(env, data, compute, newUndeliveredAlarms(stack, env, topic, rules))
	environment.Output(stack, "AlarmTopicARN", "Where alarms are sent to", topic.TopicArn())
	return this
}

// addAlarms defines the alarms, and the dashboard that shows them and some that
// are there already.
func (m *Monitoring) addAlarms(env environment.Environment, data *Data, compute *Compute, others []shown) {
	fastest := burns[0]
	armed := []shown{{fastest.id + "Short", fastest.severity, compute.DeploymentAlarm.AttrArn(), true}}
	if env.Config.Alarms.Extended {
		armed = append(armed, newBurnAlarms(m.Stack, env, compute, m.Topic)...)
	}
	var twins []shown
	for _, a := range alarmsOf(m.Stack, env, data, compute) {
		a.Topic = m.Topic
		defined := alerting.NewAlarm(m.Stack, a.id, a.AlarmProps)
		on := shown{a.id, a.Severity, defined.AttrArn(), true}
		if a.ActionsDisabled {
			twins = append(twins, on)
			m.Twins = append(m.Twins, defined.Ref())
			continue
		}
		armed = append(armed, on)
	}
	newDashboard(m.Stack, env, append(armed, others...), twins)
}

func tellOfFailedDeployments(stack awscdk.Stack, env environment.Environment, compute *Compute, topic awssns.ITopic) awsevents.CfnRule {
	service := compute.Service.Service
	return alerting.NewNotificationRule(stack, "DeploymentFailed", alerting.NotificationRuleProps{
		Description: describe("DeploymentFailed", alerting.High, "A deployment failed and was taken back: the tasks before it go on"),
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
	})
}
