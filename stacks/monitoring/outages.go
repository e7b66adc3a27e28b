package monitoring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/postgresql"
	"catalog-infra/constructs/waf"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// The limits of what is no setting.
const (
	// saturated is the use of processor, memory, capacity or connections, in per
	// cent, from which on the autoscaling has nothing left to give.
	saturated = 90

	// refusedShare is the share of requests, in per cent, that are refused for
	// want of the secret header when it is the header that is wrong, and not some
	// strangers. leastRefused is how many in five minutes there must be.
	refusedShare, leastRefused = 50, 20
)

// reachAlarms tell that viewers do not get through, or that too few tasks are
// there for them. All of it is silent in the metrics of what is answered.
func reachAlarms(env environment.Environment, balancer *web.LoadBalancer) []alarm {
	alarms := []alarm{{"TooFewTasks", alerting.AlarmProps{
		Description: Describe("TooFewTasks", alerting.Critical, "Fewer tasks are healthy than the service needs, or none is there at all"),
		Metric:      ofTasks(balancer, "HealthyHostCount", "Maximum"),
		Threshold:   float64(env.Config.Service.MinTasks), TooLow: true, Periods: 5,
		MissingIsBad: true, // without any task there is no metric
	}, false}}
	if env.Config.Alarms.Probe {
		alarms = append(alarms, alarm{"NoRequests", alerting.AlarmProps{
			Description: Describe("NoRequests", alerting.Critical, "No request gets through to a task, not even the probe's: viewers are without service"),
			Metric:      ofBalancer(balancer, "RequestCount", "Sum"),
			Threshold:   1, TooLow: true, Periods: 5,
			MissingIsBad: true, // without requests there is no metric
		}, false})
	}
	if !env.Config.Edge.Ingress.AnyViewer() {
		alarms = append(alarms, alarm{"RequestsWithoutOriginHeader", alerting.AlarmProps{
			Description: Describe("RequestsWithoutOriginHeader", alerting.High, "Most requests lack the secret header: it does not match, or strangers send many"),
			Metric:      refusedForHeader(env, balancer),
			Threshold:   refusedShare, Periods: 2,
		}, false})
	}
	return alarms
}

// refusedForHeader is the percentage of requests without the secret header. The
// first rule of the firewall refuses them or, where there is none, the listener.
// RequestCount leaves both out.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func refusedForHeader(env environment.Environment, balancer *web.LoadBalancer) alerting.Metric {
	refused := alerting.Metric{
		Label:      "refused (%)",
		Expression: fmt.Sprintf("IF(refused >= %d, 100 * refused / (refused + FILL(answered, 0)), 0)", leastRefused),
		Minutes:    5,
		Terms:      map[string]string{"refused": "FILL(listener, 0)"},
		Inputs: map[string]alerting.Metric{
			"listener": ofBalancer(balancer, "HTTP_Fixed_Response_Count", "Sum"),
			"answered": ofBalancer(balancer, "RequestCount", "Sum"),
		},
	}
	if env.Config.Edge.WAF.Mode != config.WAFOff {
		refused.Terms["refused"] += " + FILL(firewall, 0)"
		refused.Inputs["firewall"] = webACLMetric(env, "BlockedRequests", waf.Metric(env.Name, waf.RuleOrigin))
	}
	return refused
}

// floodAlarm tells of requests that the firewall holds off, which RequestCount
// never sees: as many in five minutes as are unusual in one. Those that lack the
// secret header did not come through the distribution: no viewer waits for them.
func floodAlarm(env environment.Environment) alarm {
	return alarm{"WebACLFlood", alerting.AlarmProps{
		Description: Describe("WebACLFlood", alerting.High, "The firewall holds off a flood, or would if it did not only count"),
		Metric: alerting.Metric{
			Label:      "requests",
			Expression: "FILL(blocked, 0) - FILL(foreign, 0) + FILL(counted, 0)",
			Minutes:    5,
			Inputs: map[string]alerting.Metric{
				"blocked": webACLMetric(env, "BlockedRequests", everyRule),
				"foreign": webACLMetric(env, "BlockedRequests", waf.Metric(env.Name, waf.RuleOrigin)),
				"counted": webACLMetric(env, "CountedRequests", waf.Metric(env.Name, waf.RuleRate)),
			},
		},
		Threshold: float64(env.Config.Alarms.RequestsPerMinute),
	}, true}
}

// saturationAlarms tell of what gets slow or full before it fails.
func saturationAlarms(env environment.Environment, props Props) []alarm {
	connections := postgresql.MostConnections(env.Config.Database.MinCapacity, env.Config.Database.MaxCapacity)
	return []alarm{
		{"SlowResponses", alerting.AlarmProps{
			Description: Describe("SlowResponses", alerting.High, "One request in twenty takes too long"),
			Metric:      ofTasks(props.LoadBalancer, "TargetResponseTime", "p95").Over(5),
			Threshold:   env.Config.Alarms.ResponseSeconds, Periods: 3,
		}, false},
		{"TasksSaturated", alerting.AlarmProps{
			Description: Describe("TasksSaturated", alerting.High, "The tasks are short of processor or memory, and scaling does not help"),
			Metric: alerting.Metric{
				Label: "%", Minutes: 5, Expression: greater("cpu", "memory"),
				Inputs: map[string]alerting.Metric{
					"cpu":    serviceMetric(props, "CPUUtilization"),
					"memory": serviceMetric(props, "MemoryUtilization"),
				},
			},
			Threshold: saturated, Periods: 3,
		}, false},
		{"DatabaseSaturated", alerting.AlarmProps{
			Description: Describe("DatabaseSaturated", alerting.High, "The database is near its largest capacity, or near the connections that it takes"),
			Metric: alerting.Metric{
				Label: "%", Minutes: 5, Expression: greater("capacity", fmt.Sprintf("100 * connections / %d", connections)),
				Inputs: map[string]alerting.Metric{
					"capacity":    databaseMetric(env, "ACUUtilization"),
					"connections": databaseMetric(env, "DatabaseConnections"),
				},
			},
			Threshold: saturated, Periods: 3,
		}, false},
	}
}

// undeliveredAlarms tell of what CloudWatch or EventBridge could not tell. SNS
// counts an e-mail when it gives up, and tells of it by way of the other
// addresses.
func undeliveredAlarms(env environment.Environment) []alarm {
	name := topicName(env)
	return []alarm{{"NotificationsFailed", alerting.AlarmProps{
		Description: Describe("NotificationsFailed", alerting.Medium, "An alarm could not be delivered to one of the addresses"),
		Metric: alerting.Metric{
			Namespace: "AWS/SNS", Name: "NumberOfNotificationsFailed", Statistic: "Sum", Minutes: 5,
			Dimensions: map[string]*string{"TopicName": &name},
		},
		Threshold: 1,
	}, false}}
}

// mostMetrics is how many metrics an alarm on an expression may have.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html
const mostMetrics = 10

// NewUndeliveredAlarms tell of events for which a rule could start or tell
// nothing: a permission or a parameter is wrong, which EventBridge does not try
// again. A dead-letter queue would keep the events, whose content is in the
// service that sent them, for a reader that nobody is; the alarm asks somebody
// to look. It counts the rules of a stack together.
func NewUndeliveredAlarms(stack awscdk.Stack, env environment.Environment, topic awssns.ITopic, rules []awsevents.CfnRule) []shown {
	if !env.Config.Alarms.Extended {
		return nil
	}
	var all []shown
	for some := range slices.Chunk(rules, mostMetrics) {
		id := fmt.Sprintf("UndeliveredEvents%d", len(all)+1)
		props := alerting.AlarmProps{
			Description: Describe("UndeliveredEvents", alerting.High, "An event could not start a runbook or tell anybody"),
			Metric:      failedInvocations(some),
			Threshold:   1,
			Topic:       topic,
		}
		all = append(all, shown{id, props.Severity, alerting.NewAlarm(stack, id, props).CloudWatch.AttrArn(), true})
	}
	return all
}

// failedInvocations counts those of some rules, which EventBridge reports only
// where there are any.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
func failedInvocations(rules []awsevents.CfnRule) alerting.Metric {
	inputs, terms := map[string]alerting.Metric{}, []string{}
	for i, rule := range rules {
		id := fmt.Sprintf("rule%d", i+1)
		terms = append(terms, fmt.Sprintf("FILL(%s, 0)", id))
		inputs[id] = alerting.Metric{
			Namespace: "AWS/Events", Name: "FailedInvocations", Statistic: "Sum",
			Dimensions: map[string]*string{"RuleName": rule.Ref()},
		}
	}
	return alerting.Metric{Label: "events", Minutes: 5, Expression: strings.Join(terms, " + "), Inputs: inputs}
}

// copyAlarm tells that the last copy of the database is older than may be. A
// job that fails is an event (BackupFailed), one that never starts is none. AWS
// does not say whether a job counts by vault alone, by vault and type, or by
// both: one is enough, and twice is no harm.
func copyAlarm(env environment.Environment) alarm {
	completed := func(dimensions map[string]*string) alerting.Metric {
		dimensions["BackupVaultName"] = &env.Name
		return alerting.Metric{Namespace: "AWS/Backup", Name: "NumberOfBackupJobsCompleted", Statistic: "Sum", Dimensions: dimensions}
	}
	return alarm{"BackupOverdue", alerting.AlarmProps{
		Description: Describe("BackupOverdue", alerting.High, "The last copy of the database is older than the recovery point objective"),
		Metric: alerting.Metric{
			Label:      "copies",
			Expression: "FILL(vault, 0) + FILL(typed, 0)",
			Minutes:    60,
			Inputs: map[string]alerting.Metric{
				"vault": completed(map[string]*string{}),
				"typed": completed(map[string]*string{"ResourceType": jsii.String("Aurora")}),
			},
		},
		Threshold: 1, TooLow: true, Periods: env.Config.Backup.RPOHours,
		MissingIsBad: true, // no job has ever been completed
	}, false}
}

// webACLMetric counts requests by what the firewall, or one of its rules, did to
// them.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
func webACLMetric(env environment.Environment, name, rule string) alerting.Metric {
	acl := waf.Metric(env.Name, waf.AllRules)
	return alerting.Metric{
		Namespace: "AWS/WAFV2", Name: name, Statistic: "Sum",
		Dimensions: map[string]*string{"Region": &env.Config.Region, "WebACL": &acl, "Rule": &rule},
	}
}

// everyRule is what WAF calls all rules of a firewall together.
const everyRule = "ALL"

// serviceMetric is a metric of the tasks together, in per cent of what they have.
func serviceMetric(props Props, name string) alerting.Metric {
	service := props.Service.Fargate
	return alerting.Metric{
		Namespace: "AWS/ECS", Name: name, Statistic: "Average",
		Dimensions: map[string]*string{"ClusterName": service.Cluster().ClusterName(), "ServiceName": service.ServiceName()},
	}
}

// databaseMetric is a metric of the instance of the cluster that has the most.
func databaseMetric(env environment.Environment, name string) alerting.Metric {
	return alerting.Metric{
		Namespace: "AWS/RDS", Name: name, Statistic: "Maximum",
		Dimensions: map[string]*string{"DBClusterIdentifier": &env.Name},
	}
}

// greater is the greater of two series at each time: AWS advises against MAX in
// alarms.
func greater(one, other string) string {
	return fmt.Sprintf("IF(%[1]s > %[2]s, %[1]s, %[2]s)", one, other)
}
