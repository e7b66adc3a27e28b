package response

import (
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
)

// isolationConstants returns the constants of the runbooks that isolate or release
// something, and so pin or unpin the tasks, or change rules.
func isolationConstants(r *resources) map[string]any {
	groups := r.props.SecurityGroups
	return map[string]any{
		"GracePeriod":          r.env.Config.Service.StartSeconds,
		"IsolatedLoadBalancer": groups.IsolatedLoadBalancer,
		"DatabaseCluster":      r.env.Name,
		"IsolatedDatabase":     groups.IsolatedDatabase,
		"TasksGroup":           groups.Tasks,
		"Groups":               groups.All,
		"Rules":                jsii.Strings(groups.Rules...),
	}
}

// pinTasks allows making ECS ignore health checks and scale-in, and reading whether
// anything else is isolated.
func pinTasks(r *resources) []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("PinTasks", "ecs:DescribeServices", "ecs:UpdateService").On(r.serviceARN),
		// CloudFormation does not expose the ID of the service's scalable target.
		permissions.Allow("SuspendScaling", "application-autoscaling:RegisterScalableTarget").
			On(r.env.ARN("application-autoscaling", "scalable-target/*")).
			If(map[string]any{"StringEquals": map[string]any{
				"application-autoscaling:service-namespace":  "ecs",
				"application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
			}}),
		permissions.Allow("DescribeDatabase", "rds:DescribeDBClusters").On(r.clusterARN()),
		// Neither supports resource-level permissions.
		permissions.Allow("DescribeNetwork", "ec2:DescribeSecurityGroupRules", "elasticloadbalancing:DescribeLoadBalancers").
			OnAll(),
	}
}

func setLoadBalancerGroups(r *resources) []permissions.Statement {
	return []permissions.Statement{permissions.Allow("SetSecurityGroups", "elasticloadbalancing:SetSecurityGroups").
		On(r.loadBalancerARN)}
}

// setClusterGroups also allows any other change of the cluster, since one action
// changes all of it. So the database is isolated with a role of its own.
func setClusterGroups(r *resources) []permissions.Statement {
	return []permissions.Statement{permissions.Allow("SetSecurityGroups", "rds:ModifyDBCluster").On(r.clusterARN())}
}

// changeRules allows revoking and restoring rules of security groups, and
// tagging the group of the tasks as isolated.
func changeRules(r *resources) []permissions.Statement {
	groups := r.groupARNs(r.props.SecurityGroups.All...)
	return []permissions.Statement{
		permissions.Allow("RevokeRules", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress").
			On(groups...),
		permissions.Allow("RestoreRules", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress").
			On(append(groups, r.env.ARN("ec2", "security-group-rule/*"))...),
		// DeleteTags without tags deletes all, and ForAllValues is true for none.
		permissions.Allow("TagTasksGroup", "ec2:CreateTags", "ec2:DeleteTags").
			On(r.groupARNs(r.props.SecurityGroups.Tasks)...).If(map[string]any{
			"ForAllValues:StringEquals": map[string]any{"aws:TagKeys": jsii.Strings("isolated-by")},
			"Null":                      map[string]any{"aws:TagKeys": "false"},
		}),
	}
}

func ipSetConstants(r *resources) map[string]any {
	ipv4, ipv6 := r.props.WebACL.BlockedIPv4, r.props.WebACL.BlockedIPv6
	return map[string]any{
		"IPv4Name": ipv4.Name(), "IPv4Id": ipv4.AttrId(),
		"IPv6Name": ipv6.Name(), "IPv6Id": ipv6.AttrId(),
	}
}

func updateIPSets(r *resources) []permissions.Statement {
	sets := []*string{r.props.WebACL.BlockedIPv4.AttrArn(), r.props.WebACL.BlockedIPv6.AttrArn()}
	return []permissions.Statement{permissions.Allow("UpdateIPSets", "wafv2:GetIPSet", "wafv2:UpdateIPSet").
		On(sets...)}
}

func alarmConstants(r *resources) map[string]any {
	return map[string]any{"Alarms": r.props.StricterAlarms}
}

// setAlarms allows enabling and disabling the actions of the stricter alarms.
func setAlarms(r *resources) []permissions.Statement {
	var alarms []*string
	for _, name := range r.props.StricterAlarms {
		alarms = append(alarms, r.env.ARN("cloudwatch", "alarm:"+*name))
	}
	return []permissions.Statement{
		// CloudWatch checks this action against all alarms, whatever the request names.
		permissions.Allow("DescribeAlarms", "cloudwatch:DescribeAlarms").On(r.env.ARN("cloudwatch", "alarm:*")),
		permissions.Allow("SetAlarmActions",
			"cloudwatch:DisableAlarmActions", "cloudwatch:EnableAlarmActions", "cloudwatch:SetAlarmState").
			On(alarms...),
	}
}
