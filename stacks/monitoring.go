package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/encryption"
)

// refusedConnection matches what PostgreSQL logs when it refuses a connection.
const refusedConnection = `?"password authentication failed" ?"PAM authentication failed" ?"no pg_hba.conf entry" ` +
	`?"remaining connection slots are reserved" ?"too many clients already"`

// Monitoring is the stack that notices.
type Monitoring struct {
	awscdk.Stack

	Topic awssns.ITopic
}

// NewMonitoring defines the monitoring stack.
func NewMonitoring(env environment, data *Data, compute *Compute) *Monitoring {
	stack := env.newStack("monitoring", "Alarms and dashboard of the Product Catalog API")
	topic := alerting.NewTopic(stack, "Alarms", alerting.TopicProps{
		Name:   env.name + " alarms",
		Emails: env.Alarms.Emails,
		// Whatever the encryption: CloudWatch may not use AWS's key.
		Key: encryption.NewKey(stack, "Key", encryption.KeyProps{
			Description: "Alarm notifications of " + env.name,
			Disposable:  env.lifecycle.disposable,
			AlarmTopics: true,
		}),
	})
	var alarms []awscloudwatch.IAlarm
	for _, a := range alarmsOf(env, compute, refusedConnections(stack, env, data.DatabaseLogs)) {
		a.Topic = topic
		alarms = append(alarms, alerting.NewAlarm(stack, a.id, a.AlarmProps))
	}
	newDashboard(stack, env, alarms)
	tellOfFailedDeployments(stack, compute, topic)
	tellOfFailedCopies(stack, env, topic)
	output(stack, "AlarmTopicARN", "Where alarms are sent to", topic.TopicArn())
	return &Monitoring{stack, topic}
}

type alarm struct {
	id string
	alerting.AlarmProps
}

// alarmsOf are the guide's four security-focused metrics and the rotation.
func alarmsOf(env environment, compute *Compute, refused awscloudwatch.IMetric) []alarm {
	balancer, tasks := compute.LoadBalancer.LoadBalancer.Metrics(), compute.LoadBalancer.TargetGroup.Metrics()
	return []alarm{
		{"UnhealthyTasks", alerting.AlarmProps{
			Metric:    tasks.UnhealthyHostCount(every(1, "Maximum")),
			Threshold: 1, Periods: 3,
			Meaning: "A task fails its health check: the application is down or compromised",
		}},
		{"ErrorRate", alerting.AlarmProps{
			Metric:    errorRate(balancer, tasks),
			Threshold: env.Alarms.ErrorRatePercent, Periods: 2,
			Meaning: "Too many requests are answered with 5xx: a failure or an attack",
		}},
		{"RequestCount", alerting.AlarmProps{
			Metric:    balancer.RequestCount(every(1, "Sum")),
			Threshold: float64(env.Alarms.RequestsPerMinute), Periods: 3,
			Meaning: "More requests than usual: a denial of service or a scan",
		}},
		{"RefusedDatabaseConnections", alerting.AlarmProps{
			Metric:    refused,
			Threshold: float64(env.Alarms.DatabaseFailures),
			Meaning:   "The database refuses connections: wrong credentials, or too many clients",
		}},
		{"RotationFailed", alerting.AlarmProps{
			Metric:    rotationErrors(env),
			Threshold: 1,
			Meaning:   "The database password could not be rotated: the old one stays valid",
		}},
	}
}

func every(minutes int, statistic string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{
		Period: awscdk.Duration_Minutes(jsii.Number(minutes)), Statistic: &statistic,
	}
}

// errorRate is the percentage of requests that the tasks, or the load balancer
// for want of a task, answered with 5xx. FILL makes a period without any a zero
// instead of a gap. RequestCount leaves out what no task could be chosen for,
// so the load balancer's own errors are in the denominator too: without them
// an outage of every task would be a division by nothing, and no alarm.
func errorRate(balancer elbv2.IApplicationLoadBalancerMetrics, tasks elbv2.IApplicationTargetGroupMetrics) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Label:      jsii.String("5xx (%)"),
		Expression: jsii.String("100 * (FILL(target, 0) + FILL(balancer, 0)) / (FILL(requests, 0) + FILL(balancer, 0))"),
		Period:     awscdk.Duration_Minutes(jsii.Number(5)),
		UsingMetrics: &map[string]awscloudwatch.IMetric{
			"target":   tasks.HttpCodeTarget(elbv2.HttpCodeTarget_TARGET_5XX_COUNT, nil),
			"balancer": balancer.HttpCodeElb(elbv2.HttpCodeElb_ELB_5XX_COUNT, nil),
			"requests": balancer.RequestCount(nil),
		},
	})
}

func refusedConnections(stack awscdk.Stack, env environment, logs awslogs.ILogGroup) awscloudwatch.IMetric {
	filter := awslogs.NewMetricFilter(stack, jsii.String("RefusedDatabaseConnectionFilter"), &awslogs.MetricFilterProps{
		LogGroup:        logs,
		FilterPattern:   awslogs.FilterPattern_Literal(jsii.String(refusedConnection)),
		MetricNamespace: &env.name,
		MetricName:      jsii.String("RefusedDatabaseConnections"),
		MetricValue:     jsii.String("1"),
		DefaultValue:    jsii.Number(0),
	})
	return filter.Metric(every(5, "Sum"))
}

// rotationErrors counts the rotation function's failures. The function belongs
// to an application that AWS publishes and is known by its name alone.
func rotationErrors(env environment) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String("AWS/Lambda"),
		MetricName:    jsii.String("Errors"),
		DimensionsMap: &map[string]*string{"FunctionName": jsii.String(env.rotationFunctionName())},
		Statistic:     jsii.String("Sum"),
		Period:        awscdk.Duration_Minutes(jsii.Number(5)),
	})
}

func tellOfFailedDeployments(stack awscdk.Stack, compute *Compute, topic awssns.ITopic) {
	alerting.NewEvent(stack, "DeploymentFailed", alerting.EventProps{
		Pattern: map[string]any{
			"source":      []string{"aws.ecs"},
			"detail-type": []string{"ECS Deployment State Change"},
			"resources":   []*string{compute.Service.Service.ServiceArn()},
			"detail":      map[string]any{"eventName": []string{"SERVICE_DEPLOYMENT_FAILED"}},
		},
		Meaning: "A deployment failed and was taken back: the tasks before it go on",
		Topic:   topic,
	})
}

// newDashboard shows the state of the alarms and, below, what each watches.
func newDashboard(stack awscdk.Stack, env environment, alarms []awscloudwatch.IAlarm) {
	dashboard := awscloudwatch.NewDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: &env.name,
	})
	dashboard.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Alarms: &alarms, Width: jsii.Number(24), Height: jsii.Number(4),
	}))
	for _, alarm := range alarms {
		dashboard.AddWidgets(awscloudwatch.NewAlarmWidget(&awscloudwatch.AlarmWidgetProps{
			Title: alarm.Node().Id(), Alarm: alarm, Width: jsii.Number(24),
		}))
	}
}
