// Package policy reads the IAM policies of templates, of identities and of resources
// alike, and compares what two of them allow.
package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Document is a policy, or several that are evaluated together.
type Document struct {
	Statements []Statement
}

// Statement is a statement of a policy. An element that it does not have restricts
// nothing: a policy of an identity has no principals, a trust policy no resources.
type Statement struct {
	Sid  string
	Deny bool

	Principals, Actions, Resources Element

	// Conditions must all hold, each for one of its values.
	Conditions []Condition
}

// Element is a list of patterns with * and ?, which a value must match, or with Not must
// not. The zero value matches everything. In a pattern, what only a deployment knows is in
// braces: ${AWS::AccountId}, ${STACK.LOGICALID.Arn}, or one of IAM's policy variables.
//
// A principal begins with its kind, as in AWS:123456789012:role/name or
// Service:ecs.amazonaws.com. All of an account is AWS:123456789012:*, everybody is *.
type Element struct {
	Not      bool
	Patterns []string
}

func (e Element) all() bool { return !e.Not && len(e.Patterns) == 0 }

func (e Element) String() string {
	switch {
	case e.all():
		return "*"
	case e.Not:
		return "all but " + strings.Join(e.Patterns, ", ")
	}
	return strings.Join(e.Patterns, ", ")
}

// Condition is a condition of a statement.
type Condition struct {
	// Operator is as it is written, such as StringEquals or ForAllValues:StringLike.
	Operator string

	Key    string
	Values []string
}

func (c Condition) String() string {
	return fmt.Sprintf("%s %s %s", c.Operator, c.Key, strings.Join(c.Values, " or "))
}

// same returns a text that two conditions share if they are the same.
func (c Condition) same() string {
	return fmt.Sprintf("%q %q %q", c.Operator, strings.ToLower(c.Key), slices.Sorted(slices.Values(c.Values)))
}

// Request is what IAM decides about. A key of its context has no value, one, or several.
type Request struct {
	Principal, Action, Resource string
	Context                     map[string][]string
}
