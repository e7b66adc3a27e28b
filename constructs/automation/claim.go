package automation

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// claimScript runs before the first step of every runbook.
//
//go:embed claim_run.py
var claimScript string

// claim returns the first step of a runbook, which adds the tags to the run.
//
// It ends the run of a version that is not the default. CloudFormation cannot delete
// old versions, and AWS does not document which version IAM checks for a start.
//
// It adds the tags, since the starter may be an event rule, which cannot, and IAM
// distinguishes runs by nothing else. A run that cannot be tagged goes on; only
// administrators can follow or approve it.
func claim(tags map[string]string) map[string]any {
	return map[string]any{
		"name":           "ClaimRun",
		"description":    "Ends the run of an old version of this runbook, and tags the run of the current one as the environment's.",
		"action":         "aws:executeScript",
		"timeoutSeconds": 60,
		"onFailure":      "Abort",
		"inputs": map[string]any{
			"Runtime":      scriptRuntime,
			"Handler":      "claim_run",
			"InputPayload": map[string]any{"Execution": "{{ automation:EXECUTION_ID }}", "Tags": TagList(tags)},
			"Script":       claimScript,
		},
	}
}

// TagList returns the tags as a list of Key and Value, in the order of their keys.
func TagList(tags map[string]string) []map[string]string {
	var list []map[string]string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, map[string]string{"Key": key, "Value": tags[key]})
	}
	return list
}

// ClaimPolicyProps configures a ClaimPolicy.
type ClaimPolicyProps struct {
	// Runbooks are the runbooks whose first step is allowed. They have the same tags.
	Runbooks []*Runbook `required:"true"`

	// DocumentPrefix starts the names of the runbooks' documents.
	DocumentPrefix string `required:"true"`
}

// ClaimPolicy allows the first step of every runbook, for the roles of all runbooks. It
// allows describing any run, and tagging one with the environment's tags only.
type ClaimPolicy struct {
	Policy awsiam.ManagedPolicy
}

// NewClaimPolicy defines a ClaimPolicy.
func NewClaimPolicy(scope constructs.Construct, id string, props ClaimPolicyProps) *ClaimPolicy {
	required.Check(id, props)
	executions := permissions.ARN(scope, "ssm", "automation-execution/*")
	documents := permissions.ARN(scope, "ssm", "document/"+props.DocumentPrefix+"*")
	return &ClaimPolicy{permissions.NewPolicy(scope, id, permissions.PolicyProps{
		Description: "Allows runbooks to describe and tag their runs, and to find the current version",
		Roles:       rolesOf(props.Runbooks),
		Statements: []permissions.Statement{
			permissions.Allow("DescribeRun", "ssm:GetAutomationExecution").On(executions),
			permissions.Allow("DescribeCurrentVersion", "ssm:DescribeDocument").On(documents),
			permissions.Allow("TagRun", "ssm:AddTagsToResource").On(executions).
				If(TagConditions("aws:RequestTag/", props.Runbooks[0].tags)),
		},
	}).Managed}
}

// TagConditions returns the condition that a request (prefix "aws:RequestTag/") or a
// resource ("aws:ResourceTag/") has all of the tags. It is false without a tag.
func TagConditions(prefix string, tags map[string]string) map[string]any {
	equal := map[string]any{}
	for key, value := range tags {
		equal[prefix+key] = value
	}
	return map[string]any{"StringEquals": equal}
}

// rolesOf returns the roles of the runbooks, a shared one more than once: CDK attaches a
// policy to a role once.
func rolesOf(runbooks []*Runbook) []awsiam.IRole {
	var roles []awsiam.IRole
	for _, runbook := range runbooks {
		roles = append(roles, runbook.iamRole)
	}
	return roles
}
