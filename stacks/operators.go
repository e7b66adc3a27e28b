package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsiam"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
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
func newOperators(env environment, stack awscdk.Stack) (operator, approver awsiam.IRole) {
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
				statement("TakeRole", role.RoleArn(), "sts:AssumeRole"),
				denyOn("TakeNotTheOther", []*string{other.RoleArn()}, "sts:AssumeRole"),
			},
		})
	}
	oneRole("OperatorsPolicy", "Operators may take the role Operator and never Approver", operators, operator, approver)
	oneRole("ApproversPolicy", "Approvers may take the role Approver and never Operator", approvers, approver, operator)
	return operator, approver
}

// mfaStatements refuse everything without a second factor. IfExists makes the
// refusal hold for access keys too: their requests do not have the key at all.
func mfaStatements(env environment) []permissions.Statement {
	own := func(kind, name string) *string { return env.arnIn("", "iam", kind+"/"+name) }
	return []permissions.Statement{
		{
			Sid:        "DenyAllWithoutMFA",
			Deny:       true,
			NotActions: withoutMFA,
			Resources:  []*string{jsii.String("*")},
			Conditions: map[string]any{"BoolIfExists": map[string]any{"aws:MultiFactorAuthPresent": "false"}},
		},
		// Both are about the account: the actions know no user.
		statement("SeeAccountRules", jsii.String("*"), "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"),
		statement("ManageOwnUser", own("user", "${aws:username}"),
			"iam:ChangePassword", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice"),
		// The name of a device is its owner's choice; only the owner can enable it.
		statement("CreateOwnDevice", own("mfa", "*"), "iam:CreateVirtualMFADevice"),
	}
}

// newOperatorRole defines the role that looks at the environment. What it may
// start, and the logs that it reads, are in the response stack, which knows every
// runbook and every log group.
func newOperatorRole(env environment, stack awscdk.Stack) awsiam.IRole {
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
// balancer, elasticloadbalancing:DescribeRules and cloudfront:GetDistribution,
// and secretsmanager:GetSecretValue. Names that CloudFormation makes up start
// with that of their stack.
func operatorStatements(env environment) []permissions.Statement {
	inCompute := func(resource string) *string { return env.arn("ecs", resource+"/"+env.name+"-compute-*") }
	cluster := func(name string) *string { return env.arn("rds", "cluster:"+name) }
	return []permissions.Statement{
		several("SeeService", []*string{inCompute("cluster"), inCompute("service"), inCompute("task")},
			"ecs:DescribeClusters", "ecs:DescribeServices", "ecs:DescribeTasks"),
		statement("ListTasks", jsii.String("*"), "ecs:ListServices", "ecs:ListTasks").If(map[string]any{
			"ArnLike": map[string]any{"ecs:cluster": inCompute("cluster")},
		}),
		several("SeeStacks", stackARNs(env),
			"cloudformation:DescribeStackEvents", "cloudformation:DescribeStackResourceDrifts", "cloudformation:DescribeStackResources", "cloudformation:DescribeStacks"),
		// CloudFormation looks with the permissions of whoever asks: of the other
		// stacks those here would show too little.
		statement("DetectDrift", stackARN(env, "security-groups"), "cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift"),
		// Restored ones, too.
		several("SeeDatabase", []*string{cluster(env.name), cluster(env.name + "-inc-*")}, "rds:DescribeDBClusters"),
		statement("SeeDashboard", env.arnIn("", "cloudwatch", "dashboard/"+env.name), "cloudwatch:GetDashboard"),
		// None of these knows a resource; none of them shows a secret.
		statement("SeeWhatHasNoResource", jsii.String("*"),
			"cloudformation:BatchDescribeTypeConfigurations", "cloudformation:DescribeStackDriftDetectionStatus",
			"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics",
			"ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
			"ecs:DescribeTaskDefinition",
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
			"logs:DescribeLogGroups", "logs:DescribeQueryDefinitions", "logs:GetQueryResults"),
	}
}

// stackARNs are the environment's stacks. They are spelled out: catalog-api-a-*
// would be those of the environment a-b too.
func stackARNs(env environment) []*string {
	var arns []*string
	for _, id := range []string{"network", "security-groups", "data", "iam", "compute", "monitoring", "response", "audit"} {
		arns = append(arns, stackARN(env, id))
	}
	return arns
}

func stackARN(env environment, id string) *string {
	return env.arn("cloudformation", "stack/"+env.name+"-"+id+"/*")
}

func several(sid string, resources []*string, actions ...string) permissions.Statement {
	return permissions.Allow(sid, resources, actions...)
}

// deny refuses the actions on whatever they are about.
func deny(sid string, actions ...string) permissions.Statement {
	return denyOn(sid, []*string{jsii.String("*")}, actions...)
}

func denyOn(sid string, resources []*string, actions ...string) permissions.Statement {
	statement := several(sid, resources, actions...)
	statement.Deny = true
	return statement
}
