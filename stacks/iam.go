package stacks

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
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

// NewIAM defines the IAM stack.
func NewIAM(env environment, data *Data) *IAM {
	stack := env.newStack("iam", "Roles of the Product Catalog API")
	secret := data.Database.Secret.SecretArn()
	this := &IAM{
		Stack: stack,
		ExecutionRole: newTaskRole(env, stack, "ExecutionRole", "Starts the tasks: pulls the image, injects the secret, writes the logs",
			heldToStart(resolved(stack, *secret)), append(executionStatements(env, secret), decryptStatements(stack, data)...)),
		TaskRole: newTaskRole(env, stack, "TaskRole", "What the catalog API itself may do",
			nil, append(decryptStatements(stack, data),
				statement("ReadDatabaseSecret", secret, "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"))),
	}
	if !env.ShortLived {
		this.Operator, this.Approver = newOperators(env, stack)
		output(stack, "OperatorRoleARN", "The role of whoever starts runbooks", this.Operator.RoleArn())
		output(stack, "ApproverRoleARN", "The role of whoever approves what they ask for", this.Approver.RoleArn())
	}
	return this
}

// newTaskRole defines a role that ECS assumes for tasks of this account and
// region. Nobody downstream can add to it.
func newTaskRole(env environment, stack awscdk.Stack, id, description string, held func(action, resource string) bool, statements []permissions.Statement) awsiam.IRole {
	role := newClosedRole(stack, id, closedRoleProps{Home: "stacks/iam.go", Held: held, RoleProps: awsiam.RoleProps{
		Description: &description,
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": env.account},
				"ArnLike":      map[string]any{"aws:SourceArn": env.arn("ecs", "*")},
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
func executionStatements(env environment, secret *string) []permissions.Statement {
	return []permissions.Statement{
		// The token is the registry's: the action knows no resource.
		statement("LogInToRegistry", jsii.String("*"), "ecr:GetAuthorizationToken"),
		several("PullImage", repositoryARNs(env),
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
		statement("WriteLogs", env.logsARN(env.logGroupName()), "logs:CreateLogStream", "logs:PutLogEvents"),
		statement("InjectDatabaseSecret", secret, "secretsmanager:GetSecretValue"),
	}
}

// decryptStatements let a role use the database's key for the secret, by way of
// Secrets Manager: it neither decrypts anything else nor by itself. AWS's keys
// need no permission.
func decryptStatements(stack awscdk.Stack, data *Data) []permissions.Statement {
	if data.Key == nil {
		return nil
	}
	return []permissions.Statement{statement("DecryptDatabaseSecret", data.Key.KeyArn(), "kms:Decrypt").If(map[string]any{
		"StringEquals": map[string]any{
			"kms:ViaService":                  jsii.Sprintf("secretsmanager.%s.amazonaws.com", *stack.Region()),
			"kms:EncryptionContext:SecretARN": data.Database.Secret.SecretArn(),
		},
	})}
}

func statement(sid string, resource *string, actions ...string) permissions.Statement {
	return permissions.Allow(sid, []*string{resource}, actions...)
}

func statementIf(sid string, resource *string, conditions map[string]any, actions ...string) permissions.Statement {
	return statement(sid, resource, actions...).If(conditions)
}

// privateImage is an image in a private ECR repository, or the repository alone:
// its account, region and repository.
var privateImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([^:@]+)`)

// repositoryARNs are all whose images may run: the environment's own, that of the
// configured image, and those that the configuration names for images before it.
// A former revision of the task definition is run again when a deployment fails,
// by roll-back-service, and for as long as a new one is not through.
func repositoryARNs(env environment) []*string {
	arns := []*string{env.arn("ecr", "repository/"+env.name)}
	known := map[string]bool{*arns[0]: true}
	for _, uri := range append([]string{env.Service.Image}, env.Service.FormerRepositories...) {
		image := privateImage.FindStringSubmatch(uri)
		if image == nil {
			continue
		}
		owner := env
		owner.account = image[1]
		if arn := owner.arnIn(image[2], "ecr", "repository/"+image[3]); !known[*arn] {
			known[*arn] = true
			arns = append(arns, arn)
		}
	}
	return arns
}
