package stacks

import (
	"embed"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/automation"
)

// runbookFiles are the Automation documents, NAME.yaml for the document
// catalog-api-SUFFIX-NAME. What stands for the environment's own resources in
// them is in the constants of the family that a runbook belongs to.
//
//go:embed runbooks/*.yaml
var runbookFiles embed.FS

// ResponseProps are the stacks that the response stack acts on.
type ResponseProps struct {
	SecurityGroups *SecurityGroups
	Data           *Data
	IAM            *IAM
	Compute        *Compute
	Monitoring     *Monitoring
}

// Response is the stack that acts: runbooks, who may start them, and the events
// that do.
type Response struct {
	awscdk.Stack
}

// response is what the families of runbooks are defined from.
type response struct {
	environment
	ResponseProps

	stack awscdk.Stack

	// evidence is nil in a short-lived environment, which has no runbooks but
	// those that keep it running.
	evidence awss3.IBucket

	// runbooks are all that were defined, in this order.
	runbooks []*automation.Runbook
}

// NewResponse defines the response stack. A short-lived environment has what
// its rotation needs: nobody responds to an incident in it but by destroying
// it.
func NewResponse(env environment, props ResponseProps) *Response {
	stack := env.newStack("response", "Runbooks of the Product Catalog API, and what starts them")
	r := &response{environment: env, ResponseProps: props, stack: stack}
	replaceTasks := r.newRecovery()
	if env.Audit.Trail != config.OwnershipOff {
		r.newRotationLoop(replaceTasks)
	}
	if !env.ShortLived {
		r.evidence = automation.NewEvidenceBucket(stack, "Evidence", automation.EvidenceBucketProps{
			RetentionDays: env.Response.EvidenceDays,
			Disposable:    env.lifecycle.disposable,
		})
	}
	r.tellOfFailedRunbooks()
	r.spreadCreation()
	return &Response{stack}
}

// add defines the runbook in runbooks/NAME.yaml.
func (r *response) add(id, name string, role awsiam.IRole, constants map[string]any) *automation.Runbook {
	content, err := runbookFiles.ReadFile("runbooks/" + name + ".yaml")
	if err != nil {
		panic(err)
	}
	runbook := automation.NewRunbook(r.stack, id, automation.RunbookProps{
		Name:      r.runbookName(name),
		Content:   content,
		Constants: constants,
		Role:      role,
	})
	r.runbooks = append(r.runbooks, runbook)
	return runbook
}

// spreadCreation lets five documents be made at a time: SSM refuses more
// (Throttling of CreateDocument).
func (r *response) spreadCreation() {
	const atOnce = 5
	for i := atOnce; i < len(r.runbooks); i++ {
		r.runbooks[i].Document.AddDependency(r.runbooks[i-atOnce].Document)
	}
}

// newRecovery defines the runbooks that bring the service back.
func (r *response) newRecovery() (replaceTasks *automation.Runbook) {
	service := r.Compute.Service.Service
	role := automation.NewRole(r.stack, "ServiceRole", automation.RoleProps{
		Description: "Replaces the tasks",
		Statements: []awsiam.PolicyStatement{
			statement("DeployService", service.ServiceArn(), "ecs:DescribeServices", "ecs:UpdateService"),
		},
	})
	return r.add("ReplaceTasks", "replace-tasks", role, map[string]any{
		"Cluster": service.Cluster().ClusterName(),
		"Service": service.ServiceName(),
	})
}

// tellOfFailedRunbooks is about all of them, whoever started one.
func (r *response) tellOfFailedRunbooks() {
	alerting.NewEvent(r.stack, "RunbookFailed", alerting.EventProps{
		Contract: contract("RunbookFailed", alerting.Critical, "A runbook failed: what it did not undo by itself is as it left it"),
		Pattern: map[string]any{
			"source":      []string{"aws.ssm"},
			"detail-type": []string{"EC2 Automation Execution Status-change Notification"},
			"detail": map[string]any{
				"Definition": []any{map[string]any{"prefix": r.runbookName("")}},
				"Status":     []string{"Failed", "TimedOut"},
			},
		},
		Topic: r.Monitoring.Topic,
	})
}
