package stacks

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

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
			permissions.Deny("ApproveNothing", "ssm:SendAutomationSignal").OnAll()))
	r.newRespondersPolicy("OperatorAnalyzes", "Finds the runbooks in the console, reads the logs, closes OpsItems", r.IAM.Operator, append(r.analyzeStatements(), r.lookStatements()...))
	r.newRespondersPolicy("ApproverApproves", "Approves what runbooks ask for and reads evidence; starts and edits nothing", r.IAM.Approver,
		append(r.readStatements(),
			// Whose approval counts is in each runbook, too: those of other environments
			// name other approvers.
			r.ofOurRuns("Approve", "ssm:SendAutomationSignal"),
			permissions.Deny("StartNothing", "ssm:StartAutomationExecution", "ssm:StartChangeRequestExecution", "ssm:StopAutomationExecution").OnAll()))
}

// ofOurRuns allows something with the runs of this environment's runbooks, which
// nobody knows by their ids before they start.
func (r *response) ofOurRuns(sid string, actions ...string) permissions.Statement {
	return permissions.Allow(sid, actions...).On(r.executions()).If(r.tagged("aws:ResourceTag/"))
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
		permissions.Allow("ReadLogs",
			"logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery").On(r.logARNs(r.exportedLogs())...),
		// Neither action knows a resource.
		permissions.Allow("FindRunbooksAndOpsItems", "ssm:DescribeOpsItems", "ssm:ListDocuments").OnAll(),
		// An item's id is made when it is opened; open-incident tags it.
		permissions.Allow("CloseOpsItem", "ssm:GetOpsItem", "ssm:UpdateOpsItem").On(r.ARN("ssm", "opsitem/*")).If(r.tagged("aws:ResourceTag/")),
	}
}

// lookStatements let somebody type the commands in the e-mails of events.
func (r *response) lookStatements() []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("LookAtService", "ecs:DescribeServices").On(r.serviceARN),
		permissions.Allow("LookAtHub", "securityhub:GetFindings").On(r.ARN("securityhub", "hub/default")),
		// The account has the analyzer, whatever it is called.
		permissions.Allow("LookAtAccess", "access-analyzer:GetFinding").On(r.ARN("access-analyzer", "analyzer/*")),
		// None of these knows a resource.
		permissions.Allow("LookAtFindingsAndJobs",
			"backup:DescribeBackupJob", "backup:DescribeCopyJob", "backup:DescribeRestoreJob", "guardduty:GetFindings", "inspector2:ListFindings").OnAll(),
	}
}

func (r *response) documentARNs() []*string {
	var arns []*string
	for _, name := range r.runbookNames() {
		arns = append(arns, r.ARN("ssm", "document/"+name))
	}
	return arns
}

// readStatements let somebody read runbooks, follow their runs and read what
// they saved; they keep runbooks and evidence as they are.
func (r *response) readStatements() []permissions.Statement {
	ofEvidence := map[string]any{"StringLike": map[string]any{"s3:prefix": []string{incidents + "/*", accessReviews + "/*"}}}
	return []permissions.Statement{
		permissions.Allow("ReadRunbooks",
			"ssm:DescribeDocument", "ssm:DescribeDocumentParameters", "ssm:GetDocument", "ssm:ListDocumentVersions").On(r.documentARNs()...),
		r.ofOurRuns("FollowRuns", "ssm:DescribeAutomationStepExecutions", "ssm:GetAutomationExecution"),
		r.seeRuns(),
		permissions.Allow("FindEvidence", "s3:ListBucket").On(r.evidenceARN).If(ofEvidence),
		permissions.Allow("ReadEvidence", "s3:GetObject").On(
			r.evidenceObjects(incidents+"/*"), r.evidenceObjects(accessReviews+"/*"),
		),
		permissions.Deny("EditNoRunbook",
			"ssm:CreateDocument", "ssm:DeleteDocument", "ssm:ModifyDocumentPermission",
			"ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion", "ssm:UpdateDocumentMetadata").OnAll(),
		permissions.Deny("ChangeNoEvidence",
			"s3:BypassGovernanceRetention", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject", "s3:DeleteObjectVersion",
			"s3:PutBucketObjectLockConfiguration", "s3:PutBucketPolicy", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration",
			"s3:PutObject", "s3:PutObjectLegalHold", "s3:PutObjectRetention").On(r.evidenceARN, r.evidenceObjects("*")),
	}
}
