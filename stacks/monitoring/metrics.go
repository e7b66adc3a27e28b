package monitoring

import (
	"fmt"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/waf"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// ofBalancer returns a metric of the load balancer, in periods of one minute.
func ofBalancer(balancer *web.LoadBalancer, name, statistic string) alerting.Metric {
	return alerting.Metric{
		Namespace: "AWS/ApplicationELB", Name: name, Statistic: statistic, Minutes: 1,
		Dimensions: map[string]*string{"LoadBalancer": balancer.FullName},
	}
}

// mostOfTasks returns the maximum of a metric that CloudWatch has for each target group
// alone, in periods of one minute. Of two target groups it is the greater one: but for
// the time of a deployment only one of them has tasks.
func mostOfTasks(balancer *web.LoadBalancer, name string) alerting.Metric {
	var groups []alerting.Metric
	for _, group := range balancer.TargetGroupFullNames {
		metric := ofBalancer(balancer, name, "Maximum")
		metric.Dimensions["TargetGroup"] = group
		groups = append(groups, metric)
	}
	if len(groups) == 1 {
		return groups[0]
	}
	return alerting.Metric{
		Label: name, Minutes: 1, Expression: greater("one", "other"),
		Terms:  map[string]string{"one": "FILL(first, 0)", "other": "FILL(alternate, 0)"},
		Inputs: map[string]alerting.Metric{"first": groups[0], "alternate": groups[1]},
	}
}

// serviceMetric returns a metric of the ECS service, as a percentage of the size
// of its tasks.
func serviceMetric(props Props, name string) alerting.Metric {
	service := props.Service.Fargate
	return alerting.Metric{
		Namespace: "AWS/ECS", Name: name, Statistic: "Average",
		Dimensions: map[string]*string{"ClusterName": service.Cluster().ClusterName(), "ServiceName": service.ServiceName()},
	}
}

// databaseMetric returns the maximum of a metric among the cluster's instances.
func databaseMetric(env environment.Environment, name string) alerting.Metric {
	return alerting.Metric{
		Namespace: "AWS/RDS", Name: name, Statistic: "Maximum",
		Dimensions: map[string]*string{"DBClusterIdentifier": &env.Name},
	}
}

// webACLMetric returns a count of requests for one of the web ACL's rules.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
func webACLMetric(env environment.Environment, name, rule string) alerting.Metric {
	acl := waf.Metric(env.Name, waf.AllRules)
	return alerting.Metric{
		Namespace: "AWS/WAFV2", Name: name, Statistic: "Sum",
		Dimensions: map[string]*string{"Region": &env.Config.Region, "WebACL": &acl, "Rule": &rule},
	}
}

// greater returns the expression for the greater of two series in each period.
// AWS advises against MAX in alarms.
func greater(one, other string) string {
	return fmt.Sprintf("IF(%[1]s > %[2]s, %[1]s, %[2]s)", one, other)
}
