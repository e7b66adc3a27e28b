package stacks

import (
	"io/fs"
	"maps"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/storage"
	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/monitoring"
	runbooks "catalog-infra/stacks/response"
)

// runbookFiles are the documents and what they consist of. The folder is there: it is
// embedded.
var runbookFiles, _ = fs.Sub(runbooks.Runbooks, "runbooks")

// responseProps are the stacks that the response stack acts on.
type responseProps struct {
	Network        *Network
	SecurityGroups *SecurityGroups
	Data           *Data
	IAM            *IAM
	Compute        *Compute
	Monitoring     *monitoring.Stack
}

// Response is the stack that acts: runbooks, who may start them, and the events
// that do.
type Response struct {
	awscdk.Stack
}

// response is what the families of runbooks are defined from.
type response struct {
	environment.Environment
	responseProps

	stack awscdk.Stack

	references

	// runbooks are all that were defined, in this order.
	runbooks []*automation.Runbook

	// rules are those of EventBridge that start one or tell the topic.
	rules []awsevents.CfnRule
}

// references are the tokens that most runbooks and roles name. They are asked for
// once, since each time is a call to CDK's process.
type references struct {
	topicARN, topicKeyARN, ecsClusterName, ecsClusterARN, serviceName, serviceARN *string

	secretARN, executionRoleARN, taskRoleARN, tasksGroupID *string

	// evidenceName and evidenceARN are nil in a short-lived environment, which has no
	// runbooks but those that keep it running.
	evidenceName, evidenceARN *string
}

func newReferences(props responseProps) references {
	topic, service := props.Monitoring.Topic, props.Compute.Service.Fargate
	cluster := service.Cluster()
	return references{
		topicARN: topic.TopicArn(), topicKeyARN: topic.MasterKey().KeyArn(),
		ecsClusterName: cluster.ClusterName(), ecsClusterARN: cluster.ClusterArn(),
		serviceName: service.ServiceName(), serviceARN: service.ServiceArn(),
		secretARN:        props.Data.Database.Secret.SecretArn(),
		executionRoleARN: props.IAM.ExecutionRole.RoleArn(), taskRoleARN: props.IAM.TaskRole.RoleArn(),
		tasksGroupID: props.SecurityGroups.Tasks.SecurityGroupId(),
	}
}

// evidenceObjects is the ARN of what is in the evidence bucket under the keys.
func (r *response) evidenceObjects(keys string) *string {
	return jsii.String(*r.evidenceARN + "/" + keys)
}

// newRole defines the role of a family of runbooks.
func (r *response) newRole(id string, props automation.RoleProps) awsiam.IRole {
	props.ARNPrefix = *r.ARN("ssm", "")
	return automation.NewRole(r.stack, id, props).IAM
}

// newEvidenceBucket defines the bucket in which runbooks save the former state of
// what they change, and the evidence that they collect. Nobody can overwrite or
// delete an object in it, unless the environment is disposable.
func newEvidenceBucket(env environment.Environment, stack awscdk.Stack, accessLogs awss3.IBucket) awss3.Bucket {
	bucket := storage.NewBucket(stack, "Evidence", storage.BucketProps{
		RuleID:         "delete-old-evidence",
		RetentionDays:  env.Config.IncidentResponse.EvidenceRetentionDays,
		NoncurrentDays: 30,
		Locked:         !env.Lifecycle.Disposable,
		AccessLogs:     accessLogs,
		AccessLogName:  "evidence",
		Disposable:     env.Lifecycle.Disposable,
	})
	bucket.AllowLogExport("incidents")
	return bucket.S3
}

// newResponse defines the response stack. A short-lived environment has what
// its rotation needs: nobody responds to an incident in it but by destroying
// it.
func newResponse(env environment.Environment, props responseProps) *Response {
	stack := env.NewStack("response", "Runbooks of the Product Catalog API, and what starts them")
	r := &response{Environment: env, responseProps: props, stack: stack, references: newReferences(props)}
	if !env.Config.ShortLived {
		evidence := newEvidenceBucket(env, stack, props.Data.accessLogs(env))
		r.evidenceName, r.evidenceARN = evidence.BucketName(), evidence.BucketArn()
		environment.Output(stack, "EvidenceBucket", "Where runbooks keep what they saved and collected", r.evidenceName)
	}
	recovery := r.newRecovery()
	if env.Config.Audit.Trail != config.OwnershipOff {
		r.newRotationLoop(recovery.replaceTasks)
	}
	if !env.Config.ShortLived {
		r.newContainment()
		r.newEvidence()
		r.newEvents()
		r.newResponders()
	}
	r.closeDefaultGroup()
	r.tellOfFailedRunbooks()
	automation.NewClaims(stack, "Claims", automation.ClaimsProps{Runbooks: r.runbooks, Documents: r.RunbookName("")})
	monitoring.NewUndeliveredAlarms(stack, env, r.Monitoring.Topic, r.rules)
	r.spreadCreation()
	return &Response{stack}
}

// add defines the runbook in runbooks/NAME.yaml.
func (r *response) add(id, name string, role awsiam.IRole, constants map[string]any) *automation.Runbook {
	runbook := automation.NewRunbook(r.stack, id, automation.RunbookProps{
		Name:      r.RunbookName(name),
		File:      name + ".yaml",
		Files:     runbookFiles,
		Constants: constants,
		Role:      role,
		Tags:      r.runTags(),
		ARNPrefix: *r.ARN("ssm", ""),
	})
	r.runbooks = append(r.runbooks, runbook)
	return runbook
}

// runTags are what the runs of this environment's runbooks, and its OpsItems, are
// told by. Others in the account may have either of them, and not both.
func (r *response) runTags() map[string]string {
	return map[string]string{"project": config.Project, "environment": r.Config.Environment}
}

// tagged is the condition that a request, or a resource, has the tags.
func (r *response) tagged(prefix string) map[string]any {
	return automation.TagConditions(prefix, r.runTags())
}

// newEvent defines a rule that tells the topic of events.
func (r *response) newEvent(id string, props alerting.NotificationRuleProps) {
	r.rules = append(r.rules, alerting.NewNotificationRule(r.stack, id, props).Rule)
}

// newStart defines a rule that starts a runbook.
func (r *response) newStart(id string, props automation.TriggerProps) {
	r.rules = append(r.rules, automation.NewTrigger(r.stack, id, props).Rule)
}

// common are the constants of every family, and more of its own: where evidence
// goes, who is told and who approves.
func (r *response) common(more map[string]any) map[string]any {
	constants := map[string]any{
		"Environment": r.Name,
		"Evidence":    r.evidenceName,
		"Topic":       r.topicARN,
		"Approvers":   r.approvers(),
	}
	maps.Copy(constants, more)
	return constants
}

// approvers are the role Approver and whom the configuration adds: up to ten,
// as many as an approval can have.
func (r *response) approvers() []*string {
	return append([]*string{r.IAM.Approver.RoleArn()}, *jsii.Strings(r.Config.IncidentResponse.Approvers...)...)
}

// tell lets a runbook publish to the topic, which is encrypted.
func (r *response) tell() []permissions.Statement {
	throughSNS := map[string]any{"StringEquals": map[string]any{"kms:ViaService": "sns." + r.Config.Region + ".amazonaws.com"}}
	return []permissions.Statement{
		permissions.Allow("Tell", "sns:Publish").On(r.topicARN),
		permissions.Allow("EncryptWhatIsTold", "kms:Decrypt", "kms:GenerateDataKey").On(r.topicKeyARN).If(throughSNS),
	}
}

// keep lets a runbook save something, and load what was saved first: versions
// are locked, and whatever is written over them is another.
func (r *response) keep() []permissions.Statement {
	load := permissions.Allow("Load", "s3:GetObjectVersion").On(r.evidenceObjects(incidents + "/*"))
	return []permissions.Statement{r.find("s3:ListBucketVersions"), r.save(incidents), load}
}

// find lets a runbook list what incidents saved.
func (r *response) find(action string) permissions.Statement {
	ofIncidents := map[string]any{"StringLike": map[string]any{"s3:prefix": incidents + "/*"}}
	return permissions.Allow("FindWhatWasSaved", action).On(r.evidenceARN).If(ofIncidents)
}

// save lets a runbook write below a folder.
func (r *response) save(folder string) permissions.Statement {
	return permissions.Allow("Save", "s3:PutObject").On(r.evidenceObjects(folder + "/*"))
}

// runbook is the one of the name that was defined before, or nil.
func (r *response) runbook(name string) *automation.Runbook {
	for _, runbook := range r.runbooks {
		if runbook.Name == r.RunbookName(name) {
			return runbook
		}
	}
	return nil
}

// runbookNames are those of all runbooks. What they start with would not do: what
// is in prod-eu has names that start as those in prod do.
func (r *response) runbookNames() []string {
	var names []string
	for _, runbook := range r.runbooks {
		names = append(names, runbook.Name)
	}
	return names
}

// spreadCreation lets five documents be made at a time: SSM refuses more
// (Throttling of CreateDocument).
func (r *response) spreadCreation() {
	const atOnce = 5
	for i := atOnce; i < len(r.runbooks); i++ {
		r.runbooks[i].Document.AddResourceDependency(r.runbooks[i-atOnce].Document, nil)
	}
}

// tellOfFailedRunbooks is about all of them, whoever started one. A runbook reads
// what the event does not have, the step and its message, and tells a refusal
// from a failure. Where that runbook itself fails, the topic is told at once.
func (r *response) tellOfFailedRunbooks() {
	failing := r.runbookNames()
	role := r.newRole("ReportFailedRunRole", automation.RoleProps{
		Description: "Reads runs of runbooks and tells how they ended",
		Statements:  append(r.tell(), permissions.Allow("SeeRun", "ssm:GetAutomationExecution").On(r.executions())),
	})
	report := r.add("ReportFailedRun", "report-failed-run", role, map[string]any{"Environment": r.Name, "Topic": r.topicARN})
	r.newStart("RunbookFailed", automation.TriggerProps{
		Pattern:    endedBadly(failing...),
		Meaning:    monitoring.Describe("RunbookFailed", alerting.Critical, "A runbook failed, or refused to begin: report-failed-run tells which one, at which step and why").Text(),
		Runbook:    report,
		Parameters: map[string]string{"ExecutionId": "<execution>"},
		Paths:      map[string]string{"execution": "$.detail.ExecutionId"},
	})
	r.newEvent("ReportFailed", alerting.NotificationRuleProps{
		Description: monitoring.Describe("RunbookFailed", alerting.Critical, "A runbook failed, and so did report-failed-run, which tells which one"),
		Mail: alerting.Mail{
			What:        "<runbook>: <status>",
			Which:       "execution <execution>",
			Environment: r.Name,
			Look: "aws ssm get-automation-execution --region <region> --automation-execution-id <execution> " +
				"--query 'AutomationExecution.[FailureMessage,StepExecutions[].[StepName,StepStatus]]'",
			Paths: map[string]string{"runbook": "$.detail.Definition", "status": "$.detail.Status", "execution": "$.detail.ExecutionId"},
		},
		Pattern: endedBadly(report.Name),
		Topic:   r.Monitoring.Topic,
	})
}

// endedBadly matches the end of a run of the runbooks. How Systems Manager calls
// one that was rejected is not documented.
func endedBadly(runbooks ...string) map[string]any {
	return alerting.EventPattern("aws.ssm", []string{"EC2 Automation Execution Status-change Notification"}, map[string]any{
		"Definition": runbooks,
		"Status":     []string{"Failed", "TimedOut", "Rejected"},
	})
}
