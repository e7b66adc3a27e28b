package response

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"catalog-infra/constructs/permissions"
)

// startsInPolicy is how many runbooks one policy allows to start. A policy has
// at most 6144 characters.
const startsInPolicy = 10

// newPeoplesPolicies defines what Operator and Approver may do with runbooks.
// No role may both start and approve one. The denials hold whatever other
// policies the roles are given.
func (s *stack) newPeoplesPolicies() {
	r, operator, approver := s.resources, s.resources.props.Operator, s.resources.props.Approver
	startable := slices.DeleteFunc(slices.Clone(r.runbooks), func(row runbook) bool { return row.eventsOnly })
	number := 0
	for rows := range slices.Chunk(startable, startsInPolicy) {
		number++
		s.newPolicy(fmt.Sprintf("OperatorStarts%d", number), "Starts runbooks", operator, s.startStatements(rows))
	}
	s.newPolicy("OperatorFollows", "Reads and stops runs of runbooks, reads evidence; denies approvals and changes", operator,
		append(followStatements(r),
			r.onOurRuns("StopRunbooks", "ssm:StopAutomationExecution"),
			permissions.Deny("DenyApprove", "ssm:SendAutomationSignal").OnAll()))
	s.newPolicy("OperatorAnalyzes", "Lists runbooks, reads logs and findings, closes OpsItems", operator, analyzeStatements(r))
	s.newPolicy("ApproverApproves", "Approves runs of runbooks, reads evidence; denies starts and changes", approver,
		append(followStatements(r),
			// Each runbook also names its approvers: those of other environments name others.
			r.onOurRuns("Approve", "ssm:SendAutomationSignal"),
			permissions.Deny("DenyStartAndStop",
				"ssm:StartAutomationExecution", "ssm:StartChangeRequestExecution", "ssm:StopAutomationExecution").
				OnAll()))
}

func (s *stack) newPolicy(id, description string, role awsiam.IRole, statements []permissions.Statement) {
	permissions.NewPolicy(s.Stack, id, permissions.PolicyProps{
		Description: description,
		Roles:       []awsiam.IRole{role},
		Statements:  statements,
	})
}

// startStatements allow starting the runbooks, and passing each its role.
func (s *stack) startStatements(rows []runbook) []permissions.Statement {
	var statements []permissions.Statement
	for _, row := range rows {
		statements = append(statements, s.runbook(row.name).StartStatements()...)
	}
	return statements
}

// onOurRuns allows actions on runs of this environment's runbooks, whose IDs are
// not known before they start.
func (r *resources) onOurRuns(sid string, actions ...string) permissions.Statement {
	return permissions.Allow(sid, actions...).On(r.executionsARN()).If(r.tagged("aws:ResourceTag/"))
}

// analyzeStatements allow reading the logs, closing OpsItems and running the
// commands in the e-mails.
func analyzeStatements(r *resources) []permissions.Statement {
	return []permissions.Statement{
		permissions.Allow("ReadLogs", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery").
			On(r.exportedLogARNs()...),
		// Neither action supports resource-level permissions.
		permissions.Allow("ListRunbooksAndOpsItems", "ssm:DescribeOpsItems", "ssm:ListDocuments").OnAll(),
		// The ID of an OpsItem is generated; open-incident tags it.
		permissions.Allow("UpdateOpsItem", "ssm:GetOpsItem", "ssm:UpdateOpsItem").
			On(r.env.ARN("ssm", "opsitem/*")).If(r.tagged("aws:ResourceTag/")),
		permissions.Allow("DescribeService", "ecs:DescribeServices").On(r.serviceARN),
		permissions.Allow("GetSecurityHubFindings", "securityhub:GetFindings").On(r.env.ARN("securityhub", "hub/default")),
		// The account owns the analyzer, so its name may be any.
		permissions.Allow("GetAccessFindings", "access-analyzer:GetFinding").On(r.env.ARN("access-analyzer", "analyzer/*")),
		// None of these supports resource-level permissions.
		permissions.Allow("GetFindingsAndJobs",
			"backup:DescribeBackupJob", "backup:DescribeCopyJob", "backup:DescribeRestoreJob",
			"guardduty:GetFindings", "inspector2:ListFindings").
			OnAll(),
	}
}

// followStatements allow reading runbooks, their runs and the evidence, and deny
// changing runbooks and evidence.
func followStatements(r *resources) []permissions.Statement {
	var documents []*string
	for _, row := range r.runbooks {
		documents = append(documents, r.env.ARN("ssm", "document/"+r.env.RunbookName(row.name)))
	}
	return append(listRuns(r),
		permissions.Allow("ReadRunbooks",
			"ssm:DescribeDocument", "ssm:DescribeDocumentParameters", "ssm:GetDocument", "ssm:ListDocumentVersions").
			On(documents...),
		r.onOurRuns("ReadRuns", "ssm:DescribeAutomationStepExecutions", "ssm:GetAutomationExecution"),
		permissions.Allow("ListEvidence", "s3:ListBucket").On(r.evidenceARN).If(map[string]any{
			"StringLike": map[string]any{"s3:prefix": []string{incidents + "/*", accessReviews + "/*"}},
		}),
		permissions.Allow("ReadEvidence", "s3:GetObject").
			On(r.evidenceObjects(incidents+"/*"), r.evidenceObjects(accessReviews+"/*")),
		permissions.Deny("DenyEditRunbooks",
			"ssm:CreateDocument", "ssm:DeleteDocument", "ssm:ModifyDocumentPermission", "ssm:UpdateDocument",
			"ssm:UpdateDocumentDefaultVersion", "ssm:UpdateDocumentMetadata").
			OnAll(),
		permissions.Deny("DenyChangeEvidence",
			"s3:BypassGovernanceRetention", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject",
			"s3:DeleteObjectVersion", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketPolicy",
			"s3:PutBucketVersioning", "s3:PutLifecycleConfiguration", "s3:PutObject", "s3:PutObjectLegalHold",
			"s3:PutObjectRetention").
			On(r.evidenceARN, r.evidenceObjects("*")))
}
