package stacks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsiam"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/permissions"
	"catalog-infra/stacks/internal/environment"
)

// IAM is the stack of the roles of the tasks and of people. Their policies are
// complete, and refer to resources of later stacks by name, so that no later
// stack adds to them (pitfall B1), except what the configuration asks for by name
// (see addApplication). They are managed policies, which can be reviewed and attached
// on their own.
type IAM struct {
	awscdk.Stack

	ExecutionRole, TaskRole awsiam.IRole

	// MasterExecutionRole starts tasks that connect to the database as the master user, and
	// those of revisions from before the application had a user of its own. Without one
	// it is ExecutionRole.
	MasterExecutionRole awsiam.IRole

	// Operator and Approver are assumed by people. Both are nil in a short-lived
	// environment.
	Operator, Approver awsiam.IRole
}

func newIAM(env environment.Environment, data *Data) *IAM {
	i := &IAM{Stack: env.NewStack("iam", "Roles of the Product Catalog API")}
	secret := data.secret().SecretArn()
	decrypt := decryptStatements(i.Stack, data, secret)
	tasks := awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), &awsiam.ServicePrincipalOpts{
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": env.Account},
			"ArnLike":      map[string]any{"aws:SourceArn": env.ARN("ecs", "*")},
		},
	})
	i.MasterExecutionRole = i.newExecutionRole(env, data, "ExecutionRole", tasks, data.secrets()...)
	i.ExecutionRole = i.MasterExecutionRole
	if data.User != nil {
		i.ExecutionRole = i.newExecutionRole(env, data, "UserExecutionRole", tasks, secret)
	}
	i.TaskRole = i.newRole("TaskRole", "Permissions of the catalog API itself",
		permissions.ClosedRoleProps{RoleProps: awsiam.RoleProps{AssumedBy: tasks}},
		append(decrypt, permissions.Allow("ReadDatabaseSecret", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret").On(secret))...)
	if !env.Config.ShortLived {
		i.addPeople(env)
	}
	return i
}

// newExecutionRole defines a role that starts tasks with secrets of the database.
func (i *IAM) newExecutionRole(env environment.Environment, data *Data, id string, tasks awsiam.IPrincipal,
	secrets ...*string,
) awsiam.IRole {
	return i.newRole(id, "Starts the tasks: pulls the image, injects the secret, writes the logs",
		permissions.ClosedRoleProps{
			RoleProps: awsiam.RoleProps{AssumedBy: tasks},
			Granted:   grantedToExecutionRole(i.Stack, env.Config.Service, secrets...),
		}, append(executionStatements(env, secrets...), decryptStatements(i.Stack, data, secrets...)...)...)
}

// executionRoles returns the roles that start tasks of the application's image.
func (i *IAM) executionRoles() []awsiam.IRole {
	if i.MasterExecutionRole == i.ExecutionRole {
		return []awsiam.IRole{i.ExecutionRole}
	}
	return []awsiam.IRole{i.ExecutionRole, i.MasterExecutionRole}
}

// newRole defines a role and, if there are statements, its policy.
func (i *IAM) newRole(id, description string, props permissions.ClosedRoleProps, statements ...permissions.Statement) awsiam.IRole {
	props.DefinedIn, props.Description = "stacks/iam.go", &description
	role := permissions.NewClosedRole(i.Stack, id, props).Role
	if len(statements) > 0 {
		permissions.NewPolicy(i.Stack, id+"Policy", permissions.PolicyProps{
			Description: description, Roles: []awsiam.IRole{role}, Statements: statements,
		})
	}
	return role
}

// grantedToExecutionRole reports whether executionStatements and secretStatements have
// what CDK's task definition grants. CDK also grants secretsmanager:DescribeSecret, which starting
// a task does not need. The log group is in a later stack, so its ARN is unknown
// here.
func grantedToExecutionRole(stack awscdk.Stack, service config.Service, secrets ...*string) func(action, resource string) bool {
	readable := service.SecretARNs(false)
	for _, secret := range secrets {
		readable = append(readable, permissions.Resolved(stack, *secret))
	}
	return func(action, resource string) bool {
		switch action {
		case "logs:CreateLogStream", "logs:PutLogEvents":
			return true
		case "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret":
			return slices.Contains(readable, resource)
		case "ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameterHistory", "ssm:GetParameters":
			return slices.ContainsFunc(service.SecretARNs(true), func(arn string) bool {
				_, name, _ := strings.Cut(arn, ":parameter/")
				return strings.Contains(resource, ":parameter/"+name+"]")
			})
		}
		return false
	}
}

// executionStatements returns the statements of the AWS managed policy
// AmazonECSTaskExecutionRolePolicy, restricted to this environment's repository
// and log group, and the secrets. The compute stack allows other repositories.
func executionStatements(env environment.Environment, secrets ...*string) []permissions.Statement {
	return []permissions.Statement{
		// The action does not support resource-level permissions.
		permissions.Allow("GetRegistryToken", "ecr:GetAuthorizationToken").OnAll(),
		pullImages(env.ARN("ecr", "repository/"+env.Name)),
		permissions.Allow("WriteLogs", "logs:CreateLogStream", "logs:PutLogEvents").On(env.LogsARN(env.LogGroupName())),
		permissions.Allow("ReadDatabaseSecret", "secretsmanager:GetSecretValue").On(secrets...),
	}
}

func pullImages(repositories ...*string) permissions.Statement {
	return permissions.Allow("PullImages",
		"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer").On(repositories...)
}

// decryptStatements allows using the database's key through Secrets Manager, for
// the secrets only. AWS managed keys need no permission.
func decryptStatements(stack awscdk.Stack, data *Data, secrets ...*string) []permissions.Statement {
	if data.Key == nil {
		return nil
	}
	return []permissions.Statement{permissions.Allow("DecryptDatabaseSecret", "kms:Decrypt").On(data.Key.KeyArn()).If(map[string]any{
		"StringEquals": map[string]any{
			"kms:ViaService":                  jsii.Sprintf("secretsmanager.%s.amazonaws.com", *stack.Region()),
			"kms:EncryptionContext:SecretARN": secrets,
		},
	})}
}

// addPeople defines the groups of operators and approvers, and a role for each.
// The groups have no names and no members: a deployment does not decide who
// belongs to one. A member of both groups can assume neither role, so nobody
// approves a runbook that they started.
//
// The permissions to start and approve runbooks and to read logs are in the
// response stack.
func (i *IAM) addPeople(env environment.Environment) {
	// The person must have authenticated with MFA at most so long ago, and the
	// session lasts as long.
	const seconds = 3600
	people := permissions.ClosedRoleProps{RoleProps: awsiam.RoleProps{
		AssumedBy: awsiam.NewAccountRootPrincipal().WithConditions(&map[string]any{
			"Bool":            map[string]any{"aws:MultiFactorAuthPresent": "true"},
			"NumericLessThan": map[string]any{"aws:MultiFactorAuthAge": strconv.Itoa(seconds)},
		}),
		MaxSessionDuration: awscdk.Duration_Seconds(jsii.Number(seconds)),
	}}
	i.Operator = i.newRole("Operator", "Describes the environment, and changes it through runbooks only", people, operatorStatements(env)...)
	i.Approver = i.newRole("Approver", "Approves runbooks, and starts none", people)
	operators, approvers := awsiam.NewGroup(i.Stack, jsii.String("Operators"), nil), awsiam.NewGroup(i.Stack, jsii.String("Approvers"), nil)
	policy := func(id, description string, statements []permissions.Statement, groups ...interfacesawsiam.IGroupRef) {
		permissions.NewPolicy(i.Stack, id, permissions.PolicyProps{Description: description, Groups: groups, Statements: statements})
	}
	policy("RequireMFA", "Denies all but setting up MFA to sessions without it", mfaStatements(env), operators, approvers)
	policy("OperatorsPolicy", "Operators may assume Operator and never Approver", oneRole(i.Operator, i.Approver), operators)
	policy("ApproversPolicy", "Approvers may assume Approver and never Operator", oneRole(i.Approver, i.Operator), approvers)
	environment.Output(i.Stack, "OperatorRoleARN", "Role that starts runbooks", i.Operator.RoleArn())
	environment.Output(i.Stack, "ApproverRoleARN", "Role that approves runbooks", i.Approver.RoleArn())
}

func oneRole(role, other awsiam.IRole) []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("AssumeRole", "sts:AssumeRole").On(role.RoleArn()),
		permissions.Deny("DenyAssumeOtherRole", "sts:AssumeRole").On(other.RoleArn()),
	}
}

// mfaStatements follow AWS's example policy for self-managed MFA devices. IfExists
// makes the denial apply to access keys too: their requests lack the condition
// key.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html
func mfaStatements(env environment.Environment) []permissions.Statement {
	own := func(kind, name string) *string { return env.ARNIn("", "iam", kind+"/"+name) }
	return []permissions.Statement{
		{
			Sid:  "DenyAllExceptListedIfNoMFA",
			Deny: true,
			NotActions: []string{
				"iam:ListVirtualMFADevices", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices",
				"iam:ResyncMFADevice", "iam:GetUser", "iam:ChangePassword", "iam:GetAccountPasswordPolicy", "sts:GetSessionToken",
			},
			Resources:  []*string{jsii.String("*")},
			Conditions: map[string]any{"BoolIfExists": map[string]any{"aws:MultiFactorAuthPresent": "false"}},
		},
		// Neither action supports resource-level permissions.
		permissions.Allow("AllowViewAccountInfo", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices").OnAll(),
		permissions.Allow("AllowManageOwnPasswordAndMFA", "iam:ChangePassword", "iam:EnableMFADevice",
			"iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice").On(own("user", "${aws:username}")),
		// The owner chooses the device's name; only the owner can enable the device.
		permissions.Allow("AllowCreateVirtualMFADevice", "iam:CreateVirtualMFADevice").On(own("mfa", "*")),
	}
}

// operatorStatements allows finding out what is wrong. It leaves out on purpose
// the actions that would show the origin header between CloudFront and the load
// balancer (elasticloadbalancing:DescribeRules, cloudfront:GetDistribution and
// wafv2:GetWebACL) and secretsmanager:GetSecretValue. Names that CloudFormation
// generates start with the stack's name.
func operatorStatements(env environment.Environment) []permissions.Statement {
	inCompute := func(resource string) *string { return env.ARN("ecs", resource+"/"+env.Name+"-compute-*") }
	cluster := func(name string) *string { return env.ARN("rds", "cluster:"+name) }
	return []permissions.Statement{
		permissions.Allow("DescribeService",
			"ecs:DescribeClusters", "ecs:DescribeServices", "ecs:DescribeTasks").On(inCompute("cluster"), inCompute("service"), inCompute("task")),
		permissions.Allow("ListTasks", "ecs:ListServices", "ecs:ListTasks").OnAll().If(map[string]any{
			"ArnLike": map[string]any{"ecs:cluster": inCompute("cluster")},
		}),
		permissions.Allow("DescribeStacks",
			"cloudformation:DescribeStackEvents", "cloudformation:DescribeStackResourceDrifts",
			"cloudformation:DescribeStackResources", "cloudformation:DescribeStacks").On(stackARNs(env)...),
		// CloudFormation reads the resources with the caller's permissions, which
		// cover those of this stack only.
		permissions.Allow("DetectDrift",
			"cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift").On(stackARN(env, "security-groups")),
		permissions.Allow("DetectDriftOfRule", "cloudformation:DetectStackResourceDrift").On(stackARN(env, "compute")),
		// The second is the name of restored clusters.
		permissions.Allow("DescribeDatabase", "rds:DescribeDBClusters").On(cluster(env.Name), cluster(env.Name+"-inc-*")),
		permissions.Allow("GetDashboard", "cloudwatch:GetDashboard").On(env.ARNIn("", "cloudwatch", "dashboard/"+env.Name)),
		// None of these supports resource-level permissions, and none shows a secret.
		permissions.Allow("DescribeWithoutResourceScope",
			"cloudformation:BatchDescribeTypeConfigurations", "cloudformation:DescribeStackDriftDetectionStatus",
			"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics",
			"ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
			"ecs:DescribeTaskDefinition",
			"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
			"logs:DescribeLogGroups", "logs:DescribeQueryDefinitions", "logs:GetQueryResults").OnAll(),
	}
}

// stackARNs returns the environment's stacks. They are listed because a prefix
// would match too much: catalog-api-a-* matches the stacks of the environment
// a-b.
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
