package alerting

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// AlarmProps configures an Alarm.
type AlarmProps struct {
	Description

	// Metric is the metric that the alarm watches.
	Metric Metric `required:"true"`

	// Threshold is the lowest value that is too high, or with TooLow the lowest that
	// is high enough.
	Threshold float64

	// TooLow makes the alarm go off below the threshold, instead of at and above it.
	TooLow bool

	// Deviations replaces Threshold by anomaly detection: the width of the expected
	// band in standard deviations. CloudWatch expects values by hour and weekday,
	// from two weeks of the metric. It bills the alarm as three, and the metric must
	// not be an expression.
	Deviations float64

	// Periods is how many periods in a row must breach the threshold; 0 means 1.
	Periods int

	// MissingIsBad treats a period without data as breaching, for a metric that
	// always has some. Otherwise missing data is not breaching: most metrics have
	// none while nothing happens.
	MissingIsBad bool

	// Topic is notified when the alarm goes off and when it is over. It is nil if
	// only another alarm or a service acts on this one.
	Topic awssns.ITopic

	// ActionsDisabled defines the alarm with its actions disabled, so it notifies
	// nobody until somebody enables them.
	ActionsDisabled bool
}

// Alarm goes off while a metric is too high, too low or unusual.
type Alarm struct {
	CloudWatch awscloudwatch.CfnAlarm
}

// NewAlarm defines an Alarm.
func NewAlarm(scope constructs.Construct, id string, props AlarmProps) *Alarm {
	required.Check(id, props)
	notify := actions(props.Topic)
	alarm := &awscloudwatch.CfnAlarmProps{
		AlarmDescription:   jsii.String(props.Text()),
		ComparisonOperator: jsii.String(operators[props.TooLow]),
		Threshold:          &props.Threshold,
		EvaluationPeriods:  jsii.Number(max(props.Periods, 1)),
		TreatMissingData:   jsii.String(missing[props.MissingIsBad]),
		ActionsEnabled:     jsii.Bool(!props.ActionsDisabled),
		AlarmActions:       notify,
		OkActions:          notify,
	}
	props.watch(alarm)
	return &Alarm{awscloudwatch.NewCfnAlarm(scope, &id, alarm)}
}

var (
	operators = map[bool]string{false: "GreaterThanOrEqualToThreshold", true: "LessThanThreshold"}
	missing   = map[bool]string{false: "notBreaching", true: "breaching"}
)

func (p AlarmProps) watch(alarm *awscloudwatch.CfnAlarmProps) {
	switch m := p.Metric; {
	case p.Deviations > 0:
		const band = "expected"
		alarm.Threshold = nil
		alarm.ThresholdMetricId = jsii.String(band)
		alarm.ComparisonOperator = jsii.String("LessThanLowerOrGreaterThanUpperThreshold")
		alarm.Metrics = &[]any{m.query("watched", true), &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id:         jsii.String(band),
			Expression: jsii.Sprintf("ANOMALY_DETECTION_BAND(watched, %v)", p.Deviations),
			ReturnData: jsii.Bool(true),
		}}
	case m.Expression != "":
		alarm.Metrics = m.queries()
	default:
		alarm.Namespace, alarm.MetricName, alarm.Dimensions = &m.Namespace, &m.Name, m.dimensions()
		alarm.Period = m.seconds()
		if m.percentile() {
			alarm.ExtendedStatistic = &m.Statistic
			alarm.EvaluateLowSampleCountPercentile = jsii.String("ignore")
		} else {
			alarm.Statistic = &m.Statistic
		}
	}
}

func actions(topic awssns.ITopic) *[]any {
	if topic == nil {
		return nil
	}
	return &[]any{topic} // unlike its ARN, it costs no call to CDK's process for each alarm
}

// CompositeAlarmProps configures a CompositeAlarm.
type CompositeAlarmProps struct {
	Description

	// All are the alarms that must be in ALARM together.
	All []awscloudwatch.CfnAlarm `required:"true"`

	// Topic is notified when the alarm goes off and when it is over.
	Topic awssns.ITopic `required:"true"`
}

// CompositeAlarm goes off while all of some alarms are in ALARM.
type CompositeAlarm struct {
	CloudWatch awscloudwatch.CfnCompositeAlarm
}

// NewCompositeAlarm defines a CompositeAlarm.
func NewCompositeAlarm(scope constructs.Construct, id string, props CompositeAlarmProps) *CompositeAlarm {
	required.Check(id, props)
	notify := actions(props.Topic)
	var terms []string
	for _, alarm := range props.All {
		terms = append(terms, fmt.Sprintf("ALARM(%q)", *alarm.AttrArn()))
	}
	return &CompositeAlarm{awscloudwatch.NewCfnCompositeAlarm(scope, &id, &awscloudwatch.CfnCompositeAlarmProps{
		AlarmDescription: jsii.String(props.Text()),
		AlarmRule:        jsii.String(strings.Join(terms, " AND ")),
		AlarmActions:     notify,
		OkActions:        notify,
	})}
}
