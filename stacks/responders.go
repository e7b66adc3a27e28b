package stacks

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/automation"
	"catalog-infra/constructs/permissions"
)

// newResponders says who starts runbooks and who approves what they ask for:
// two roles, neither of which can do both. What is denied here stays denied
// whatever other policies somebody gives the roles.
func (r *response) newResponders() {
	number := 0
	for some := range slices.Chunk(r.runbooks, startsInPolicy) {
		number++
		r.newRespondersPolicy(fmt.Sprintf("OperatorStarts%d", number), "Starts runbooks", r.IAM.Operator, startAll(some))
	}
	r.newRespondersPolicy("OperatorFollows", "Follows and stops runbooks and reads evidence; approves and edits nothing", r.IAM.Operator,
		append(r.readStatements(),
			r.ofOurRuns("StopRunbooks", "ssm:StopAutomationExecution"),
			deny("ApproveNothing", "ssm:SendAutomationSignal")))
	r.newRespondersPolicy("OperatorAnalyzes", "Finds the runbooks in the console, reads the logs, closes OpsItems", r.IAM.Operator, append(r.analyzeStatements(), r.lookStatements()...))
	r.newRespondersPolicy("ApproverApproves", "Approves what runbooks ask for and reads evidence; starts and edits nothing", r.IAM.Approver,
		append(r.readStatements(),
			// Whose approval counts is in each runbook, too: those of other environments
			// name other approvers.
			r.ofOurRuns("Approve", "ssm:SendAutomationSignal"),
			deny("StartNothing", "ssm:StartAutomationExecution", "ssm:StartChangeRequestExecution", "ssm:StopAutomationExecution")))
}

// ofOurRuns allows something with the runs of this environment's runbooks, which
// nobody knows by their ids before they start.
func (r *response) ofOurRuns(sid string, actions ...string) permissions.Statement {
	return statementIf(sid, r.executions(), r.tagged("aws:ResourceTag/"), actions...)
}

// startsInPolicy is for how many runbooks one policy lets them be started: a
// policy has at most 6144 characters.
const startsInPolicy = 10

func (r *response) newRespondersPolicy(id, description string, role awsiam.IRole, statements []permissions.Statement) {
	permissions.NewPolicy(r.stack, id, permissions.PolicyProps{
		Description: description,
		Roles:       []awsiam.IRole{role},
		Statements:  statements,
	})
}

// startAll lets somebody start runbooks, each with its own role.
func startAll(runbooks []*automation.Runbook) []permissions.Statement {
	var statements []permissions.Statement
	for _, runbook := range runbooks {
		statements = append(statements, runbook.StartStatements()...)
	}
	return statements
}

// analyzeStatements let somebody find out what happened, and close the OpsItem
// of it.
func (r *response) analyzeStatements() []permissions.Statement {
	return []permissions.Statement{
		several("ReadLogs", r.logARNs(r.exportedLogs()),
			"logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"),
		// Neither action knows a resource.
		statement("FindRunbooksAndOpsItems", jsii.String("*"), "ssm:DescribeOpsItems", "ssm:ListDocuments"),
		// An item's id is made when it is opened; open-incident tags it.
		statementIf("CloseOpsItem", r.arn("ssm", "opsitem/*"), r.tagged("aws:ResourceTag/"), "ssm:GetOpsItem", "ssm:UpdateOpsItem"),
	}
}

// lookStatements let somebody type the commands in the e-mails of events.
func (r *response) lookStatements() []permissions.Statement {
	return []permissions.Statement{
		statement("LookAtService", r.serviceARN, "ecs:DescribeServices"),
		statement("LookAtHub", r.arn("securityhub", "hub/default"), "securityhub:GetFindings"),
		// The account has the analyzer, whatever it is called.
		statement("LookAtAccess", r.arn("access-analyzer", "analyzer/*"), "access-analyzer:GetFinding"),
		// None of these knows a resource.
		statement("LookAtFindingsAndJobs", jsii.String("*"),
			"backup:DescribeBackupJob", "backup:DescribeCopyJob", "backup:DescribeRestoreJob", "guardduty:GetFindings", "inspector2:ListFindings"),
	}
}

func (r *response) documentARNs() []*string {
	var arns []*string
	for _, name := range r.runbookNames() {
		arns = append(arns, r.arn("ssm", "document/"+name))
	}
	return arns
}

// readStatements let somebody read runbooks, follow their runs and read what
// they saved; they keep runbooks and evidence as they are.
func (r *response) readStatements() []permissions.Statement {
	ofEvidence := map[string]any{"StringLike": map[string]any{"s3:prefix": []string{incidents + "/*", accessReviews + "/*"}}}
	return []permissions.Statement{
		several("ReadRunbooks", r.documentARNs(),
			"ssm:DescribeDocument", "ssm:DescribeDocumentParameters", "ssm:GetDocument", "ssm:ListDocumentVersions"),
		r.ofOurRuns("FollowRuns", "ssm:DescribeAutomationStepExecutions", "ssm:GetAutomationExecution"),
		r.seeRuns(),
		statementIf("FindEvidence", r.evidenceARN, ofEvidence, "s3:ListBucket"),
		several("ReadEvidence", []*string{
			r.evidenceObjects(incidents + "/*"), r.evidenceObjects(accessReviews + "/*"),
		}, "s3:GetObject"),
		deny("EditNoRunbook",
			"ssm:CreateDocument", "ssm:DeleteDocument", "ssm:ModifyDocumentPermission",
			"ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion", "ssm:UpdateDocumentMetadata"),
		denyOn("ChangeNoEvidence", []*string{r.evidenceARN, r.evidenceObjects("*")},
			"s3:BypassGovernanceRetention", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject", "s3:DeleteObjectVersion",
			"s3:PutBucketObjectLockConfiguration", "s3:PutBucketPolicy", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration",
			"s3:PutObject", "s3:PutObjectLegalHold", "s3:PutObjectRetention"),
	}
}
