package alerting

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AlarmProps configures an alarm.
type AlarmProps struct {
	Description

	// Metric is watched.
	Metric Metric

	// Threshold is the first value that is too high, or with TooLow the first
	// that is high enough.
	Threshold float64

	// TooLow has the alarm go off below the threshold. Default: at it and above.
	TooLow bool

	// Deviations takes the place of Threshold: unusual is what lies more than so
	// many standard deviations above or below what CloudWatch expects, by hour
	// and weekday, from two weeks of the metric. Billed as three alarms. The
	// metric must not be an expression. Default: 0, the threshold.
	Deviations float64

	// Periods is for how many periods in a row the metric must be so. Default: 1.
	Periods int

	// MissingIsBad makes a period without data as bad as one beyond the threshold,
	// for a metric that always has some. By default missing data is no alarm:
	// most metrics have none while nothing happens.
	MissingIsBad bool

	// Topic is told when the alarm goes off and when it is over. Default: none,
	// for an alarm that another alarm or a service acts on.
	Topic awssns.ITopic

	// ActionsDisabled keeps the alarm from telling anybody until its actions are
	// enabled.
	ActionsDisabled bool
}

// NewAlarm defines an alarm that goes off while a metric is too high, too low or
// unusual.
func NewAlarm(scope constructs.Construct, id string, props AlarmProps) awscloudwatch.CfnAlarm {
	if props.Periods == 0 {
		props.Periods = 1
	}
	told := actions(props.Topic)
	alarm := &awscloudwatch.CfnAlarmProps{
		AlarmDescription:   jsii.String(props.Text()),
		ComparisonOperator: jsii.String(operators[props.TooLow]),
		Threshold:          &props.Threshold,
		EvaluationPeriods:  jsii.Number(props.Periods),
		TreatMissingData:   jsii.String(missing[props.MissingIsBad]),
		ActionsEnabled:     jsii.Bool(!props.ActionsDisabled),
		AlarmActions:       told,
		OkActions:          told,
	}
	props.watch(alarm)
	return awscloudwatch.NewCfnAlarm(scope, &id, alarm)
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
	return &[]any{topic} // its ARN would be a call to CDK's process for each alarm
}

// CompositeProps configures a composite alarm.
type CompositeProps struct {
	Description

	// All are the alarms that must be on together.
	All []awscloudwatch.CfnAlarm

	// Topic is told when the alarm goes off and when it is over.
	Topic awssns.ITopic
}

// NewComposite defines an alarm that goes off while all of some others are on.
func NewComposite(scope constructs.Construct, id string, props CompositeProps) awscloudwatch.CfnCompositeAlarm {
	told := actions(props.Topic)
	var terms []string
	for _, alarm := range props.All {
		terms = append(terms, fmt.Sprintf("ALARM(%q)", *alarm.AttrArn()))
	}
	return awscloudwatch.NewCfnCompositeAlarm(scope, &id, &awscloudwatch.CfnCompositeAlarmProps{
		AlarmDescription: jsii.String(props.Text()),
		AlarmRule:        jsii.String(strings.Join(terms, " AND ")),
		AlarmActions:     told,
		OkActions:        told,
	})
}
