package permissions

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"catalog-infra/constructs/required"
)

// ServiceRoleProps configures a ServiceRole.
type ServiceRoleProps struct {
	// Service assumes the role, such as "backup.amazonaws.com".
	Service string `required:"true"`

	// Description says in one line what the role is for.
	Description string `required:"true"`

	// Statements are all that the role allows. A grant would be a policy of its own.
	Statements []Statement `required:"true"`

	// SourceARN is a pattern of the resources for which the service may assume the
	// role. If it is empty, the service may do so for any resource of the account.
	SourceARN string
}

// ServiceRole is a role that an AWS service assumes on behalf of this account
// only, with one managed policy.
type ServiceRole struct {
	Role   awsiam.Role
	Policy awsiam.ManagedPolicy
}

// NewServiceRole defines a ServiceRole.
func NewServiceRole(scope constructs.Construct, id string, props ServiceRoleProps) *ServiceRole {
	required.Check(id, props)
	conditions := map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}
	if props.SourceARN != "" {
		conditions["ArnLike"] = map[string]any{"aws:SourceArn": props.SourceARN}
	}
	role := awsiam.NewRole(scope, &id, &awsiam.RoleProps{
		Description: &props.Description,
		AssumedBy:   awsiam.NewServicePrincipal(&props.Service, &awsiam.ServicePrincipalOpts{Conditions: &conditions}),
	})
	policy := NewPolicy(scope, id+"Policy", PolicyProps{
		Description: props.Description,
		Roles:       []awsiam.IRole{role},
		Statements:  props.Statements,
	})
	return &ServiceRole{role, policy.Managed}
}
