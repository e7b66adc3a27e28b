package monitoring

import (
	"fmt"
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// burnRate is a burn-rate alarm of the SRE workbook. The rate is how fast the
// error budget is used up, which the SLO leaves for errors in 30 days; at 1 it
// lasts these 30 days.
//
// The alarm needs two windows: the long one shows that the errors matter, the
// short one that they continue.
// https://sre.google/workbook/alerting-on-slos/
type burnRate struct {
	id          string
	rate        float64
	long, short window
	severity    alerting.Severity
	meaning     string
}

// window is a number of consecutive periods, each of which must breach the
// threshold. A period of CloudWatch lasts at most a day.
type window struct{ minutes, periods int }

const day = 24 * 60

// burnRates are the workbook's. Its window of three days is three consecutive
// days here.
var burnRates = []burnRate{
	{"ErrorBudgetFast", config.FastestBurn, window{60, 1}, window{5, 1}, alerting.Critical,
		"At this error rate the month's error budget is used up in two days"},
	{"ErrorBudgetSteady", 6, window{6 * 60, 1}, window{30, 1}, alerting.Critical,
		"At this error rate the month's error budget is used up in five days"},
	{"ErrorBudgetSlow", 1, window{day, 3}, window{6 * 60, 1}, alerting.Medium,
		"Requests have failed for three days: the month's error budget will not last"},
}

// alarm returns the alarm on one of the windows, without a topic.
func (b burnRate) alarm(w window, env environment.Environment, balancer *web.LoadBalancer) alerting.AlarmProps {
	budget := 100 - env.Config.SLO.AvailabilityPercent
	return alerting.AlarmProps{
		Description: Describe(b.id, b.severity, fmt.Sprintf("%s (last %d minutes)", b.meaning, w.minutes*w.periods)),
		Metric:      errorRate(balancer, env.Config.SLO.MinRequests).Over(w.minutes),
		Threshold:   math.Round(b.rate*budget*1e4) / 1e4,
		Periods:     w.periods,
	}
}

// NewDeploymentAlarm defines the short window of the fastest burn rate, during
// which ECS rolls a deployment back. It is defined in the stack of the service,
// since ECS refuses the name of an alarm that does not exist. A composite alarm is
// not documented to work there.
func NewDeploymentAlarm(env environment.Environment, stack awscdk.Stack, balancer *web.LoadBalancer) awscloudwatch.CfnAlarm {
	fastest := burnRates[0]
	return alerting.NewAlarm(stack, fastest.id+"Short", fastest.alarm(fastest.short, env, balancer)).CloudWatch
}

// newBurnRateAlarms defines a composite alarm of the two windows for each burn
// rate. The short window of the fastest is the deployment alarm.
func newBurnRateAlarms(stack awscdk.Stack, env environment.Environment, props Props, topic awssns.ITopic) []shown {
	var all []shown
	for i, b := range burnRates {
		short := props.DeploymentAlarm
		if i > 0 {
			short = alerting.NewAlarm(stack, b.id+"Short", b.alarm(b.short, env, props.LoadBalancer)).CloudWatch
			all = append(all, shown{b.id + "Short", b.severity, short.AttrArn(), true})
		}
		long := alerting.NewAlarm(stack, b.id+"Long", b.alarm(b.long, env, props.LoadBalancer)).CloudWatch
		both := alerting.NewCompositeAlarm(stack, b.id, alerting.CompositeAlarmProps{
			Description: Describe(b.id, b.severity, b.meaning),
			All:         []awscloudwatch.CfnAlarm{long, short},
			Topic:       topic,
		}).CloudWatch
		all = append(all, shown{b.id + "Long", b.severity, long.AttrArn(), true}, shown{b.id, b.severity, both.AttrArn(), false})
	}
	return all
}

// errorRate returns the percentage of requests that tasks or the load balancer
// answered with 5xx, in periods of five minutes. FILL turns a period without data
// into a zero. With fewer requests than least the rate is zero: one error in two
// requests at night means nothing.
//
// RequestCount counts requests for which a target was chosen: it includes the
// load balancer's 502 and 504, and excludes its 503, which it answers without a
// target. AWS does not document its other errors, which are rare. So the number of
// all requests is RequestCount plus 503, but at least the number of errors: an
// outage of everything gives 100 % whatever is counted where.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
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
			"target":   ofBalancer(balancer, "HTTPCode_Target_5XX_Count", "Sum"),
			"balancer": ofBalancer(balancer, "HTTPCode_ELB_5XX_Count", "Sum"),
			"unrouted": ofBalancer(balancer, "HTTPCode_ELB_503_Count", "Sum"),
			"requests": ofBalancer(balancer, "RequestCount", "Sum"),
		},
	}
}
