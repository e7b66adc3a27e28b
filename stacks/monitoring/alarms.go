package monitoring

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/waf"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// deviations is how far from the expected number of requests is unusual. Of what
// varies by chance one value in 22 is more than two away, one in 370 more than
// three.
const deviations = 3

// alarm is an alarm of the monitoring stack.
type alarm struct {
	id string
	alerting.AlarmProps

	// twin asks for a second alarm with a stricter threshold, which stays
	// disarmed until there is an incident.
	twin bool
}

// alarmsOf returns the alarms on the security metrics of guide 7.14 to guide
// 7.17, on attacks in the logs and the web ACL, on the rotation, and on outages
// that none of these reports.
func alarmsOf(stack awscdk.Stack, env environment.Environment, props Props) []alarm {
	alarms := slices.Concat(
		trafficAlarms(env, props.LoadBalancer),
		reachAlarms(env, props.LoadBalancer),
		databaseAlarms(stack, env, props.DatabaseLogs, props.ApplicationLogs),
		attackAlarms(stack, env, props.DatabaseLogs, props.ApplicationLogs),
	)
	if env.Config.Edge.WAF.Mode != config.WAFOff {
		alarms = append(alarms, alarm{"SQLInjectionRuleMatches", alerting.AlarmProps{
			Description: Describe("SQLInjectionRuleMatches", alerting.High, "The firewall sees SQL in requests: somebody looks for a hole"),
			Metric:      seenByWebACL(env, waf.RuleSQLInjection),
			Threshold:   float64(env.Config.Alarms.SQLInjections),
		}, true}, floodAlarm(env))
	}
	if env.Config.Backup.Enabled {
		alarms = append(alarms, copyAlarm(env))
	}
	if !env.Config.Alarms.Extended {
		return alarms
	}
	return slices.Concat(alarms, []alarm{unusualRequests(props.LoadBalancer)},
		saturationAlarms(env, props), undeliveredAlarms(env), twinsOf(env, alarms))
}

// twinsOf are none in a short-lived environment, where no runbook arms them.
func twinsOf(env environment.Environment, alarms []alarm) []alarm {
	if env.Config.ShortLived {
		return nil
	}
	var twins []alarm
	for _, a := range alarms {
		if twin, stricter := a.stricter(); a.twin && stricter {
			twins = append(twins, twin)
		}
	}
	return twins
}

func trafficAlarms(env environment.Environment, balancer *web.LoadBalancer) []alarm {
	return []alarm{
		{"UnhealthyTasks", alerting.AlarmProps{
			Description: Describe("UnhealthyTasks", alerting.Critical, "A task fails its health check: the application is down or compromised"),
			Metric:      ofTasks(balancer, "UnHealthyHostCount", "Maximum"),
			Threshold:   1, Periods: 3,
		}, true},
		{"ErrorRate", alerting.AlarmProps{
			Description: Describe("ErrorRate", alerting.High, "Too many requests are answered with 5xx: a failure or an attack"),
			Metric:      errorRate(balancer, 0),
			Threshold:   env.Config.Alarms.ErrorRatePercent, Periods: 2,
		}, true},
		{"RequestCount", alerting.AlarmProps{
			Description: Describe("RequestCount", alerting.High, "More requests than the service is made for: a denial of service or a scan"),
			Metric:      ofBalancer(balancer, "RequestCount", "Sum"),
			Threshold:   float64(env.Config.Alarms.RequestsPerMinute), Periods: 3,
		}, true},
	}
}

func unusualRequests(balancer *web.LoadBalancer) alarm {
	return alarm{"UnusualRequests", alerting.AlarmProps{
		Description: Describe("UnusualRequests", alerting.Medium, "More requests, or fewer, than at other times like this: a scan, a campaign, or viewers who do not get through"),
		Metric:      ofBalancer(balancer, "RequestCount", "Sum").Over(5),
		Deviations:  deviations, Periods: 3,
	}, false}
}

func databaseAlarms(stack awscdk.Stack, env environment.Environment, database, application awslogs.ILogGroup) []alarm {
	failures := float64(env.Config.Alarms.DatabaseFailures)
	return []alarm{
		{"RefusedDatabaseConnections", alerting.AlarmProps{
			Description: Describe("RefusedDatabaseConnections", alerting.High, "The database refuses connections: wrong credentials, or too many clients"),
			Metric:      newCounter(stack, env, "RefusedDatabaseConnections", database, refusedConnection),
			Threshold:   failures,
		}, true},
		{"DatabaseConnectionFailures", alerting.AlarmProps{
			Description: Describe("DatabaseConnectionFailures", alerting.Critical, "The application cannot reach its database"),
			Metric:      newCounter(stack, env, "DatabaseConnectionFailures", application, logged(databaseFailed)),
			Threshold:   failures,
		}, true},
		{"RotationFailed", alerting.AlarmProps{
			Description: Describe("RotationFailed", alerting.Medium, RotationFailed),
			Metric:      rotationErrors(env),
			Threshold:   1,
		}, false},
		// Right after a rotation tasks are behind for minutes. The runbook puts the
		// number each hour; one that stopped must not look like good news.
		{TasksWithOldSecret, alerting.AlarmProps{
			Description: Describe(TasksWithOldSecret, alerting.High, "For three hours tasks have had an old database password, or nobody has looked"),
			Metric:      alerting.Metric{Namespace: env.Name, Name: TasksWithOldSecret, Statistic: "Maximum", Minutes: 60},
			Threshold:   1, Periods: 3,
			MissingIsBad: true,
		}, false},
	}
}

// TasksWithOldSecret is the alarm and the metric of the runbook check-secret-age.
const TasksWithOldSecret = "TasksWithOldSecret"

func attackAlarms(stack awscdk.Stack, env environment.Environment, database, application awslogs.ILogGroup) []alarm {
	return []alarm{
		{"FailedAuthentications", alerting.AlarmProps{
			Description: Describe("FailedAuthentications", alerting.High, "Many sign-ins fail: somebody guesses passwords, or a client has an old one"),
			Metric:      newCounter(stack, env, "FailedAuthentications", application, logged(authFailed)),
			Threshold:   float64(env.Config.Alarms.AuthFailures),
		}, true},
		{"SQLInjectionAttempts", alerting.AlarmProps{
			Description: Describe("SQLInjectionAttempts", alerting.High, "The application sees SQL in its input: somebody got past the firewall"),
			Metric:      newCounter(stack, env, "SQLInjectionAttempts", application, logged(injectionSuspected)),
			Threshold:   float64(env.Config.Alarms.SQLInjections),
		}, true},
		{"MalformedStatements", alerting.AlarmProps{
			Description: Describe("MalformedStatements", alerting.Critical, "The database is given malformed SQL: an injection that gets through, or a broken release"),
			Metric:      newCounter(stack, env, "MalformedStatements", database, malformedStatement),
			Threshold:   float64(env.Config.Alarms.SQLInjections),
		}, true},
	}
}

// rotationErrors counts the rotation function's failures. The function belongs
// to an application that AWS publishes and is known by its name alone.
func rotationErrors(env environment.Environment) alerting.Metric {
	name := env.RotationFunctionName()
	return alerting.Metric{
		Namespace: "AWS/Lambda", Name: "Errors", Statistic: "Sum", Minutes: 5,
		Dimensions: map[string]*string{"FunctionName": &name},
	}
}

// seenByWebACL counts what a rule of the firewall blocked, or would have.
func seenByWebACL(env environment.Environment, rule string) alerting.Metric {
	metric := waf.Metric(env.Name, rule)
	return alerting.Metric{
		Label:      "requests",
		Expression: "FILL(blocked, 0) + FILL(counted, 0)",
		Minutes:    5,
		Inputs: map[string]alerting.Metric{
			"blocked": webACLMetric(env, "BlockedRequests", metric),
			"counted": webACLMetric(env, "CountedRequests", metric),
		},
	}
}

// stricter is the alarm at half its threshold, though of what is counted not
// below one, and without waiting; false where that makes no difference.
func (a alarm) stricter() (twin alarm, differs bool) {
	twin = a
	twin.id += "Stricter"
	twin.Meaning += " (stricter, armed by an incident)"
	twin.Threshold = min(a.Threshold, math.Ceil(a.Threshold/2))
	twin.Periods = 1
	twin.ActionsDisabled = true
	return twin, twin.Threshold < a.Threshold || a.Periods > 1
}

// Describe returns the description of an alarm or a notification, with the section of docs/alarms.md named id as its runbook.
func Describe(id string, severity alerting.Severity, meaning string) alerting.Description {
	return alerting.Description{Severity: severity, Meaning: meaning, Runbook: runbookOf(id)}
}

var words = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// runbookOf is the section about an alarm: of SQLInjectionAttempts it is
// #sql-injection-attempts.
func runbookOf(id string) string {
	return "docs/alarms.md#" + strings.ToLower(words.ReplaceAllString(id, "$1$3-$2$4"))
}
