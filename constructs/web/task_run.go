package web

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// runTask is the code of the function.
//
//go:embed run_task.py
var runTask string

const (
	// functionMinutes is the longest that Lambda runs a function. A task may take less:
	// the function stops it, and replies.
	functionMinutes = 15

	// replyMinutes is how long CloudFormation waits for the reply. Its default is an hour.
	replyMinutes = functionMinutes + 1
)

// TaskRunProps configures a TaskRun.
type TaskRunProps struct {
	// RunID names the run. Each new RunID is one run: a rollback to a former one is none.
	// It is a part of the logical ID, so it has letters and digits only.
	RunID string `required:"true"`

	// TaskDefinition is run in Cluster. Its family is of nothing else.
	TaskDefinition *TaskDefinition `required:"true"`
	Cluster        awsecs.ICluster `required:"true"`

	// Minutes is how long the task may take, 1 to 14.
	Minutes int `required:"true"`

	// Vpc and Subnets say where the task runs, SecurityGroup what it may reach.
	Vpc           awsec2.IVpc             `required:"true"`
	Subnets       *awsec2.SubnetSelection `required:"true"`
	SecurityGroup awsec2.ISecurityGroup   `required:"true"`
}

// TaskRun is a task that runs once while the stack is deployed. If it fails, the
// deployment fails, and is rolled back. The log group of the task says how it ended.
type TaskRun struct {
	// Resource is created when the task has succeeded. What the task needs comes before
	// it, and what needs the task's work after it.
	Resource awscdk.CfnResource
}

// NewTaskRun defines a TaskRun.
func NewTaskRun(scope constructs.Construct, id string, props TaskRunProps) *TaskRun {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
	role := permissions.NewServiceRole(this, "Role", permissions.ServiceRoleProps{
		Service: "lambda.amazonaws.com", Description: "Runs the task " + props.TaskDefinition.props.Family + " once",
		Statements: props.statements(this),
	})
	function := awslambda.NewFunction(this, jsii.String("Function"), &awslambda.FunctionProps{
		Description: jsii.String("Runs a task once, and tells CloudFormation how it ended"),
		Runtime:     awslambda.Runtime_PYTHON_3_14(),
		Handler:     jsii.String("index.handle"),
		Code:        awslambda.Code_FromInline(&runTask),
		Role:        role.Role,
		LogGroup:    props.TaskDefinition.props.LogGroup,
		// Lambda's own lines about every start are left out, and all are JSON.
		LoggingFormat:    awslambda.LoggingFormat_JSON,
		SystemLogLevelV2: awslambda.SystemLogLevel_WARN,
		Timeout:          awscdk.Duration_Minutes(jsii.Number(functionMinutes)),
		Environment:      &map[string]*string{"TASK": props.task(this)},
	})
	function.Node().AddDependency(role.Policy)
	run := awscdk.NewCustomResource(this, jsii.String("Run"+props.RunID), &awscdk.CustomResourceProps{
		ResourceType:   jsii.String("Custom::TaskRun"),
		ServiceToken:   function.FunctionArn(),
		ServiceTimeout: awscdk.Duration_Minutes(jsii.Number(replyMinutes)),
	})
	return &TaskRun{run.Node().DefaultChild().(awscdk.CfnResource)}
}

// task returns what the function is told. The custom resource has none of it: a change
// would be an update, which runs nothing.
func (p TaskRunProps) task(scope constructs.Construct) *string {
	definition := p.TaskDefinition.props
	return awscdk.Stack_Of(scope).ToJsonString(map[string]any{
		"cluster":    p.Cluster.ClusterName(),
		"definition": p.TaskDefinition.Fargate.TaskDefinitionArn(),
		"family":     definition.Family,
		"container":  definition.containerName(),
		"log":        definition.LogGroup.LogGroupName(),
		"stream":     definition.Name + "/" + definition.containerName(),
		"minutes":    p.Minutes,
		"network": map[string]any{
			"subnets":        p.Vpc.SelectSubnets(p.Subnets).SubnetIds,
			"securityGroups": []*string{p.SecurityGroup.SecurityGroupId()},
			"assignPublicIp": "DISABLED",
		},
	}, nil)
}

func (p TaskRunProps) statements(scope constructs.Construct) []permissions.Statement {
	definition := p.TaskDefinition.props
	inCluster := map[string]any{"ArnEquals": map[string]any{"ecs:cluster": p.Cluster.ClusterArn()}}
	return []permissions.Statement{
		permissions.Allow("RunTask", "ecs:RunTask").
			On(permissions.ARN(scope, "ecs", "task-definition/"+definition.Family+":*")).If(inCluster),
		permissions.Allow("FollowTask", "ecs:DescribeTasks", "ecs:StopTask").
			On(permissions.ARN(scope, "ecs", "task/"+*p.Cluster.ClusterName()+"/*")),
		// The action does not support resource-level permissions.
		permissions.Allow("ListTasks", "ecs:ListTasks").OnAll().If(inCluster),
		permissions.Allow("PassRoles", "iam:PassRole").On(definition.ExecutionRole.RoleArn(), definition.TaskRole.RoleArn()).
			If(map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
		permissions.Allow("WriteLogs", "logs:CreateLogStream", "logs:PutLogEvents").On(definition.LogGroup.LogGroupArn()),
	}
}
