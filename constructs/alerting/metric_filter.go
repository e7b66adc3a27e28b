package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

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
