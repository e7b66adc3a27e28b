package stacks

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/stacks/internal/environment"
)

// IAM is the stack of the roles of the tasks and of the people. Their policies
// are complete and name later stacks' resources by name, so that no later stack
// adds to them (pitfall B1). They are managed policies, not inline ones: those
// can be reviewed and attached on their own.
type IAM struct {
	awscdk.Stack

	ExecutionRole, TaskRole awsiam.IRole

	// Operator and Approver are people's, nil in a short-lived environment.
	Operator, Approver awsiam.IRole
}

// newIAM defines the IAM stack.
func newIAM(env environment.Environment, data *Data) *IAM {
	stack := env.NewStack("iam", "Roles of the Product Catalog API")
	secret := data.Database.Secret.SecretArn()
	this := &IAM{
		Stack: stack,
		ExecutionRole: newTaskRole(env, stack, "ExecutionRole", "Starts the tasks: pulls the image, injects the secret, writes the logs",
			heldToStart(resolved(stack, *secret)), append(executionStatements(env, secret), decryptStatements(stack, data)...)),
		TaskRole: newTaskRole(env, stack, "TaskRole", "What the catalog API itself may do",
			nil, append(decryptStatements(stack, data),
				permissions.Allow("ReadDatabaseSecret", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret").On(secret))),
	}
	if !env.Config.ShortLived {
		this.Operator, this.Approver = newOperators(env, stack)
		environment.Output(stack, "OperatorRoleARN", "The role of whoever starts runbooks", this.Operator.RoleArn())
		environment.Output(stack, "ApproverRoleARN", "The role of whoever approves what they ask for", this.Approver.RoleArn())
	}
	return this
}

// newTaskRole defines a role that ECS assumes for tasks of this account and
// region. Nobody downstream can add to it.
func newTaskRole(env environment.Environment, stack awscdk.Stack, id, description string, held func(action, resource string) bool, statements []permissions.Statement) awsiam.IRole {
	role := newClosedRole(stack, id, closedRoleProps{Home: "stacks/iam.go", Held: held, RoleProps: awsiam.RoleProps{
		Description: &description,
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": env.Account},
				"ArnLike":      map[string]any{"aws:SourceArn": env.ARN("ecs", "*")},
			},
		}),
	}})
	permissions.NewPolicy(stack, id+"Policy", permissions.PolicyProps{
		Description: description,
		Roles:       []awsiam.IRole{role},
		Statements:  statements,
	})
	return role
}

// heldToStart reports whether CDK's task definition asks for what
// executionStatements has. It also asks to describe the secret, which no task
// does before it starts. The log group is compute's: its ARN is not known here.
func heldToStart(secret string) func(action, resource string) bool {
	return func(action, resource string) bool {
		switch action {
		case "logs:CreateLogStream", "logs:PutLogEvents":
			return true
		case "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret":
			return resource == secret
		}
		return false
	}
}

// executionStatements is what the AWS managed policy
// AmazonECSTaskExecutionRolePolicy allows on everything, on the repositories and
// the log group of this environment only, and the secret.
func executionStatements(env environment.Environment, secret *string) []permissions.Statement {
	return []permissions.Statement{
		// The token is the registry's: the action knows no resource.
		permissions.Allow("LogInToRegistry", "ecr:GetAuthorizationToken").OnAll(),
		permissions.Allow("PullImage",
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer").On(repositoryARNs(env)...),
		permissions.Allow("WriteLogs", "logs:CreateLogStream", "logs:PutLogEvents").On(env.LogsARN(env.LogGroupName())),
		permissions.Allow("InjectDatabaseSecret", "secretsmanager:GetSecretValue").On(secret),
	}
}

// decryptStatements let a role use the database's key for the secret, by way of
// Secrets Manager: it neither decrypts anything else nor by itself. AWS's keys
// need no permission.
func decryptStatements(stack awscdk.Stack, data *Data) []permissions.Statement {
	if data.Key == nil {
		return nil
	}
	return []permissions.Statement{permissions.Allow("DecryptDatabaseSecret", "kms:Decrypt").On(data.Key.KeyArn()).If(map[string]any{
		"StringEquals": map[string]any{
			"kms:ViaService":                  jsii.Sprintf("secretsmanager.%s.amazonaws.com", *stack.Region()),
			"kms:EncryptionContext:SecretARN": data.Database.Secret.SecretArn(),
		},
	})}
}

// privateImage is an image in a private ECR repository, or the repository alone:
// its account, region and repository.
var privateImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+)`)

// repositoryARNs are all whose images may run: the environment's own, that of the
// configured image, and those that the configuration names for images before it.
// A former revision of the task definition is run again when a deployment fails,
// by roll-back-service, and for as long as a new one is not through.
func repositoryARNs(env environment.Environment) []*string {
	arns := []*string{env.ARN("ecr", "repository/"+env.Name)}
	known := map[string]bool{*arns[0]: true}
	for _, uri := range append([]string{env.Config.Service.Image}, env.Config.Service.FormerRepositories...) {
		image := privateImage.FindStringSubmatch(uri)
		if image == nil {
			continue
		}
		owner := env
		owner.Account = image[1]
		if arn := owner.ARNIn(image[2], "ecr", "repository/"+image[3]); !known[*arn] {
			known[*arn] = true
			arns = append(arns, arn)
		}
	}
	return arns
}
