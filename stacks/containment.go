package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/permissions"
)

// newContainment defines the runbooks that stop an attack, and those that undo
// them.
func (r *response) newContainment() {
	r.newIsolation()
	r.newRuleRunbooks()
	if r.Compute.WebACL != nil {
		r.newBlocking()
	}
	if len(r.Monitoring.Twins) > 0 {
		r.newSensitivity()
	}
}

// newIsolation defines isolating the load balancer and the database, in two
// families: changing the groups of a cluster cannot be allowed without changing
// the rest of it.
func (r *response) newIsolation() {
	constants := r.isolated()
	edge := r.containmentRole("EdgeIsolationRole", "Isolates the load balancer",
		slices.Concat(r.keep(), r.pinning(), []permissions.Statement{permissions.Allow("SwapGroups", "elasticloadbalancing:SetSecurityGroups").On(r.Compute.LoadBalancer.ALB.LoadBalancerArn())})...)
	r.add("IsolateEdge", "isolate-edge", edge, constants)
	r.add("ReleaseEdge", "release-edge", edge, constants)
	database := r.containmentRole("DatabaseIsolationRole", "Isolates the database",
		slices.Concat(r.keep(), r.pinning(), []permissions.Statement{permissions.Allow("SwapGroups", "rds:ModifyDBCluster").On(r.clusterARN())})...)
	r.add("IsolateDatabase", "isolate-database", database, constants)
	r.add("ReleaseDatabase", "release-database", database, constants)
}

// newRuleRunbooks defines the runbooks that change the rules of security
// groups.
func (r *response) newRuleRunbooks() {
	groups := r.groupARNs(r.SecurityGroups.GroupIDs...)
	tasks := r.groupARNs(r.tasksGroupID)
	role := r.containmentRole("RulesRole", "Revokes and restores rules of security groups",
		append(slices.Concat(r.keep(), r.pinning()),
			permissions.Allow("RevokeRules", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress").On(groups...),
			permissions.Allow("RestoreRules", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress").On(append(groups, r.ARN("ec2", "security-group-rule/*"))...),
			// DeleteTags without tags takes all of them, and ForAllValues holds for none.
			permissions.Allow("MarkGroup", "ec2:CreateTags", "ec2:DeleteTags").On(tasks...).If(map[string]any{
				"ForAllValues:StringEquals": map[string]any{"aws:TagKeys": jsii.Strings("isolated-by")},
				"Null":                      map[string]any{"aws:TagKeys": "false"},
			}))...)
	constants := r.isolated()
	constants["Groups"] = r.SecurityGroups.GroupIDs
	constants["Rules"] = jsii.Strings(r.SecurityGroups.Rules...)
	r.add("IsolateRules", "isolate-rules", role, constants)
	r.add("ReleaseRules", "release-rules", role, constants)
	r.add("TightenSecurityGroups", "tighten-security-groups", role, constants)
}

func (r *response) newBlocking() {
	firewall := r.Compute.WebACL
	role := r.containmentRole("BlockingRole", "Blocks addresses in the firewall",
		append(r.keep(),
			permissions.Allow("WriteBlockList", "wafv2:GetIPSet", "wafv2:UpdateIPSet").On(firewall.BlockedIPv4.AttrArn(), firewall.BlockedIPv6.AttrArn()))...)
	r.add("BlockAddresses", "block-addresses", role, r.common(map[string]any{
		"IPv4Name": firewall.BlockedIPv4.Name(), "IPv4Id": firewall.BlockedIPv4.AttrId(),
		"IPv6Name": firewall.BlockedIPv6.Name(), "IPv6Id": firewall.BlockedIPv6.AttrId(),
	}))
}

// newSensitivity defines arming the stricter twins of the alarms.
func (r *response) newSensitivity() {
	var alarms []*string
	for _, twin := range r.Monitoring.Twins {
		alarms = append(alarms, r.ARN("cloudwatch", "alarm:"+*twin))
	}
	role := r.containmentRole("SensitivityRole", "Arms and disarms the stricter alarms",
		// CloudWatch checks reading against every alarm, not those that are named.
		permissions.Allow("SeeAlarms", "cloudwatch:DescribeAlarms").On(r.ARN("cloudwatch", "alarm:*")),
		permissions.Allow("ArmAlarms", "cloudwatch:DisableAlarmActions", "cloudwatch:EnableAlarmActions", "cloudwatch:SetAlarmState").On(alarms...))
	r.add("SetAlertSensitivity", "set-alert-sensitivity", role, r.common(map[string]any{"Alarms": r.Monitoring.Twins}))
}

// containmentRole defines a family's role: what all of them need, which is to
// see that they do not run twice and to tell what they did, and the statements
// of its own.
func (r *response) containmentRole(id, description string, own ...permissions.Statement) awsiam.IRole {
	return r.newRole(id, automation.RoleProps{
		Description: description,
		Statements:  slices.Concat(own, []permissions.Statement{r.seeRuns()}, r.tell()),
	})
}

// pinning lets ECS ignore health checks and not scale in, and look whether
// anything is isolated still.
func (r *response) pinning() []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("PinTasks", "ecs:DescribeServices", "ecs:UpdateService").On(r.serviceARN),
		// The id of the service's own target is nowhere in CloudFormation.
		permissions.Allow("SuspendScaling", "application-autoscaling:RegisterScalableTarget").On(r.ARN("application-autoscaling", "scalable-target/*")).If(map[string]any{
			"StringEquals": map[string]any{
				"application-autoscaling:service-namespace":  "ecs",
				"application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
			},
		}),
		permissions.Allow("SeeDatabase", "rds:DescribeDBClusters").On(r.clusterARN()),
		// None of these knows a resource.
		permissions.Allow("SeeGroups", "ec2:DescribeSecurityGroupRules", "elasticloadbalancing:DescribeLoadBalancers").OnAll(),
	}
}

// isolated are the constants of the runbooks that isolate something, and so pin
// the tasks.
func (r *response) isolated() map[string]any {
	return r.common(map[string]any{
		"Cluster":              r.ecsClusterName,
		"Service":              r.serviceName,
		"GracePeriod":          r.Config.Service.StartSeconds,
		"LoadBalancer":         r.Compute.LoadBalancer.ALB.LoadBalancerArn(),
		"IsolatedLoadBalancer": r.SecurityGroups.IsolatedLoadBalancer.SecurityGroupId(),
		"DatabaseCluster":      r.Name,
		"IsolatedDatabase":     r.SecurityGroups.IsolatedDatabase.SecurityGroupId(),
		"TasksGroup":           r.tasksGroupID,
	})
}

// clusterARN is the database's, by its name: a reference would keep the data
// stack from ever replacing the cluster.
func (r *response) clusterARN() *string { return r.rdsARN("cluster", r.Name) }

func (r *response) groupARNs(ids ...*string) []*string {
	var arns []*string
	for _, id := range ids {
		arns = append(arns, r.ARN("ec2", "security-group/"+*id))
	}
	return arns
}
