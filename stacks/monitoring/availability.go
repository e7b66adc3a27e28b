package monitoring

import (
	"fmt"

	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/postgresql"
	"catalog-infra/constructs/waf"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// TasksWithOldSecret is an alarm and its metric, which the runbook
// check-secret-age publishes.
const TasksWithOldSecret = "TasksWithOldSecret"

// RotationFailed is the meaning of the alarm and of the notification about a
// failed rotation.
const RotationFailed = "The database password was not rotated: the old one stays valid"

// availabilityAlarms returns the alarms on outages that the metrics of answered
// requests do not show.
func availabilityAlarms(env environment.Environment, balancer *web.LoadBalancer) []alarm {
	alarms := []alarm{
		{"TooFewTasks", alerting.Critical, "Fewer tasks are healthy than the service needs, or there are none", alerting.AlarmProps{
			Metric:    mostOfTasks(balancer, "HealthyHostCount"),
			Threshold: float64(env.Config.Service.MinTasks), TooLow: true, Periods: 5,
			MissingIsBad: true, // without any task there is no data
		}},
		{"RotationFailed", alerting.Medium, RotationFailed, alerting.AlarmProps{
			Metric:    rotationErrors(env),
			Threshold: 1,
		}},
		// For minutes after a rotation, tasks have the old secret. The runbook runs
		// every hour, and must not stop unnoticed.
		{TasksWithOldSecret, alerting.High, "Tasks have had an old database password for three hours, or the check stopped", alerting.AlarmProps{
			Metric:    alerting.Metric{Namespace: env.Name, Name: TasksWithOldSecret, Statistic: "Maximum", Minutes: 60},
			Threshold: 1, Periods: 3,
			MissingIsBad: true,
		}},
	}
	if env.Config.Alarms.Probe {
		alarms = append(alarms, alarm{"NoRequests", alerting.Critical,
			"No request reaches a task, not even the probe's: viewers have no service", alerting.AlarmProps{
				Metric:    ofBalancer(balancer, "RequestCount", "Sum"),
				Threshold: 1, TooLow: true, Periods: 5,
				MissingIsBad: true, // without requests there is no data
			}})
	}
	if !env.Config.Edge.Ingress.AnyViewer() {
		alarms = append(alarms, alarm{"RequestsWithoutOriginHeader", alerting.High,
			"Most requests lack the origin header: its value does not match, or clients bypass the distribution", alerting.AlarmProps{
				Metric:    withoutOriginHeader(env, balancer),
				Threshold: 50, Periods: 2,
			}})
	}
	if env.Config.Backup.Enabled {
		alarms = append(alarms, backupOverdue(env))
	}
	return alarms
}

// withoutOriginHeader returns the percentage of requests without the origin
// header. The first rule of the web ACL blocks them; without a web ACL the
// listener does. RequestCount includes neither.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func withoutOriginHeader(env environment.Environment, balancer *web.LoadBalancer) alerting.Metric {
	const least = 20 // requests in five minutes: fewer are strangers, not a wrong header
	refused := alerting.Metric{
		Label:      "refused (%)",
		Expression: fmt.Sprintf("IF(refused >= %d, 100 * refused / (refused + FILL(answered, 0)), 0)", least),
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

// backupOverdue goes off when no backup job has completed within the recovery
// point objective. A job that fails is an event (BackupFailed); a job that never
// starts is not. AWS does not document whether a job counts by vault, by vault and
// type, or by both: one of them is enough, and both do no harm.
func backupOverdue(env environment.Environment) alarm {
	completed := func(dimensions map[string]*string) alerting.Metric {
		dimensions["BackupVaultName"] = &env.Name
		return alerting.Metric{Namespace: "AWS/Backup", Name: "NumberOfBackupJobsCompleted", Statistic: "Sum", Dimensions: dimensions}
	}
	return alarm{"BackupOverdue", alerting.High, "The last database backup is older than the recovery point objective", alerting.AlarmProps{
		Metric: alerting.Metric{
			Label:      "backups",
			Expression: "FILL(vault, 0) + FILL(typed, 0)",
			Minutes:    60,
			Inputs: map[string]alerting.Metric{
				"vault": completed(map[string]*string{}),
				"typed": completed(map[string]*string{"ResourceType": jsii.String("Aurora")}),
			},
		},
		Threshold: 1, TooLow: true, Periods: env.Config.Backup.RPOHours,
		MissingIsBad: true, // no job has ever completed
	}}
}

// rotationErrors returns the errors of the rotation function, or of both.
func rotationErrors(env environment.Environment) alerting.Metric {
	of := func(function string) alerting.Metric {
		return alerting.Metric{
			Namespace: "AWS/Lambda", Name: "Errors", Statistic: "Sum", Minutes: 5,
			Dimensions: map[string]*string{"FunctionName": &function},
		}
	}
	if env.Config.Database.ApplicationUser == "" {
		return of(env.RotationFunctionName())
	}
	return alerting.Metric{
		Label: "errors", Minutes: 5, Expression: "FILL(master, 0) + FILL(user, 0)",
		Inputs: map[string]alerting.Metric{"master": of(env.RotationFunctionName()), "user": of(env.UserRotationFunctionName())},
	}
}

// saturationAlarms returns the alarms on what gets unusual, slow or full before
// it fails, and on notifications that are not delivered.
func saturationAlarms(env environment.Environment, props Props) []alarm {
	const saturated = 90 // per cent, at which autoscaling has no reserve left
	connections := postgresql.MostConnections(env.Config.Database.MinCapacity, env.Config.Database.MaxCapacity)
	topic := topicName(env)
	return []alarm{
		{"UnusualRequests", alerting.Medium, "Unusually many or few requests: a scan, a campaign, or lost viewers", alerting.AlarmProps{
			Metric: ofBalancer(props.LoadBalancer, "RequestCount", "Sum").Over(5),
			// Of random values, one in 22 is beyond two deviations, one in 370 beyond three.
			Deviations: 3, Periods: 3,
		}},
		{"SlowResponses", alerting.High, "One request in twenty takes too long", alerting.AlarmProps{
			Metric:    ofBalancer(props.LoadBalancer, "TargetResponseTime", "p95").Over(5),
			Threshold: env.Config.Alarms.ResponseSeconds, Periods: 3,
		}},
		{"TasksSaturated", alerting.High, "The tasks are short of CPU or memory, and autoscaling does not help", alerting.AlarmProps{
			Metric: percentage("cpu", "memory", map[string]alerting.Metric{
				"cpu":    serviceMetric(props, "CPUUtilization"),
				"memory": serviceMetric(props, "MemoryUtilization"),
			}),
			Threshold: saturated, Periods: 3,
		}},
		{"DatabaseSaturated", alerting.High, "The database is near its largest capacity or its most connections", alerting.AlarmProps{
			Metric: percentage("capacity", fmt.Sprintf("100 * connections / %d", connections), map[string]alerting.Metric{
				"capacity":    databaseMetric(env, "ACUUtilization"),
				"connections": databaseMetric(env, "DatabaseConnections"),
			}),
			Threshold: saturated, Periods: 3,
		}},
		// SNS counts an e-mail that it gives up on. The other addresses get this alarm.
		{"NotificationsFailed", alerting.Medium, "SNS could not deliver an alarm to one of the addresses", alerting.AlarmProps{
			Metric: alerting.Metric{
				Namespace: "AWS/SNS", Name: "NumberOfNotificationsFailed", Statistic: "Sum", Minutes: 5,
				Dimensions: map[string]*string{"TopicName": &topic},
			},
			Threshold: 1,
		}},
	}
}

// percentage returns the greater of two percentages.
func percentage(one, other string, inputs map[string]alerting.Metric) alerting.Metric {
	return alerting.Metric{Label: "%", Minutes: 5, Expression: greater(one, other), Inputs: inputs}
}
