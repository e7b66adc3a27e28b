package alerting

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// MetricFilterProps configures a counter.
type MetricFilterProps struct {
	// Namespace and Name are those of the metric.
	Namespace, Name string

	// LogGroup has the lines, Pattern says which of them count. CloudWatch allows
	// a pattern 1024 characters, and optional terms (?) no required ones beside
	// them.
	LogGroup awslogs.ILogGroup
	Pattern  string
}

// NewMetricFilter defines a filter that counts the lines of a log that match a
// pattern, and returns their number in five minutes.
func NewMetricFilter(scope constructs.Construct, id string, props MetricFilterProps) Metric {
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
	return Metric{Namespace: props.Namespace, Name: props.Name, Statistic: "Sum", Minutes: 5}
}
