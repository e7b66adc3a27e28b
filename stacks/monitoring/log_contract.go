package monitoring

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"catalog-infra/constructs/alerting"
	"catalog-infra/stacks/internal/environment"
)

// The events of the application's log that are counted, by the contract in
// docs/log-contract.md.
const (
	authFailed         = "auth_failed"
	injectionSuspected = "sqli_suspected"
	databaseFailed     = "db_connection_failed"
)

// What PostgreSQL logs when it refuses a connection, and when it is given SQL
// that no programmer wrote.
const (
	refusedConnection = `?"password authentication failed" ?"PAM authentication failed" ?"no pg_hba.conf entry" ` +
		`?"remaining connection slots are reserved" ?"too many clients already"`
	malformedStatement = `?"syntax error at or near" ?"syntax error at end of input" ?"unterminated quoted string" ` +
		`?"UNION types" ?"each UNION query must have the same number of columns"`
)

// logged matches the application's lines of one event.
func logged(event string) string { return fmt.Sprintf("{ $.event = %q }", event) }

// newCounter counts the lines of one of the environment's logs.
func newCounter(stack awscdk.Stack, env environment.Environment, name string, logs awslogs.ILogGroup, pattern string) alerting.Metric {
	return alerting.NewMetricFilter(stack, name+"Filter", alerting.MetricFilterProps{
		Namespace: env.Name, Name: name, LogGroup: logs, Pattern: pattern,
	}).Metric
}
