package permissions

import (
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
