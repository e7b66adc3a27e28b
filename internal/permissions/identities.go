// Package permissions says what the roles and groups of an assembly may do, who can act as
// whom, and whom one would have to take over to do what must not happen.
package permissions

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
)

// Identity is a role, a group or a user with what it may do.
type Identity struct {
	// Name is STACK/LOGICALID.
	Name string

	// Trust says who may assume a role.
	Trust policy.Document

	// Policy is all of its policies.
	Policy policy.Document

	// Managed are the ARNs of policies that the assembly does not have, such as AWS's own.
	Managed []string

	role      bool
	principal string   // as policies of resources name it
	arns      []string // as policies of identities name it
}

// kinds are the types of identities, and the properties by which a policy is attached to
// them.
var kinds = map[string]string{"AWS::IAM::Role": "Roles", "AWS::IAM::Group": "Groups", "AWS::IAM::User": "Users"}

// Report is what an assembly allows whom.
type Report struct {
	// Identities are in the order of the stacks.
	Identities []*Identity

	resources []policy.Attached // the policies of resources
	assembly  *assembly.Assembly
}

// Read returns the report of an assembly. An error has a line for each mistake in a
// policy; the report then lacks what is wrong.
func Read(synthesized *assembly.Assembly) (Report, error) {
	report := Report{assembly: synthesized}
	byToken := map[string]*Identity{}
	for _, stack := range synthesized.Stacks {
		for _, id := range slices.Sorted(maps.Keys(stack.Template.Resources)) {
			if resource := stack.Template.Resources[id]; kinds[resource.Type] != "" {
				identity := newIdentity(policy.Scope{Assembly: synthesized, Stack: stack}, resource)
				report.Identities = append(report.Identities, identity)
				byToken[token(stack, id)] = identity
			}
		}
	}
	policies, err := policy.All(synthesized)
	for _, p := range policies {
		report.attach(p, byToken)
	}
	return report, err
}

func token(stack assembly.Stack, id string) string { return fmt.Sprintf("${%s.%s}", stack.ID, id) }

func newIdentity(scope policy.Scope, resource assembly.Resource) *Identity {
	kind := strings.ToLower(strings.TrimPrefix(resource.Type, "AWS::IAM::"))
	account, _ := scope.Text(map[string]any{"Ref": "AWS::AccountId"})
	arn := fmt.Sprintf("${%s.%s.Arn}", scope.Stack.ID, resource.ID)
	identity := &Identity{
		Name: scope.Stack.ID + "/" + resource.ID, role: kind == "role",
		principal: fmt.Sprintf("AWS:%s:%s", account, arn),
		arns:      []string{arn, fmt.Sprintf("arn:aws:iam::%s:%s/%s", account, kind, physicalName(scope, resource, kind+"Name"))},
	}
	for _, managed := range resource.Properties.List("ManagedPolicyArns") {
		if _, here := scope.Assembly.Target(scope.Stack, managed); !here {
			text, _ := scope.Text(managed)
			identity.Managed = append(identity.Managed, text)
		}
	}
	return identity
}

// physicalName returns the name of a resource. CloudFormation makes it up from the stack's,
// of which it keeps at least so much, where the template has none.
func physicalName(scope policy.Scope, resource assembly.Resource, property string) string {
	for name, value := range resource.Properties {
		if strings.EqualFold(name, property) {
			if text, ok := scope.Text(value); ok {
				return text
			}
		}
	}
	const kept = 20
	return scope.Stack.Name[:min(kept, len(scope.Stack.Name))] + "*"
}

// attach adds a policy to the identities that have it.
func (r *Report) attach(p policy.Attached, byToken map[string]*Identity) {
	identity := byToken[token(p.Stack, p.Resource.ID)]
	scope := policy.Scope{Assembly: r.assembly, Stack: p.Stack}
	switch {
	case identity != nil && strings.HasSuffix(p.Path, ".AssumeRolePolicyDocument"):
		identity.Trust.Statements = append(identity.Trust.Statements, p.Document.Statements...)
	case identity != nil:
		identity.Policy.Statements = append(identity.Policy.Statements, p.Document.Statements...)
	case strings.HasPrefix(p.Resource.Type, "AWS::IAM::"):
		for _, property := range []string{"Roles", "Groups", "Users", "RoleName", "GroupName", "UserName"} {
			for _, reference := range assembly.AsList(p.Resource.Properties.At(property)) {
				name, _ := scope.Text(reference)
				if holder := byToken[name]; holder != nil {
					holder.Policy.Statements = append(holder.Policy.Statements, p.Document.Statements...)
				}
			}
		}
	default:
		r.resources = append(r.resources, p)
	}
}
