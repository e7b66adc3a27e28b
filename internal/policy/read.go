package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// Read reads a policy from a template, or from its text in JSON. An error has a line for
// each mistake, which begins with where: the document then lacks what was wrong.
func Read(scope Scope, where string, value any) (Document, error) {
	r := &reader{scope: scope}
	document := r.document(where, value)
	return document, errors.Join(r.mistakes...)
}

type reader struct {
	scope    Scope
	mistakes []error
}

func (r *reader) refuse(at string, got any, want string) {
	r.mistakes = append(r.mistakes, fmt.Errorf("%s: got %s, want %s", at, assembly.Describe(got), want))
}

func (r *reader) document(at string, value any) (d Document) {
	const want = "a policy, an object with Statement"
	content, ok := value.(map[string]any)
	if text, isText := r.scope.Text(value); isText && (!ok || content["Statement"] == nil) {
		if json.Unmarshal([]byte(text), &content) != nil {
			r.refuse(at, value, want)
			return d
		}
	} else if !ok {
		r.refuse(at, value, want)
		return d
	}
	if content["Statement"] == nil {
		r.refuse(at+".Statement", nil, "a statement or a list of them")
		return d
	}
	for i, statement := range assembly.AsList(content["Statement"]) {
		if s, ok := r.statement(fmt.Sprintf("%s.Statement[%d]", at, i), statement); ok {
			d.Statements = append(d.Statements, s)
		}
	}
	return d
}

// elements are the keys of a statement.
var elements = strings.Fields("Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition")

// statement returns a statement, and whether it was without mistakes.
func (r *reader) statement(at string, value any) (s Statement, ok bool) {
	before := len(r.mistakes)
	content, isObject := value.(map[string]any)
	if !isObject {
		r.refuse(at, value, "a statement, an object with Effect")
		return s, false
	}
	for _, key := range slices.Sorted(maps.Keys(content)) {
		if !slices.Contains(elements, key) {
			r.refuse(at, key, "one of "+strings.Join(elements, ", "))
		}
	}
	s.Sid, _ = content["Sid"].(string)
	if s.Deny = content["Effect"] == "Deny"; !s.Deny && content["Effect"] != "Allow" {
		r.refuse(at+".Effect", content["Effect"], `"Allow" or "Deny"`)
	}
	s.Principals = r.element(at, "Principal", content, r.principals)
	s.Actions = r.element(at, "Action", content, r.texts)
	s.Resources = r.element(at, "Resource", content, r.texts)
	if s.Actions.all() {
		r.refuse(at+".Action", nil, "Action or NotAction")
	}
	if condition, ok := content["Condition"]; ok {
		s.Conditions = r.conditions(at+".Condition", condition)
	}
	return s, len(r.mistakes) == before
}

// element reads an element, or the one with Not before its name.
func (r *reader) element(at, name string, content map[string]any, read func(at string, value any) []string) Element {
	value, ok := content[name]
	other, not := content["Not"+name]
	switch {
	case ok && not:
		r.refuse(at, name+" and Not"+name, "one of them")
	case ok:
		return Element{Patterns: read(at+"."+name, value)}
	case not:
		return Element{Not: true, Patterns: read(at+".Not"+name, other)}
	}
	return Element{}
}

func (r *reader) texts(at string, value any) []string {
	var all []string
	for _, each := range assembly.AsList(value) {
		text, ok := r.scope.Text(each)
		if !ok {
			r.refuse(at, each, "text or a list of texts")
			continue
		}
		all = append(all, text)
	}
	if len(assembly.AsList(value)) == 0 {
		r.refuse(at, value, "at least one text")
	}
	return all
}

var kinds = strings.Fields("AWS CanonicalUser Federated Service")

func (r *reader) principals(at string, value any) []string {
	content, ok := value.(map[string]any)
	if !ok || len(content) == 0 {
		if value != "*" {
			r.refuse(at, value, `"*" or an object with `+strings.Join(kinds, ", "))
		}
		return []string{"*"}
	}
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		if !slices.Contains(kinds, kind) {
			r.refuse(at, kind, "one of "+strings.Join(kinds, ", "))
			continue
		}
		for _, text := range r.texts(at+"."+kind, content[kind]) {
			all = append(all, r.principal(kind, text))
		}
	}
	return all
}

var (
	account   = regexp.MustCompile(`^([0-9]{12}|\$\{AWS::AccountId\})$`)
	principal = regexp.MustCompile(`^arn:[^:]+:(?:iam|sts)::([0-9]{12}|\$\{AWS::AccountId\}):(.+)$`)
	arnOf     = regexp.MustCompile(`^\$\{([^.}]+)\.([^.}]+)\.Arn\}$`)
)

// principal returns a principal in the form that Element has.
func (r *reader) principal(kind, text string) string {
	if kind != "AWS" {
		return kind + ":" + text
	}
	if account.MatchString(text) {
		return "AWS:" + text + ":*"
	}
	if match := principal.FindStringSubmatch(text); match != nil && match[2] == "root" {
		return "AWS:" + match[1] + ":*"
	} else if match != nil {
		return "AWS:" + match[1] + ":" + match[2]
	}
	if match := arnOf.FindStringSubmatch(text); match != nil {
		for _, stack := range r.scope.Assembly.Stacks {
			if stack.ID == match[1] {
				return "AWS:" + Scope{r.scope.Assembly, stack}.reference("AWS::AccountId") + ":" + text
			}
		}
	}
	if text == "*" {
		return text
	}
	return "AWS:" + text
}

func (r *reader) conditions(at string, value any) []Condition {
	operators, ok := value.(map[string]any)
	if !ok {
		r.refuse(at, value, "an object of operators")
	}
	var all []Condition
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		keys, ok := operators[operator].(map[string]any)
		if !ok {
			r.refuse(at+"."+operator, operators[operator], "an object of condition keys")
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			all = append(all, Condition{operator, key, r.texts(at+"."+operator+"."+key, keys[key])})
		}
	}
	return all
}
