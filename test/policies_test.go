package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
)

// policyStatement is one statement of a policy, in words that are the same in
// every environment.
type policyStatement struct {
	stack, owner, line string

	// roles, or groups, have the statement. It is nil in the policy of a resource and where
	// it says who may assume a role.
	roles []string

	Effect                                     string
	Principals, Actions, Resources, Conditions []string
	NotActions                                 []string
}

func linesOf(statements []policyStatement) []string {
	var lines []string
	for _, s := range statements {
		lines = append(lines, s.line)
	}
	slices.Sort(lines)
	return lines
}

func allowed(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	return slices.DeleteFunc(statementsOf(t, env), func(s policyStatement) bool { return s.Effect != "Allow" })
}

func identityStatements(t *testing.T, env *environment, role string) []policyStatement {
	t.Helper()
	found := slices.DeleteFunc(statementsOf(t, env), func(s policyStatement) bool { return !slices.Contains(s.roles, role) })
	require.NotEmpty(t, found, role)
	return found
}

// granted returns the resources on which the role may perform the action, each
// with the conditions.
func granted(t *testing.T, env *environment, role, action string) []string {
	t.Helper()
	return resourcesWith(t, env, role, "Allow", action)
}

// denied returns the resources on which the role may never perform the action.
func denied(t *testing.T, env *environment, role, action string) []string {
	t.Helper()
	return resourcesWith(t, env, role, "Deny", action)
}

// resourcesWith compares actions as they are written. TestNoActionIsAllowedByWildcard
// finds the patterns.
func resourcesWith(t *testing.T, env *environment, role, effect, action string) []string {
	t.Helper()
	var found []string
	for _, s := range identityStatements(t, env, role) {
		if s.Effect != effect || !slices.Contains(s.Actions, action) {
			continue
		}
		conditions := ""
		if len(s.Conditions) > 0 {
			conditions = " if " + strings.Join(inEveryEnvironment(env, s.Conditions), ", ")
		}
		for _, resource := range s.Resources {
			found = append(found, resource+conditions)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// statementsOf returns the statements in the properties of all resources: of
// whatever type the resource, no policy goes unseen.
func statementsOf(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	if statements[env] == nil {
		statements[env] = readStatements(t, env)
	}
	return slices.Clone(statements[env])
}

var statements = map[*environment][]policyStatement{}

func readStatements(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	var found []policyStatement
	for _, r := range resourcesOf(t, env) {
		if r.Type == webACL {
			continue // the statements of its rules are not about permissions
		}
		before := len(found)
		for _, document := range policyDocuments(r.Properties) {
			for _, s := range asList(document["Statement"]) {
				found = append(found, newPolicyStatement(t, env, r, s))
			}
		}
		if strings.HasSuffix(r.Type, "Policy") && r.Type != "AWS::ApplicationAutoScaling::ScalingPolicy" &&
			r.Type != "AWS::CloudFront::ResponseHeadersPolicy" {
			require.Greater(t, len(found), before, "no statement found in %s: if its type is no policy of permissions, except it in readStatements of test/iam_statements_test.go", r)
		}
		require.NotEqual(t, "AWS::Lambda::Permission", r.Type, "%s: a permission that statements.golden would not list; have readStatements of test/iam_statements_test.go read it", r)
	}
	return found
}

func policyDocuments(value any) []map[string]any {
	var found []map[string]any
	switch value := value.(type) {
	case map[string]any:
		if value["Statement"] != nil {
			return []map[string]any{value}
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, policyDocuments(value[key])...)
		}
	case []any:
		for _, element := range value {
			found = append(found, policyDocuments(element)...)
		}
	}
	return found
}

func newPolicyStatement(t *testing.T, env *environment, r placed, document any) policyStatement {
	t.Helper()
	var raw struct {
		Sid, Effect                 string
		Principal, Action, Resource any
		NotAction                   any
		Condition                   map[string]map[string]any
	}
	decoder := json.NewDecoder(bytes.NewReader(must(json.Marshal(document))))
	decoder.DisallowUnknownFields() // NotResource and the like would be left out
	require.NoError(t, decoder.Decode(&raw), "%s", r)
	s := policyStatement{
		stack: r.stack, owner: readableID(r.id),
		roles:  append(readableList(t, env, r.Properties["Roles"]), readableList(t, env, r.Properties["Groups"])...),
		Effect: raw.Effect, Actions: readableList(t, env, raw.Action), Resources: readableList(t, env, raw.Resource),
		NotActions: readableList(t, env, raw.NotAction),
		Principals: principalsOf(t, env, raw.Principal), Conditions: conditionsOf(t, env, raw.Condition),
	}
	s.line = s.in(env)
	return s
}

// in returns the statement as a line, of a statement of the environment.
func (s policyStatement) in(env *environment) string {
	words := []string{s.stack, s.owner}
	add := func(word string, list []string) {
		if len(list) > 0 {
			words = append(words, strings.TrimSpace(word+" "+strings.Join(list, ", ")))
		}
	}
	add("for", s.roles)
	words = append(words, map[string]string{"Allow": "allows", "Deny": "denies"}[s.Effect])
	add("", s.Principals)
	add("", s.Actions)
	add("all but", s.NotActions)
	add("on", s.Resources)
	add("if", inEveryEnvironment(env, s.Conditions))
	return strings.Join(words, " ")
}

func principalsOf(t *testing.T, env *environment, principal any) []string {
	t.Helper()
	kinds, ok := principal.(map[string]any)
	if !ok {
		return readableList(t, env, principal)
	}
	var found []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, who := range readableList(t, env, kinds[kind]) {
			found = append(found, kind+" "+who)
		}
	}
	return found
}

// inEveryEnvironment returns the conditions as they are the same in every
// environment where they are about its tags.
func inEveryEnvironment(env *environment, conditions []string) []string {
	var all []string
	for _, condition := range conditions {
		if tag, ours := strings.CutSuffix(condition, "Tag/project "+config.Project); ours {
			condition = tag + "Tag/project PROJECT"
		}
		if tag, ours := strings.CutSuffix(condition, "Tag/environment "+env.Environment); ours {
			condition = tag + "Tag/environment SUFFIX"
		}
		all = append(all, condition)
	}
	return all
}

func conditionsOf(t *testing.T, env *environment, conditions map[string]map[string]any) []string {
	t.Helper()
	var found []string
	for operator, keys := range conditions {
		for key, value := range keys {
			found = append(found, fmt.Sprintf("%s %s %s", operator, key, strings.Join(readableList(t, env, value), " or ")))
		}
	}
	slices.Sort(found)
	return found
}

// asList returns a list, or a list of one: policies may leave the brackets out.
var asList = assembly.AsList
