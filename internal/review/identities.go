package review

import (
	"strings"

	"catalog-infra/internal/assembly"
)

// identityLists are the properties of a policy that name the identities which it is
// attached to.
var identityLists = []string{"Roles", "Users", "Groups", "RoleName", "UserName", "GroupName"}

// identities returns the permissions of roles, users and groups, and who may assume a
// role.
func (e *environment) identities() subjects {
	all := subjects{}
	naming := map[string][]*resource{} // the identities that name a policy
	for _, key := range e.keys {
		if found := e.resources[key]; isIdentity(found) {
			all.addInline(found)
			for _, arn := range assembly.AsList(found.values["ManagedPolicyArns"]) {
				naming[e.named(arn)] = append(naming[e.named(arn)], found)
			}
		}
	}
	for _, key := range e.keys {
		found := e.resources[key]
		if document := found.values["PolicyDocument"]; document != nil && strings.HasPrefix(found.Type, "AWS::IAM::") {
			for _, identity := range naming[found.shared] {
				all.add(identity.shared, identity, document)
			}
			e.addAttached(all, found, document)
		}
	}
	return all
}

// addInline adds the policies that an identity has itself.
func (s subjects) addInline(identity *resource) {
	if trust := identity.values["AssumeRolePolicyDocument"]; trust != nil {
		s.add(identity.shared+" trust policy", identity, trust)
	}
	for _, inline := range objectsOf(identity.values["Policies"]) {
		s.add(identity.shared, identity, inline["PolicyDocument"])
	}
}

// addAttached adds a policy to the identities that it names.
func (e *environment) addAttached(all subjects, found *resource, document any) {
	for _, property := range identityLists {
		for _, name := range assembly.AsList(found.values[property]) {
			if identity, ok := e.target(name); ok {
				all.add(identity.shared, identity, document)
			} else {
				all.add("the permissions of "+text(name), found, document)
			}
		}
	}
}

func isIdentity(found *resource) bool {
	return found.Type == "AWS::IAM::Role" || found.Type == "AWS::IAM::User" || found.Type == "AWS::IAM::Group"
}

// compareManaged finds identities that get a policy which is not in the templates, such as
// one of AWS's, or that lose the boundary of their permissions.
func (c *comparison) compareManaged() {
	const boundaries = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"
	for _, one := range c.pairs {
		if one.after == nil || !isIdentity(one.after) {
			continue
		}
		var before map[string]any
		if one.before != nil {
			before = one.before.values
		}
		for _, arn := range assembly.AsList(one.after.values["ManagedPolicyArns"]) {
			_, isOurs := c.head.target(arn)
			if !isOurs && shrinks([]any{arn}, before["ManagedPolicyArns"]) {
				c.find(Wider, one.after, policyPage, "it gets the policy %s", text(arn))
			}
		}
		switch old, young := before["PermissionsBoundary"], one.after.values["PermissionsBoundary"]; {
		case vanishes(old, young):
			c.find(Wider, one.after, boundaries, "its permissions have no boundary any more")
		case differs(old, young):
			c.find(Unknown, one.after, boundaries, "its permissions have another boundary")
		}
	}
}
