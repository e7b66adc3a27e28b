package permissions

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// Statement is a statement of a policy. It is no object in CDK's process, unlike
// awsiam.PolicyStatement, so making and changing one costs no call.
type Statement struct {
	Sid string

	// Deny makes it a deny statement; the zero value allows.
	Deny bool

	// Either Actions or NotActions is given.
	Actions, NotActions []string

	Resources []*string

	// Conditions are by operator and key.
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

// For returns the statement for the policy of a resource, with its principal.
func (s Statement) For(principal awsiam.IPrincipal) awsiam.PolicyStatement {
	statement := awsiam.PolicyStatement_FromJson(s.json())
	statement.AddPrincipals(principal)
	return statement
}

// ForService returns the statement for the policy of a resource, with an AWS
// service as its principal.
func (s Statement) ForService(service string) awsiam.PolicyStatement {
	return s.For(awsiam.NewServicePrincipal(&service, nil))
}

// json returns the statement in IAM's policy language, without a principal.
func (s Statement) json() map[string]any {
	if len(s.Resources) == 0 {
		panic("permissions: the statement " + s.Sid + " has no resources: call On or OnAll")
	}
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
