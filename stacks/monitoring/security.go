package monitoring

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/waf"
	"catalog-infra/stacks/internal/environment"
)

// securityAlarms returns the alarms that may report an attack: on the metrics of
// guide 7.14 to guide 7.17, the logs and the web ACL. Each gets a stricter alarm.
func securityAlarms(stack awscdk.Stack, env environment.Environment, props Props) []alarm {
	limits := env.Config.Alarms
	alarms := []alarm{
		{"UnhealthyTasks", alerting.Critical, "A task fails its health check: the application is down or compromised", alerting.AlarmProps{
			Metric:    mostOfTasks(props.LoadBalancer, "UnHealthyHostCount"),
			Threshold: 1, Periods: 3,
		}},
		{"ErrorRate", alerting.High, "Too many requests are answered with 5xx: a failure or an attack", alerting.AlarmProps{
			Metric:    errorRate(props.LoadBalancer, 0),
			Threshold: limits.ErrorRatePercent, Periods: 2,
		}},
		{"RequestCount", alerting.High, "More requests than the service is sized for: a denial of service or a scan", alerting.AlarmProps{
			Metric:    ofBalancer(props.LoadBalancer, "RequestCount", "Sum"),
			Threshold: float64(limits.RequestsPerMinute), Periods: 3,
		}},
	}
	count := func(logs awslogs.ILogGroup, pattern, id string, severity alerting.Severity, meaning string, threshold int) {
		filter := alerting.NewMetricFilter(stack, id+"Filter", alerting.MetricFilterProps{
			Namespace: env.Name, Name: id, LogGroup: logs, Pattern: pattern,
		})
		alarms = append(alarms, alarm{id, severity, meaning, alerting.AlarmProps{Metric: filter.Metric, Threshold: float64(threshold)}})
	}
	count(props.DatabaseLogs, connectionRefused, "RefusedDatabaseConnections", alerting.High,
		"The database refuses connections: wrong credentials, or too many clients", limits.DatabaseFailures)
	count(props.DatabaseLogs, syntaxError, "MalformedStatements", alerting.Critical,
		"The database receives malformed SQL: an injection that got through, or a broken release", limits.SQLInjections)
	count(props.ApplicationLogs, logged("db_connection_failed"), "DatabaseConnectionFailures", alerting.Critical,
		"The application cannot connect to its database", limits.DatabaseFailures)
	count(props.ApplicationLogs, logged("auth_failed"), "FailedAuthentications", alerting.High,
		"Many authentications fail: somebody guesses passwords, or a client has an old one", limits.AuthFailures)
	count(props.ApplicationLogs, logged("sqli_suspected"), "SQLInjectionAttempts", alerting.High,
		"The application receives SQL injection that the web ACL did not block", limits.SQLInjections)
	return append(alarms, webACLAlarms(env)...)
}

// PostgreSQL's messages when it refuses a connection, and when it receives SQL
// that no program should send.
const (
	connectionRefused = `?"password authentication failed" ?"PAM authentication failed" ?"no pg_hba.conf entry" ` +
		`?"remaining connection slots are reserved" ?"too many clients already"`
	syntaxError = `?"syntax error at or near" ?"syntax error at end of input" ?"unterminated quoted string" ` +
		`?"UNION types" ?"each UNION query must have the same number of columns"`
)

// logged returns the pattern for an event of docs/log-contract.md.
func logged(event string) string { return fmt.Sprintf("{ $.event = %q }", event) }

func webACLAlarms(env environment.Environment) []alarm {
	if env.Config.Edge.WAF.Mode == config.WAFOff {
		return nil
	}
	const allRules = "ALL" // WAF's name for all rules of a web ACL together
	origin, injection := waf.Metric(env.Name, waf.RuleOrigin), waf.Metric(env.Name, waf.RuleSQLInjection)
	return []alarm{
		{"SQLInjectionRuleMatches", alerting.High, "The web ACL finds SQL injection in requests: somebody probes it", alerting.AlarmProps{
			Metric: requests("FILL(blocked, 0) + FILL(counted, 0)", map[string]alerting.Metric{
				"blocked": webACLMetric(env, "BlockedRequests", injection),
				"counted": webACLMetric(env, "CountedRequests", injection),
			}),
			Threshold: float64(env.Config.Alarms.SQLInjections),
		}},
		// RequestCount does not include blocked requests. These are as many in five
		// minutes as it allows in one. Requests without the origin header did not come
		// through the distribution, so no viewer waits for them.
		{"WebACLFlood", alerting.High, "The web ACL blocks a flood of requests, or would block it if it did not only count", alerting.AlarmProps{
			Metric: requests("FILL(blocked, 0) - FILL(foreign, 0) + FILL(counted, 0)", map[string]alerting.Metric{
				"blocked": webACLMetric(env, "BlockedRequests", allRules),
				"foreign": webACLMetric(env, "BlockedRequests", origin),
				"counted": webACLMetric(env, "CountedRequests", waf.Metric(env.Name, waf.RuleRate)),
			}),
			Threshold: float64(env.Config.Alarms.RequestsPerMinute),
		}},
	}
}

func requests(expression string, inputs map[string]alerting.Metric) alerting.Metric {
	return alerting.Metric{Label: "requests", Minutes: 5, Expression: expression, Inputs: inputs}
}
