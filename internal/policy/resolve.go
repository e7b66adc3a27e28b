package policy

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"catalog-infra/internal/assembly"
)

// Scope is where a policy is: its references lead to resources of the stack or to exports
// of others.
type Scope struct {
	Assembly *assembly.Assembly
	Stack    assembly.Stack
}

const (
	longest = 100_000 // characters of a text; AWS takes policies of at most 40 kB
	deepest = 100     // functions in a function
)

// Text returns a value of the template as text, in which ${STACK.LOGICALID.ATTRIBUTE}
// stands for what only a deployment knows. The same resource has the same text in every
// stack. It is false for a list or an object that is no function, and for texts that are
// too long.
func (s Scope) Text(value any) (string, bool) { return s.text(value, 0) }

func (s Scope) text(value any, depth int) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, len(value) <= longest
	case bool:
		return strconv.FormatBool(value), true
	case float64:
		return format(value), true
	case map[string]any:
		if depth > deepest || len(value) != 1 {
			return "", false
		}
		text, ok := s.function(value, depth+1)
		return text, ok && len(text) <= longest
	}
	return "", false
}

func (s Scope) function(function map[string]any, depth int) (string, bool) {
	for name, argument := range function {
		switch name {
		case "Ref":
			id, ok := argument.(string)
			return s.reference(id), ok
		case "Fn::GetAtt":
			return s.attribute(argument)
		case "Fn::Join":
			return s.join(argument, depth)
		case "Fn::Sub":
			return s.substitute(argument, depth)
		case "Fn::ImportValue", "Fn::GetStackOutput":
			if stack, value := s.Assembly.Imported(s.Stack, function); value != nil {
				return Scope{s.Assembly, stack}.text(value, depth)
			}
			return s.opaque(function), true
		default:
			return s.opaque(function), strings.HasPrefix(name, "Fn::")
		}
	}
	return "", false
}

// opaque returns a text for a function that is not evaluated: the same for the same.
func (s Scope) opaque(function any) string {
	content, _ := json.Marshal(function) // it was JSON before
	return s.token(string(content))
}

// reference returns what Ref stands for, as far as the assembly says it.
func (s Scope) reference(id string) string {
	partition := "aws"
	switch {
	case strings.HasPrefix(s.Stack.Region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(s.Stack.Region, "us-gov-"):
		partition = "aws-us-gov"
	}
	known := map[string]string{
		"AWS::AccountId": s.Stack.Account, "AWS::Region": s.Stack.Region, "AWS::StackName": s.Stack.Name, "AWS::Partition": partition,
	}
	switch value, ok := known[id]; {
	case ok && !strings.HasPrefix(value, "unknown-"):
		return value
	case strings.HasPrefix(id, "AWS::"):
		return "${" + id + "}"
	}
	return s.token(id)
}

func (s Scope) token(path string) string {
	return "${" + s.Stack.ID + "." + strings.NewReplacer("{", "(", "}", ")").Replace(path) + "}"
}

func (s Scope) attribute(argument any) (string, bool) {
	if path, ok := argument.(string); ok {
		return s.token(path), true
	}
	path, ok := argument.([]any)
	if !ok || len(path) != 2 {
		return "", false
	}
	return s.token(fmt.Sprintf("%v.%v", path[0], path[1])), true
}

func (s Scope) join(argument any, depth int) (string, bool) {
	pair, _ := argument.([]any)
	if len(pair) != 2 {
		return "", false
	}
	between, ok := pair[0].(string)
	parts, isList := pair[1].([]any)
	if !ok || !isList {
		return s.opaque(map[string]any{"Fn::Join": argument}), ok
	}
	var text strings.Builder
	for i, part := range parts {
		next, ok := s.text(part, depth)
		if i > 0 {
			text.WriteString(between)
		}
		if text.WriteString(next); !ok || text.Len() > longest {
			return "", false
		}
	}
	return text.String(), true
}

// variable matches what Fn::Sub replaces, and in texts what only a deployment knows.
var variable = regexp.MustCompile(`\$\{[^}]*\}`)

// substitute evaluates Fn::Sub. ${!Name} is a variable of the policy.
func (s Scope) substitute(argument any, depth int) (string, bool) {
	text, ok := argument.(string)
	values := map[string]any{}
	if pair, isPair := argument.([]any); isPair && len(pair) == 2 {
		text, ok = pair[0].(string)
		values, _ = pair[1].(map[string]any)
	}
	known := map[string]string{}
	for name, value := range values {
		var isText bool
		known[name], isText = s.text(value, depth)
		ok = ok && isText
	}
	length := len(text)
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-1]
		value, isKnown := known[name]
		switch literal, isLiteral := strings.CutPrefix(name, "!"); {
		case isLiteral:
			value = "${" + literal + "}"
		case !isKnown:
			value = s.reference(name)
		}
		if length += len(value); length > longest {
			ok = false
			return ""
		}
		return value
	}), ok
}
