package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AlarmProps configures an Alarm.
type AlarmProps struct {
	// Metric is watched; it has its period and statistic.
	Metric awscloudwatch.IMetric

	// Threshold is the first value that is too high.
	Threshold float64

	// Periods is for how many periods in a row the metric must be too high.
	// Default: 1.
	Periods int

	// MissingIsBad makes a period without data as bad as one above the threshold,
	// for a metric that always has some. By default missing data is no alarm.
	MissingIsBad bool

	// Meaning is one line on what it says when it goes off; it is in the
	// e-mail.
	Meaning string

	// Topic is told when the alarm goes off and when it is over.
	Topic awssns.ITopic
}

// NewAlarm defines an alarm that goes off while a metric is at or above a
// threshold. Most metrics have no data while nothing happens.
func NewAlarm(scope constructs.Construct, id string, props AlarmProps) awscloudwatch.Alarm {
	if props.Periods == 0 {
		props.Periods = 1
	}
	alarm := awscloudwatch.NewAlarm(scope, &id, &awscloudwatch.AlarmProps{
		AlarmDescription:   &props.Meaning,
		Metric:             props.Metric,
		Threshold:          &props.Threshold,
		EvaluationPeriods:  jsii.Number(props.Periods),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		TreatMissingData:   missing[props.MissingIsBad],
	})
	notify := awscloudwatchactions.NewSnsAction(props.Topic)
	alarm.AddAlarmAction(notify)
	alarm.AddOkAction(notify)
	return alarm
}

var missing = map[bool]awscloudwatch.TreatMissingData{
	false: awscloudwatch.TreatMissingData_NOT_BREACHING,
	true:  awscloudwatch.TreatMissingData_BREACHING,
}
