package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// ScalingProps configures Service.Scale.
type ScalingProps struct {
	// MinTasks and MaxTasks bound the number of tasks.
	MinTasks, MaxTasks int

	// CPUTargetPercent is the target for the mean CPU use, RequestsPerTarget that for
	// the requests a minute of each task behind LoadBalancer.
	CPUTargetPercent, RequestsPerTarget int
	LoadBalancer                        *LoadBalancer
}

// Scale changes the number of tasks with the load.
func (s *Service) Scale(props ScalingProps) {
	tasks := s.Fargate.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(props.MinTasks),
		MaxCapacity: jsii.Number(props.MaxTasks),
	})
	tasks.ScaleOnCpuUtilization(jsii.String("CPU"), &awsecs.CpuUtilizationScalingProps{
		TargetUtilizationPercent: jsii.Number(props.CPUTargetPercent),
	})
	tasks.ScaleOnRequestCount(jsii.String("Requests"), &awsecs.RequestCountScalingProps{
		RequestsPerTarget: jsii.Number(props.RequestsPerTarget),
		TargetGroup:       props.LoadBalancer.TargetGroups[0],
	})
	if len(props.LoadBalancer.TargetGroups) > 1 {
		policy := tasks.Node().FindChild(jsii.String("Target")).Node().FindChild(jsii.String("Requests")).Node().DefaultChild()
		countBothGroups(policy.(awsapplicationautoscaling.CfnScalingPolicy), props.LoadBalancer)
	}
}

// countBothGroups has the policy add the requests for each task of both target groups.
// AWS's own metric is that of one group, and CDK takes no metric math. While requests
// are shifted each group has as many tasks as the service should have.
func countBothGroups(policy awsapplicationautoscaling.CfnScalingPolicy, balancer *LoadBalancer) {
	queries := []any{map[string]any{"Id": "requests", "Expression": "FILL(first, 0) + FILL(alternate, 0)", "ReturnData": true}}
	for i, id := range []string{"first", "alternate"} {
		queries = append(queries, map[string]any{"Id": id, "ReturnData": false, "MetricStat": map[string]any{
			"Stat": "Sum",
			"Metric": map[string]any{"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCountPerTarget", "Dimensions": []any{
				map[string]any{"Name": "LoadBalancer", "Value": balancer.FullName},
				map[string]any{"Name": "TargetGroup", "Value": balancer.TargetGroupFullNames[i]},
			}},
		}})
	}
	const configuration = "TargetTrackingScalingPolicyConfiguration."
	resource := policy.(awscdk.CfnResource)
	resource.AddPropertyDeletionOverride(jsii.String(configuration + "PredefinedMetricSpecification"))
	resource.AddPropertyOverride(jsii.String(configuration+"CustomizedMetricSpecification"), map[string]any{"Metrics": queries})
}
