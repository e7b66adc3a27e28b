package automation

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"catalog-infra/constructs/permissions"
)

// automationService is what assumes the roles of runbooks.
const automationService = "ssm.amazonaws.com"

// RoleProps configures a role.
type RoleProps struct {
	// Description says in one line what its runbooks do.
	Description string

	// Statements are all that they may do.
	Statements []permissions.Statement

	// Account is that of the stack. Executions of another one do not assume the role.
	Account string

	// ARNPrefix is how the ARNs of Systems Manager begin where the runbooks are, such
	// as "arn:aws:ssm:eu-north-1:111122223333:".
	ARNPrefix string
}

// NewRole defines the role of a family of runbooks: those that undo or start
// one another and so need the same permissions. A grant would be a policy of
// its own beside Statements. Only executions of this account assume it.
func NewRole(scope constructs.Construct, id string, props RoleProps) awsiam.IRole {
	if props.Account == "" || props.ARNPrefix == "" {
		panic("automation: " + id + ": got no Account or no ARNPrefix, without which anybody's executions could assume the role")
	}
	return newServiceRole(scope, id, automationService, props, map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": props.Account},
		"ArnLike":      map[string]any{"aws:SourceArn": props.ARNPrefix + "automation-execution/*"},
	})
}

func newServiceRole(scope constructs.Construct, id, service string, props RoleProps, conditions map[string]any) awsiam.IRole {
	role := awsiam.NewRole(scope, &id, &awsiam.RoleProps{
		Description: &props.Description,
		AssumedBy:   awsiam.NewServicePrincipal(&service, &awsiam.ServicePrincipalOpts{Conditions: &conditions}),
	})
	permissions.NewPolicy(scope, id+"Policy", permissions.PolicyProps{
		Description: props.Description,
		Roles:       []awsiam.IRole{role},
		Statements:  props.Statements,
	})
	return role
}
