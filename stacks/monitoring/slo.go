package monitoring

import (
	"fmt"
	"maps"
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// burn is a speed at which the error budget, what the SLO leaves for errors in
// 30 days, is used up. At 1 it lasts just those 30 days.
//
// An alarm on it needs two windows: the long one says that it matters, the
// short one that it still goes on.
// https://sre.google/workbook/alerting-on-slos/
type burn struct {
	id          string
	speed       float64
	long, short window
	severity    alerting.Severity
	meaning     string
}

// window is so many periods in a row, each of which must be too bad. CloudWatch
// sums up at most a day.
type window struct{ minutes, periods int }

const day = 24 * 60

// burns are those of the SRE workbook. Its window of three days is three days
// in a row here.
var burns = []burn{
	{"ErrorBudgetFast", config.FastestBurn, window{60, 1}, window{5, 1}, alerting.Critical,
		"Requests fail so fast that the month's error budget is gone in two days"},
	{"ErrorBudgetSteady", 6, window{6 * 60, 1}, window{30, 1}, alerting.Critical,
		"Requests fail so steadily that the month's error budget is gone in five days"},
	{"ErrorBudgetSlow", 1, window{day, 3}, window{6 * 60, 1}, alerting.Medium,
		"Requests have failed for days, and the month's error budget will not last"},
}

// on is an alarm on one of the windows. It tells nobody by itself.
func (b burn) on(w window, env environment.Environment, balancer *web.LoadBalancer) alerting.AlarmProps {
	budget := 100 - env.Config.SLO.AvailabilityPercent
	return alerting.AlarmProps{
		Description: alerting.Description{
			Severity: b.severity,
			Meaning:  fmt.Sprintf("%s (last %d minutes)", b.meaning, w.minutes*w.periods),
			Runbook:  runbookOf(b.id),
		},
		Metric:    errorRate(balancer, env.Config.SLO.MinRequests).Over(w.minutes),
		Threshold: math.Round(b.speed*budget*1e4) / 1e4,
		Periods:   w.periods,
	}
}

// NewDeploymentAlarm defines the short window of the fastest burn, and has ECS
// take a deployment back while it is on. It is here, beside the service, as ECS
// refuses the name of an alarm that does not exist yet. AWS does not say that
// ECS takes a composite alarm.
func NewDeploymentAlarm(env environment.Environment, stack awscdk.Stack, service *web.Service, balancer *web.LoadBalancer) awscloudwatch.CfnAlarm {
	fastest := burns[0]
	alarm := alerting.NewAlarm(stack, fastest.id+"Short", fastest.on(fastest.short, env, balancer)).CloudWatch
	service.RollBackOn(alarm)
	return alarm
}

// newBurnAlarms defines an alarm for each burn, made of its two windows. The
// fastest has its short window from the compute stack.
func newBurnAlarms(stack awscdk.Stack, env environment.Environment, props Props, topic awssns.ITopic) []shown {
	var all []shown
	for i, b := range burns {
		short := props.DeploymentAlarm
		if i > 0 {
			short = alerting.NewAlarm(stack, b.id+"Short", b.on(b.short, env, props.LoadBalancer)).CloudWatch
			all = append(all, shown{b.id + "Short", b.severity, short.AttrArn(), true})
		}
		long := alerting.NewAlarm(stack, b.id+"Long", b.on(b.long, env, props.LoadBalancer)).CloudWatch
		both := alerting.NewCompositeAlarm(stack, b.id, alerting.CompositeAlarmProps{
			Description: alerting.Description{Severity: b.severity, Meaning: b.meaning, Runbook: runbookOf(b.id)},
			All:         []awscloudwatch.CfnAlarm{long, short},
			Topic:       topic,
		})
		all = append(all, shown{b.id + "Long", b.severity, long.AttrArn(), true}, shown{b.id, b.severity, both.CloudWatch.AttrArn(), false})
	}
	return all
}

// errorRate is the percentage of requests that the tasks, or the load balancer
// in their place, answered with 5xx, in five minutes. FILL makes a period
// without any a zero instead of a gap.
//
// RequestCount has what a task was chosen for: what the load balancer answers
// with 502 or 504 is in it, what it answers with 503, for want of a task, is
// not. Its other errors are rare, and AWS does not say of each. So all requests
// are those and the 503, and at least the errors: whatever is counted where,
// an outage of everything reads 100 %.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
//
// With fewer than least requests the rate counts as zero: one error of two
// requests at night says nothing.
func errorRate(balancer *web.LoadBalancer, least int) alerting.Metric {
	expression := "100 * errors / all"
	if least > 0 {
		expression = fmt.Sprintf("IF(all >= %d, %s, 0)", least, expression)
	}
	return alerting.Metric{
		Label:      "5xx (%)",
		Expression: expression,
		Minutes:    5,
		Terms: map[string]string{
			"errors":  "FILL(target, 0) + FILL(balancer, 0)",
			"counted": "FILL(requests, 0) + FILL(unrouted, 0)",
			"all":     greater("counted", "errors"),
		},
		Inputs: map[string]alerting.Metric{
			"target":   ofTasks(balancer, "HTTPCode_Target_5XX_Count", "Sum"),
			"balancer": ofBalancer(balancer, "HTTPCode_ELB_5XX_Count", "Sum"),
			"unrouted": ofBalancer(balancer, "HTTPCode_ELB_503_Count", "Sum"),
			"requests": ofBalancer(balancer, "RequestCount", "Sum"),
		},
	}
}

// ofBalancer is a metric of the load balancer by the minute.
func ofBalancer(balancer *web.LoadBalancer, name, statistic string) alerting.Metric {
	return alerting.Metric{
		Namespace: "AWS/ApplicationELB", Name: name, Statistic: statistic, Minutes: 1,
		Dimensions: map[string]*string{"LoadBalancer": balancer.FullName},
	}
}

// ofTasks is a metric of the load balancer's target group by the minute.
func ofTasks(balancer *web.LoadBalancer, name, statistic string) alerting.Metric {
	metric := ofBalancer(balancer, name, statistic)
	metric.Dimensions = maps.Clone(metric.Dimensions)
	metric.Dimensions["TargetGroup"] = balancer.TargetGroupFullName
	return metric
}
