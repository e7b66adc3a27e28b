// Package permissions defines IAM policies of statements in plain Go.
package permissions

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Statement is a statement of an identity-based policy. CDK's own is an object in
// CDK's process: a statement would be a call, and so would each change of it.
type Statement struct {
	Sid string

	// Deny refuses what the zero value allows.
	Deny bool

	// Actions are what the statement is about, or NotActions what it is not about.
	Actions, NotActions []string

	Resources  []*string
	Conditions map[string]any
}

// Allow returns a statement that allows the actions. It needs resources: On or
// OnAll.
func Allow(sid string, actions ...string) Statement {
	return Statement{Sid: sid, Actions: actions}
}

// Deny returns a statement that denies the actions. It needs resources: On or
// OnAll.
func Deny(sid string, actions ...string) Statement {
	return Statement{Sid: sid, Deny: true, Actions: actions}
}

// On returns the statement for the resources, which are ARNs.
func (s Statement) On(resources ...*string) Statement {
	s.Resources = resources
	return s
}

// OnAll returns the statement for all resources, which actions need that do not
// support resource-level permissions.
func (s Statement) OnAll() Statement { return s.On(jsii.String("*")) }

// If returns the statement under the conditions, by operator and key.
func (s Statement) If(conditions map[string]any) Statement {
	s.Conditions = conditions
	return s
}

// json returns the statement as IAM's policy language has it.
func (s Statement) json() map[string]any {
	statement := map[string]any{"Effect": "Allow", "Resource": s.Resources}
	if s.Deny {
		statement["Effect"] = "Deny"
	}
	if s.Sid != "" {
		statement["Sid"] = s.Sid
	}
	if len(s.Actions) > 0 {
		statement["Action"] = s.Actions
	}
	if len(s.NotActions) > 0 {
		statement["NotAction"] = s.NotActions
	}
	if len(s.Conditions) > 0 {
		statement["Condition"] = s.Conditions
	}
	return statement
}

// PolicyProps configures a policy.
type PolicyProps struct {
	// Description says in one line what the policy is for. IAM never changes it:
	// another one replaces the policy.
	Description string

	// Roles and Groups have the policy.
	Roles  []awsiam.IRole
	Groups []interfacesawsiam.IGroupRef

	// Statements are all that the policy says.
	Statements []Statement
}

// NewPolicy defines a customer managed policy. Unlike an inline policy it can be
// reviewed and attached on its own.
func NewPolicy(scope constructs.Construct, id string, props PolicyProps) awsiam.ManagedPolicy {
	statements := make([]map[string]any, len(props.Statements))
	for i, statement := range props.Statements {
		if len(statement.Resources) == 0 {
			panic("permissions: the statement " + statement.Sid + " of " + id + " has no resources: call On or OnAll")
		}
		statements[i] = statement.json()
	}
	return awsiam.NewManagedPolicy(scope, &id, &awsiam.ManagedPolicyProps{
		Description: &props.Description,
		Roles:       &props.Roles,
		Groups:      &props.Groups,
		Document:    awsiam.PolicyDocument_FromJson(map[string]any{"Statement": statements}),
	})
}
