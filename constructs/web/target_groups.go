package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
)

// newTargetGroups defines the target groups of the tasks, and returns their names in
// CloudWatch, too.
func newTargetGroups(scope constructs.Construct, props LoadBalancerProps) (groups []elbv2.ApplicationTargetGroup, names []*string) {
	ids := []string{"Tasks"}
	if props.AlternateTargetGroup {
		ids = append(ids, "AlternateTasks")
	}
	for _, id := range ids {
		group := newTargetGroup(scope, id, props)
		groups, names = append(groups, group), append(names, group.TargetGroupFullName())
	}
	return groups, names
}

func newTargetGroup(scope constructs.Construct, id string, props LoadBalancerProps) elbv2.ApplicationTargetGroup {
	return elbv2.NewApplicationTargetGroup(scope, &id, &elbv2.ApplicationTargetGroupProps{
		Vpc:        props.Vpc,
		TargetType: elbv2.TargetType_IP,
		Protocol:   elbv2.ApplicationProtocol_HTTP,
		// No target has this port. Another one would replace the group, which alarms
		// import.
		Port:                jsii.Number(HTTPPort),
		DeregistrationDelay: seconds(30),
		HealthCheck: &elbv2.HealthCheck{
			Path:                    &props.HealthCheckPath,
			HealthyHttpCodes:        jsii.String("200"),
			Interval:                seconds(15),
			Timeout:                 seconds(5),
			HealthyThresholdCount:   jsii.Number(2),
			UnhealthyThresholdCount: jsii.Number(3),
		},
	})
}

// forward sends requests on to the tasks: those with the secret, or all. It returns the
// rule that does; nil if the listener's default action does.
func forward(
	listener elbv2.ApplicationListener, groups []elbv2.ApplicationTargetGroup, props LoadBalancerProps,
) elbv2.ApplicationListenerRule {
	toTasks := elbv2.ListenerAction_Forward(&[]elbv2.IApplicationTargetGroup{groups[0]}, nil)
	if props.AlternateTargetGroup {
		listener.AddAction(jsii.String("Default"), &elbv2.AddApplicationActionProps{Action: toTasks})
		return newRule(listener, elbv2.ListenerCondition_PathPatterns(jsii.Strings("/*")), shiftable(groups))
	}
	if props.AnyViewer {
		listener.AddAction(jsii.String("AnyViewer"), &elbv2.AddApplicationActionProps{Action: toTasks})
		return nil
	}
	var accepted []*string
	for _, value := range props.OriginSecret.Accepted {
		accepted = append(accepted, value.UnsafeUnwrap())
	}
	listener.AddAction(jsii.String("Refuse"), &elbv2.AddApplicationActionProps{
		Action: elbv2.ListenerAction_FixedResponse(jsii.Number(403), nil),
	})
	return newRule(listener, elbv2.ListenerCondition_HttpHeader(jsii.String(OriginHeader), &accepted), toTasks)
}

// newRule defines the only rule of the listener. Its ID is always the same, so that
// CloudFormation changes it in its place when an alternate target group is added.
func newRule(
	listener elbv2.ApplicationListener, condition elbv2.ListenerCondition, action elbv2.ListenerAction,
) elbv2.ApplicationListenerRule {
	return elbv2.NewApplicationListenerRule(listener, jsii.String("FromCloudFrontRule"), &elbv2.ApplicationListenerRuleProps{
		Listener:   listener,
		Priority:   jsii.Number(1),
		Conditions: &[]elbv2.ListenerCondition{condition},
		Action:     action,
	})
}

// shiftable returns the action with which the first group gets all requests, until ECS
// changes the weights. CloudFormation writes them again whenever the rule changes: the
// requests then go to a group that may have no task.
// https://github.com/aws/aws-cdk/issues/36649
func shiftable(groups []elbv2.ApplicationTargetGroup) elbv2.ListenerAction {
	return elbv2.ListenerAction_WeightedForward(&[]*elbv2.WeightedTargetGroup{
		{TargetGroup: groups[0], Weight: jsii.Number(100)}, {TargetGroup: groups[1], Weight: jsii.Number(0)},
	}, nil)
}

// connect has ECS register the tasks in the first group, and lets it shift requests to
// the other one by the rule if there is one.
func connect(
	scope constructs.Construct, groups []elbv2.ApplicationTargetGroup, rule elbv2.ApplicationListenerRule, service awsecs.FargateService,
) {
	if len(groups) == 1 {
		groups[0].AddTarget(service)
		return
	}
	role := newShiftingRole(scope, groups, rule)
	groups[0].AddTarget(service.LoadBalancerTarget(&awsecs.LoadBalancerTargetOptions{
		ContainerName: service.TaskDefinition().DefaultContainer().ContainerName(),
		AlternateTarget: awsecs.NewAlternateTarget(jsii.String("AlternateTarget"), &awsecs.AlternateTargetProps{
			AlternateTargetGroup: groups[1],
			ProductionListener:   awsecs.ListenerRuleConfiguration_ApplicationListenerRule(rule),
			Role:                 role.Role,
		}),
	}))
	service.Node().DefaultChild().(awscdk.CfnResource).AddResourceDependency(role.Policy.Node().DefaultChild().(awscdk.CfnResource), nil)
}

// newShiftingRole defines the role by which ECS shifts requests. It allows what AWS's
// AmazonECSInfrastructureRolePolicyForLoadBalancers does for an application load
// balancer, but for this rule and these groups only.
func newShiftingRole(
	scope constructs.Construct, groups []elbv2.ApplicationTargetGroup, rule elbv2.ApplicationListenerRule,
) *permissions.ServiceRole {
	return permissions.NewServiceRole(scope, "ShiftingRole", permissions.ServiceRoleProps{
		Service:        "ecs.amazonaws.com",
		Description:    "ECS shifts requests between the target groups of the service",
		SourceOptional: true,
		Statements: []permissions.Statement{
			// None of them supports resource-level permissions.
			permissions.Allow("Describe", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules",
				"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth").OnAll(),
			permissions.Allow("Register", "elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets").
				On(groups[0].TargetGroupArn(), groups[1].TargetGroupArn()),
			permissions.Allow("Shift", "elasticloadbalancing:ModifyRule").On(rule.ListenerRuleArn()),
		},
	})
}
