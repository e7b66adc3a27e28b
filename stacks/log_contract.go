package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/alerting"
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

// newCounter defines a filter that counts the lines of a log that match a
// pattern. CloudWatch allows a pattern 1024 characters, and optional terms (?)
// no required ones beside them.
func newCounter(stack awscdk.Stack, env environment, name string, logs awslogs.ILogGroup, pattern string) alerting.Metric {
	awslogs.NewCfnMetricFilter(stack, jsii.String(name+"Filter"), &awslogs.CfnMetricFilterProps{
		LogGroupName:  logs.LogGroupName(),
		FilterPattern: &pattern,
		MetricTransformations: &[]any{&awslogs.CfnMetricFilter_MetricTransformationProperty{
			MetricNamespace: &env.name,
			MetricName:      &name,
			MetricValue:     jsii.String("1"),
			DefaultValue:    jsii.Number(0),
		}},
	})
	return alerting.Metric{Namespace: env.name, Name: name, Statistic: "Sum", Minutes: 5}
}
