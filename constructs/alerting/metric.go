package alerting

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// Metric is what an alarm watches: a metric of CloudWatch, or an Expression
// over some.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]*string

	// Statistic summarizes a period, such as Sum.
	Statistic string

	// Minutes is the length of a period. CloudWatch allows 1 to 1440.
	Minutes int

	// Expression is metric math over Inputs, whose periods are this one's.
	// Label names the result in charts.
	Expression, Label string
	Inputs            map[string]Metric
}

// Over is the metric with periods of another length.
func (m Metric) Over(minutes int) Metric {
	m.Minutes = minutes
	return m
}

func (m Metric) seconds() *float64 { return jsii.Number(60 * m.Minutes) }

func (m Metric) dimensions() *[]any {
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		list = append(list, &awscloudwatch.CfnAlarm_DimensionProperty{Name: &name, Value: m.Dimensions[name]})
	}
	return &list
}

// query is the metric as one of several that an alarm takes.
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

// queries are the expression, which alone is compared, and its inputs.
func (m Metric) queries() *[]any {
	list := []any{&awscloudwatch.CfnAlarm_MetricDataQueryProperty{
		Id: jsii.String("result"), Expression: &m.Expression, Label: &m.Label, ReturnData: jsii.Bool(true),
	}}
	for _, id := range slices.Sorted(maps.Keys(m.Inputs)) {
		list = append(list, m.Inputs[id].Over(m.Minutes).query(id, false))
	}
	return &list
}
