package automation

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"catalog-infra/constructs/permissions"
)

// claimScript runs before the first step of every runbook.
//
//go:embed claim_run.py
var claimScript string

// claim is the first step of a runbook whose runs have these tags. It ends the run
// of a version that is not the default: old versions cannot be deleted by
// CloudFormation, and which of the resources and keys that IAM knows of a start
// AWS checks is not documented. Then it tags the run, whoever started it: events
// cannot tag what they start, and IAM tells runs apart by nothing else. A run that
// cannot be tagged goes on, and only administrators can follow or approve it.
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

// TagList returns the tags as AWS takes them, in the order of their keys.
func TagList(tags map[string]string) []map[string]string {
	var list []map[string]string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, map[string]string{"Key": key, "Value": tags[key]})
	}
	return list
}

// ClaimsProps configures NewClaims. All of it is required.
type ClaimsProps struct {
	// Runbooks are those whose first step is allowed. They have the same tags.
	Runbooks []*Runbook

	// Documents is what the names of the runbooks' documents begin with.
	Documents string
}

// NewClaims defines what the first step of every runbook needs: one policy for
// all of their roles. It sees any run and tags none but as the environment's.
func NewClaims(scope constructs.Construct, id string, props ClaimsProps) {
	stack := awscdk.Stack_Of(scope)
	executions, documents := ssmARN(stack, "automation-execution/*"), ssmARN(stack, "document/"+props.Documents+"*")
	permissions.NewPolicy(scope, id, permissions.PolicyProps{
		Description: "Lets runbooks see which version runs, and tag their runs",
		Roles:       rolesOf(props.Runbooks),
		Statements: []permissions.Statement{
			permissions.Allow("SeeRun", "ssm:GetAutomationExecution").On(executions),
			permissions.Allow("SeeCurrentVersion", "ssm:DescribeDocument").On(documents),
			permissions.Allow("TagRun", "ssm:AddTagsToResource").On(executions).
				If(TagConditions("aws:RequestTag/", props.Runbooks[0].tags)),
		},
	})
}

// TagConditions returns the condition that a request, by the prefix
// "aws:RequestTag/", or a resource, by "aws:ResourceTag/", has all of the tags. It
// is false of one without a tag.
func TagConditions(prefix string, tags map[string]string) map[string]any {
	equal := map[string]any{}
	for key, value := range tags {
		equal[prefix+key] = value
	}
	return map[string]any{"StringEquals": equal}
}

// rolesOf returns the roles of the runbooks, each once.
func rolesOf(runbooks []*Runbook) []awsiam.IRole {
	var roles []awsiam.IRole
	seen := map[string]bool{}
	for _, runbook := range runbooks {
		if !seen[runbook.role] {
			seen[runbook.role] = true
			roles = append(roles, runbook.iamRole)
		}
	}
	return roles
}
