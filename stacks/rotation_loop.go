package stacks

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/goccy/go-yaml"

	"catalog-infra/constructs/alerting"
)

// restartTasks is the automation document.
//
//go:embed restart_tasks.yaml
var restartTasks []byte

// rotationLoopProps configures the rotation loop.
type rotationLoopProps struct {
	// Secret is the one that the tasks of Service are given when they start.
	Secret  awssecretsmanager.ISecret
	Service awsecs.FargateService

	// Topic is told when the tasks were not restarted.
	Topic awssns.ITopic
}

// newRotationLoop restarts the tasks after each rotation: they get the password
// when they start, and the old one is no longer valid (pitfall A8). The event
// comes by way of CloudTrail, so a trail must exist.
func newRotationLoop(stack awscdk.Stack, env environment, props rotationLoopProps) {
	document := newRestartDocument(stack, env.name+"-restart-tasks")
	restarter := newServiceRole(stack, "RestartRole", "ssm.amazonaws.com", "Restarts the tasks",
		statement("RestartTasks", props.Service.ServiceArn(), "ecs:UpdateService", "ecs:DescribeServices"))
	starter := newServiceRole(stack, "RestartEventRole", "events.amazonaws.com", "Starts the automation that restarts the tasks",
		startStatements(stack, document, restarter)...)
	awsevents.NewCfnRule(stack, jsii.String("RotationSucceeded"), &awsevents.CfnRuleProps{
		Description:  jsii.String("Restarts the tasks after the database password was rotated"),
		EventPattern: rotationPattern(props.Secret, "RotationSucceeded"),
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{
			Id:      jsii.String("RestartTasks"),
			Arn:     automationARN(stack, document, "$DEFAULT"),
			RoleArn: starter.RoleArn(),
			Input: stack.ToJsonString(map[string]any{
				"AutomationAssumeRole": []*string{restarter.RoleArn()},
				"Cluster":              []*string{props.Service.Cluster().ClusterName()},
				"Service":              []*string{props.Service.ServiceName()},
			}, nil),
		}},
	})
	tellOfOldPasswords(stack, document, props)
}

// newRestartDocument defines the document. A change makes a new version: a
// document with a name cannot be replaced (pitfall F4).
func newRestartDocument(stack awscdk.Stack, name string) awsssm.CfnDocument {
	var content map[string]any
	if err := yaml.Unmarshal(restartTasks, &content); err != nil {
		panic(err)
	}
	return awsssm.NewCfnDocument(stack, jsii.String("RestartTasks"), &awsssm.CfnDocumentProps{
		Name:           &name,
		DocumentType:   jsii.String("Automation"),
		DocumentFormat: jsii.String("YAML"),
		UpdateMethod:   jsii.String("NewVersion"),
		Content:        content,
	})
}

// newServiceRole defines a role that a service assumes for this account, with
// no more than the statements.
func newServiceRole(stack awscdk.Stack, id, service, description string, statements ...awsiam.PolicyStatement) awsiam.IRole {
	role := awsiam.NewRole(stack, &id, &awsiam.RoleProps{
		Description: &description,
		AssumedBy: awsiam.NewServicePrincipal(&service, &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	awsiam.NewManagedPolicy(stack, jsii.String(id+"Policy"), &awsiam.ManagedPolicyProps{
		Description: &description,
		Roles:       &[]awsiam.IRole{role},
		Statements:  &statements,
	})
	return role.WithoutPolicyUpdates(nil)
}

// startStatements let EventBridge start the document, which IAM knows as a
// document and by its older name, and hand it the role it works with.
func startStatements(stack awscdk.Stack, document awsssm.CfnDocument, role awsiam.IRole) []awsiam.PolicyStatement {
	pass := statement("PassRestartRole", role.RoleArn(), "iam:PassRole")
	pass.AddCondition(jsii.String("StringEquals"), map[string]any{"iam:PassedToService": "ssm.amazonaws.com"})
	start := statement("StartRestart", automationARN(stack, document, "*"), "ssm:StartAutomationExecution")
	start.AddResources(ssmARN(stack, "document", document.Ref()))
	return []awsiam.PolicyStatement{start, pass}
}

func automationARN(stack awscdk.Stack, document awsssm.CfnDocument, version string) *string {
	return ssmARN(stack, "automation-definition", jsii.Sprintf("%s:%s", *document.Ref(), version))
}

func ssmARN(stack awscdk.Stack, resource string, name *string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("ssm"), Resource: &resource, ResourceName: name})
}

// rotationPattern matches an event of a secret's rotation, which carries the
// ARN as additional data, not as "arn" or "aRN" like the answer to a call.
func rotationPattern(secret awssecretsmanager.ISecret, event string) map[string]any {
	return map[string]any{
		"source":      []string{"aws.secretsmanager"},
		"detail-type": []string{"AWS Service Event via CloudTrail"},
		"detail": map[string]any{
			"eventSource":         []string{"secretsmanager.amazonaws.com"},
			"eventName":           []string{event},
			"additionalEventData": map[string]any{"SecretId": []*string{secret.SecretArn()}},
		},
	}
}

// tellOfOldPasswords tells the topic when the password stays, or the tasks stay
// with an old one.
func tellOfOldPasswords(stack awscdk.Stack, document awsssm.CfnDocument, props rotationLoopProps) {
	alerting.NewEvent(stack, "RotationFailedEvent", alerting.EventProps{
		Contract: contract("RotationFailed", alerting.Medium, rotationFailed),
		Pattern:  rotationPattern(props.Secret, "RotationFailed"),
		Topic:    props.Topic,
	})
	alerting.NewEvent(stack, "RestartFailed", alerting.EventProps{
		Contract: contract("RestartFailed", alerting.Critical,
			"The tasks were not restarted after a rotation: they have the old database password"),
		Pattern: map[string]any{
			"source":      []string{"aws.ssm"},
			"detail-type": []string{"EC2 Automation Execution Status-change Notification"},
			"detail": map[string]any{
				"Definition": []*string{document.Ref()},
				"Status":     []string{"Failed", "TimedOut"},
			},
		},
		Topic: props.Topic,
	})
}
