package automation

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// automationService assumes the roles of runbooks.
const automationService = "ssm.amazonaws.com"

// RoleProps configures a Role.
type RoleProps struct {
	// Description says in one line what the runbooks of the role do.
	Description string `required:"true"`

	// Statements are all that the runbooks may do. A grant would be a policy of its
	// own beside them.
	Statements []permissions.Statement `required:"true"`

	// ARNPrefix is the start of the ARNs of Systems Manager in the runbooks' account
	// and region, such as "arn:aws:ssm:eu-north-1:111122223333:".
	ARNPrefix string `required:"true"`
}

// Role is the role of runbooks that need the same permissions: some undo or start
// others. Only executions of this account and region assume it.
type Role struct {
	IAM awsiam.IRole
}

// NewRole defines a Role.
func NewRole(scope constructs.Construct, id string, props RoleProps) *Role {
	required.Check(id, props)
	return &Role{permissions.NewServiceRole(scope, id, permissions.ServiceRoleProps{
		Service:     automationService,
		Description: props.Description,
		Statements:  props.Statements,
		SourceARN:   props.ARNPrefix + "automation-execution/*",
	}).Role}
}
