package alerting

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// Metric is a metric of CloudWatch, or an Expression over some.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]*string

	// Statistic summarizes a period, such as Sum or, for the 95th percentile, p95. An
	// alarm on a percentile keeps its state while there are too few values.
	Statistic string

	// Minutes is the length of a period, 1 to 1440.
	Minutes int

	// Expression is metric math over Inputs, whose periods become this one's, and
	// over Terms, which are expressions. Label names the result in charts.
	Expression, Label string
	Inputs            map[string]Metric
	Terms             map[string]string
}

// Over returns the metric with periods of another length.
func (m Metric) Over(minutes int) Metric {
	m.Minutes = minutes
	return m
}

func (m Metric) percentile() bool { return strings.HasPrefix(m.Statistic, "p") }

func (m Metric) seconds() *float64 { return jsii.Number(60 * m.Minutes) }

func (m Metric) dimensions() *[]any {
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		list = append(list, &awscloudwatch.CfnAlarm_DimensionProperty{Name: &name, Value: m.Dimensions[name]})
	}
	return &list
}

// query returns the metric as one of the queries of an alarm.
func (m Metric) query(id string, returned bool) *awscloudwatch.CfnAlarm_MetricDataQueryProperty {
	return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id:         &id,
		ReturnData: &returned,
		MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
			Metric: &awscloudwatch.CfnAlarm_MetricProperty{
				Namespace: &m.Namespace, MetricName: &m.Name, Dimensions: m.dimensions(),
			},
			Stat:   &m.Statistic,
			Period: m.seconds(),
		},
	}
}

// queries returns the expression, whose result alone is compared, with its terms and
// inputs.
func (m Metric) queries() *[]any {
	list := []any{&awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String("result"), Expression: &m.Expression, Label: &m.Label, ReturnData: jsii.Bool(true),
	}}
	for _, id := range slices.Sorted(maps.Keys(m.Terms)) {
		list = append(list, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: &id, Expression: jsii.String(m.Terms[id]), ReturnData: jsii.Bool(false),
		})
	}
	for _, id := range slices.Sorted(maps.Keys(m.Inputs)) {
		list = append(list, m.Inputs[id].Over(m.Minutes).query(id, false))
	}
	return &list
}

// MetricFilterProps configures a MetricFilter.
type MetricFilterProps struct {
	// Namespace and Name are the metric's.
	Namespace string `required:"true"`
	Name      string `required:"true"`

	// LogGroup has the log events, Pattern selects those that are counted.
	// CloudWatch allows a pattern 1024 characters, and no required terms beside
	// optional ones (?).
	LogGroup awslogs.ILogGroup `required:"true"`
	Pattern  string            `required:"true"`
}

// MetricFilter counts the events of a log group that match a pattern.
type MetricFilter struct {
	// Metric is the number of matches in five minutes.
	Metric Metric
}

// NewMetricFilter defines a MetricFilter.
func NewMetricFilter(scope constructs.Construct, id string, props MetricFilterProps) *MetricFilter {
	required.Check(id, props)
	awslogs.NewCfnMetricFilter(scope, &id, &awslogs.CfnMetricFilterProps{
		LogGroupName:  props.LogGroup,
		FilterPattern: &props.Pattern,
		MetricTransformations: &[]any{&awslogs.CfnMetricFilter_MetricTransformationProperty{
			MetricNamespace: &props.Namespace,
			MetricName:      &props.Name,
			MetricValue:     jsii.String("1"),
			DefaultValue:    jsii.Number(0),
		}},
	})
	return &MetricFilter{Metric{Namespace: props.Namespace, Name: props.Name, Statistic: "Sum", Minutes: 5}}
}
