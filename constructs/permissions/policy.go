package permissions

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"catalog-infra/constructs/required"
)

// PolicyProps configures a Policy.
type PolicyProps struct {
	// Description says in one line what the policy is for. IAM cannot change it: a
	// new description replaces the policy.
	Description string `required:"true"`

	// Roles and Groups are the principals that the policy is attached to.
	Roles  []awsiam.IRole
	Groups []interfacesawsiam.IGroupRef

	// Statements are all statements of the policy.
	Statements []Statement `required:"true"`
}

// Policy is a customer-managed policy. Unlike an inline policy it can be reviewed
// and attached on its own.
type Policy struct {
	Managed awsiam.ManagedPolicy
}

// NewPolicy defines a Policy.
func NewPolicy(scope constructs.Construct, id string, props PolicyProps) *Policy {
	required.Check(id, props)
	statements := make([]map[string]any, len(props.Statements))
	for i, statement := range props.Statements {
		statements[i] = statement.json()
	}
	return &Policy{awsiam.NewManagedPolicy(scope, &id, &awsiam.ManagedPolicyProps{
		Description: &props.Description,
		Roles:       &props.Roles,
		Groups:      &props.Groups,
		Document:    awsiam.PolicyDocument_FromJson(map[string]any{"Statement": statements}),
	})}
}

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

	// SourceOptional also accepts a request that does not say for which account the
	// service assumes the role. It is for a service that is not documented to say so.
	SourceOptional bool
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
	equals := "StringEquals"
	if props.SourceOptional {
		equals += "IfExists"
	}
	conditions := map[string]any{equals: map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}
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
