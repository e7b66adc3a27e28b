package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsiam"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/stacks/internal/environment"
)

// withoutMFA is all that a person may do who has not shown a second factor: set
// one up, and start a session with it.
var withoutMFA = []string{
	"iam:ListVirtualMFADevices", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices",
	"iam:ResyncMFADevice", "iam:GetUser", "iam:ChangePassword", "iam:GetAccountPasswordPolicy", "sts:GetSessionToken",
}

// mfaSeconds is how long ago the second factor may have been shown, and how
// long a session as operator lasts.
const mfaSeconds = 3600

// newOperators defines the groups of the people who operate the environment and
// of those who approve, and the role that each takes. The groups have no names
// and no members: who is in one is not decided by a deployment. Whoever is in
// both can take neither role: nobody approves what they started.
func newOperators(env environment.Environment, stack awscdk.Stack) (operator, approver awsiam.IRole) {
	operators, approvers := awsiam.NewGroup(stack, jsii.String("Operators"), nil), awsiam.NewGroup(stack, jsii.String("Approvers"), nil)
	operator = newOperatorRole(env, stack)
	approver = newPersonsRole(stack, "Approver", "Approves what a runbook asks for, and starts none")
	permissions.NewPolicy(stack, "RequireMFA", permissions.PolicyProps{
		Description: "Nothing without a second factor but setting one up",
		Groups:      []interfacesawsiam.IGroupRef{operators, approvers},
		Statements:  mfaStatements(env),
	})
	oneRole := func(id, description string, group awsiam.IGroup, role, other awsiam.IRole) {
		permissions.NewPolicy(stack, id, permissions.PolicyProps{
			Description: description,
			Groups:      []interfacesawsiam.IGroupRef{group},
			Statements: []permissions.Statement{
				permissions.Allow("TakeRole", "sts:AssumeRole").On(role.RoleArn()),
				permissions.Deny("TakeNotTheOther", "sts:AssumeRole").On(other.RoleArn()),
			},
		})
	}
	oneRole("OperatorsPolicy", "Operators may take the role Operator and never Approver", operators, operator, approver)
	oneRole("ApproversPolicy", "Approvers may take the role Approver and never Operator", approvers, approver, operator)
	return operator, approver
}

// mfaStatements refuse everything without a second factor. IfExists makes the
// refusal hold for access keys too: their requests do not have the key at all.
func mfaStatements(env environment.Environment) []permissions.Statement {
	own := func(kind, name string) *string { return env.ARNIn("", "iam", kind+"/"+name) }
	return []permissions.Statement{
		{
			Sid:        "DenyAllWithoutMFA",
			Deny:       true,
			NotActions: withoutMFA,
			Resources:  []*string{jsii.String("*")},
			Conditions: map[string]any{"BoolIfExists": map[string]any{"aws:MultiFactorAuthPresent": "false"}},
		},
		// Both are about the account: the actions know no user.
		permissions.Allow("SeeAccountRules", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices").OnAll(),
		permissions.Allow("ManageOwnUser",
			"iam:ChangePassword", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice").On(own("user", "${aws:username}")),
		// The name of a device is its owner's choice; only the owner can enable it.
		permissions.Allow("CreateOwnDevice", "iam:CreateVirtualMFADevice").On(own("mfa", "*")),
	}
}

// newOperatorRole defines the role that looks at the environment. What it may
// start, and the logs that it reads, are in the response stack, which knows every
// runbook and every log group.
func newOperatorRole(env environment.Environment, stack awscdk.Stack) awsiam.IRole {
	const description = "Looks at the environment and changes nothing but by runbooks"
	role := newPersonsRole(stack, "Operator", description)
	permissions.NewPolicy(stack, "OperatorPolicy", permissions.PolicyProps{
		Description: description,
		Roles:       []awsiam.IRole{role},
		Statements:  operatorStatements(env),
	})
	return role
}

// newPersonsRole defines a role that people take for an hour. Whoever does has
// shown a second factor within the hour.
func newPersonsRole(stack awscdk.Stack, id, description string) awsiam.IRole {
	return newClosedRole(stack, id, closedRoleProps{Home: "stacks/operators.go", RoleProps: awsiam.RoleProps{
		Description: &description,
		AssumedBy: awsiam.NewAccountRootPrincipal().WithConditions(&map[string]any{
			"Bool":            map[string]any{"aws:MultiFactorAuthPresent": "true"},
			"NumericLessThan": map[string]any{"aws:MultiFactorAuthAge": *jsii.Sprintf("%d", mfaSeconds)},
		}),
		MaxSessionDuration: awscdk.Duration_Seconds(jsii.Number(mfaSeconds)),
	}})
}

// operatorStatements are what is needed to find out what is wrong. Left out on
// purpose is what shows the secret header between CloudFront and the load
// balancer, elasticloadbalancing:DescribeRules, cloudfront:GetDistribution and
// wafv2:GetWebACL,
// and secretsmanager:GetSecretValue. Names that CloudFormation makes up start
// with that of their stack.
func operatorStatements(env environment.Environment) []permissions.Statement {
	inCompute := func(resource string) *string { return env.ARN("ecs", resource+"/"+env.Name+"-compute-*") }
	cluster := func(name string) *string { return env.ARN("rds", "cluster:"+name) }
	return []permissions.Statement{
		permissions.Allow("SeeService",
			"ecs:DescribeClusters", "ecs:DescribeServices", "ecs:DescribeTasks").On(inCompute("cluster"), inCompute("service"), inCompute("task")),
		permissions.Allow("ListTasks", "ecs:ListServices", "ecs:ListTasks").OnAll().If(map[string]any{
			"ArnLike": map[string]any{"ecs:cluster": inCompute("cluster")},
		}),
		permissions.Allow("SeeStacks",
			"cloudformation:DescribeStackEvents", "cloudformation:DescribeStackResourceDrifts", "cloudformation:DescribeStackResources", "cloudformation:DescribeStacks").On(stackARNs(env)...),
		// CloudFormation looks with the permissions of whoever asks: of the other
		// stacks those here would show too little.
		permissions.Allow("DetectDrift", "cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift").On(stackARN(env, "security-groups")),
		// Restored ones, too.
		permissions.Allow("SeeDatabase", "rds:DescribeDBClusters").On(cluster(env.Name), cluster(env.Name+"-inc-*")),
		permissions.Allow("SeeDashboard", "cloudwatch:GetDashboard").On(env.ARNIn("", "cloudwatch", "dashboard/"+env.Name)),
		// None of these knows a resource; none of them shows a secret.
		permissions.Allow("SeeWhatHasNoResource",
			"cloudformation:BatchDescribeTypeConfigurations", "cloudformation:DescribeStackDriftDetectionStatus",
			"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics",
			"ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
			"ecs:DescribeTaskDefinition",
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
			"logs:DescribeLogGroups", "logs:DescribeQueryDefinitions", "logs:GetQueryResults").OnAll(),
	}
}

// stackARNs are the environment's stacks. They are spelled out: catalog-api-a-*
// would be those of the environment a-b too.
func stackARNs(env environment.Environment) []*string {
	var arns []*string
	for _, id := range []string{"network", "security-groups", "data", "iam", "compute", "monitoring", "response", "audit"} {
		arns = append(arns, stackARN(env, id))
	}
	return arns
}

func stackARN(env environment.Environment, id string) *string {
	return env.ARN("cloudformation", "stack/"+env.Name+"-"+id+"/*")
}

// deny refuses the actions on whatever they are about.
