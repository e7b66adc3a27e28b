package review

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"catalog-infra/internal/assembly"
)

// mostFollowed is how many references in a row are followed: outputs may be in a circle.
const mostFollowed = 16

// resolver follows the references of one stack.
type resolver struct {
	env   *environment
	stack assembly.Stack
	depth int
}

// resolve returns a value with the values of its references: a text, or an object or a
// list of such. A reference to a resource is ${STACK.LOGICALID.ATTRIBUTE}.
func (e *environment) resolve(stack assembly.Stack, value any) any {
	return resolver{e, stack, 0}.value(value)
}

func (r resolver) value(value any) any {
	if r.env.budget--; r.env.budget < 0 {
		return nil
	}
	switch value := value.(type) {
	case map[string]any:
		return r.object(value)
	case []any:
		resolved := make([]any, 0, len(value))
		for _, inner := range value {
			if inner = r.value(inner); inner != nil {
				resolved = append(resolved, inner)
			}
		}
		return resolved
	case nil:
		return nil
	}
	return plain(value)
}

// object resolves an object. A function that has another form than AWS's stays as it is.
func (r resolver) object(value map[string]any) any {
	resolved := make(map[string]any, len(value))
	for key, inner := range value {
		if resolve := functions(key); resolve != nil && len(value) == 1 {
			return r.call(resolve, value, inner)
		}
		if inner = r.value(inner); inner != nil {
			resolved[key] = inner
		}
	}
	return resolved
}

func (r resolver) call(resolve func(resolver, any) (any, bool), function map[string]any, argument any) any {
	if r.depth++; r.depth > mostFollowed {
		return "${references without end}"
	}
	if result, ok := resolve(r, argument); ok {
		return result
	}
	return function
}

// plain returns a number or a truth value as the text that CloudFormation takes for it.
func plain(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// functions returns what resolves an intrinsic function; nil if no template tells its value.
func functions(name string) func(resolver, any) (any, bool) {
	switch name {
	case "Ref":
		return resolver.ref
	case "Fn::GetAtt":
		return resolver.attribute
	case "Fn::ImportValue":
		return resolver.imported
	case "Fn::GetStackOutput":
		return resolver.output
	case "Fn::Join":
		return resolver.join
	case "Fn::Sub":
		return resolver.sub
	case "Fn::Select":
		return resolver.selected
	case "Fn::Split":
		return resolver.split
	case "Fn::FindInMap":
		return resolver.mapped
	}
	return nil
}

func (r resolver) ref(argument any) (any, bool) {
	name, ok := argument.(string)
	if !ok {
		return nil, false
	}
	if value, ok := r.pseudo(name); ok {
		return value, true
	}
	if parameter, ok := r.stack.Template.Parameters[name].(map[string]any); ok {
		return r.parameter(name, parameter), true
	}
	return r.reference(name, "Ref"), true
}

// pseudo returns the value of a pseudo parameter; ${AWS::AccountId} where only AWS knows it.
func (r resolver) pseudo(name string) (any, bool) {
	known := map[string]string{"AWS::Region": r.stack.Region, "AWS::AccountId": r.stack.Account, "AWS::StackName": r.stack.Name}
	switch value := known[name]; {
	case name == "AWS::NoValue":
		return nil, true
	case value != "" && !strings.HasPrefix(value, "unknown-"):
		return value, true
	case name == "AWS::URLSuffix" && !strings.HasPrefix(r.stack.Region, "cn-"):
		return "amazonaws.com", true
	case name == "AWS::Partition" && isCommercial(r.stack.Region):
		return "aws", true
	}
	return "${" + name + "}", strings.HasPrefix(name, "AWS::")
}

func isCommercial(region string) bool {
	return !strings.HasPrefix(region, "cn-") && !strings.HasPrefix(region, "us-gov-") && !strings.HasPrefix(region, "unknown-")
}

// parameter returns the value that a parameter has without a person, but no secret and
// no value that AWS looks up.
func (r resolver) parameter(name string, parameter map[string]any) any {
	kind, _ := parameter["Type"].(string)
	value, given := r.stack.Parameters[name]
	if !given {
		value, given = parameter["Default"]
	}
	if !given || plain(parameter["NoEcho"]) == "true" || strings.Contains(kind, "AWS::SSM::") {
		return "${" + r.stack.ID + "." + name + "}"
	}
	if list, ok := value.(string); ok && (kind == "CommaDelimitedList" || strings.HasPrefix(kind, "List<")) {
		return split(list, ",")
	}
	return plain(value)
}

func (r resolver) attribute(argument any) (any, bool) {
	path, _ := argument.([]any)
	if text, ok := argument.(string); ok {
		id, attribute, _ := strings.Cut(text, ".")
		path = []any{id, attribute}
	}
	if len(path) != 2 {
		return nil, false
	}
	id, ok := path[0].(string)
	attribute, isText := path[1].(string)
	return r.reference(id, attribute), ok && isText
}

// reference returns the placeholder of an attribute, or its value where the template has
// a property of that name, such as the CidrBlock of a VPC.
func (r resolver) reference(id, attribute string) any {
	key := r.stack.ID + "/" + id
	if target, ok := r.env.resources[key]; ok {
		if value, ok := target.Properties[attribute].(string); ok {
			return value
		}
	}
	return placeholder(r.env.sameKey(key), attribute)
}

func (r resolver) imported(argument any) (any, bool) {
	name, _ := r.value(argument).(string)
	found, ok := r.env.exports[[3]string{r.stack.Region, name}]
	if !ok {
		return "${import " + name + "}", name != ""
	}
	return resolver{r.env, found.stack, r.depth}.value(found.value), true
}

func (r resolver) output(argument any) (any, bool) {
	wanted, _ := r.value(argument).(map[string]any)
	region, ok := wanted["Region"].(string)
	if !ok {
		region = r.stack.Region
	}
	stack, _ := wanted["StackName"].(string)
	name, _ := wanted["OutputName"].(string)
	found, ok := r.env.outputs[[3]string{region, stack, name}]
	if !ok {
		return fmt.Sprintf("${output %s of %s}", name, stack), true
	}
	return resolver{r.env, found.stack, r.depth}.value(found.value), true
}

func (r resolver) join(argument any) (any, bool) {
	parts, _ := argument.([]any)
	if len(parts) != 2 {
		return nil, false
	}
	separator, isText := parts[0].(string)
	list, isList := r.value(parts[1]).([]any)
	texts := make([]string, len(list))
	for i, element := range list {
		text, ok := element.(string)
		isText = isText && ok
		texts[i] = text
	}
	joined := strings.Join(texts, separator)
	r.env.budget -= len(joined)
	return joined, isText && isList
}

// variable matches what Fn::Sub replaces; ${!Name} is text.
var variable = regexp.MustCompile(`\$\{(!?)([^${}]*)\}`)

func (r resolver) sub(argument any) (any, bool) {
	own := map[string]any{}
	if list, ok := argument.([]any); ok && len(list) == 2 {
		own, _ = r.value(list[1]).(map[string]any)
		argument = list[0]
	}
	pattern, isText := argument.(string)
	replaced := variable.ReplaceAllStringFunc(pattern, func(match string) string {
		found := variable.FindStringSubmatch(match)
		if found[1] == "!" {
			return "${" + found[2] + "}"
		}
		text, ok := r.named(found[2], own).(string)
		isText = isText && ok
		r.env.budget -= len(text)
		return text
	})
	return replaced, isText
}

// named returns the value of a name in Fn::Sub.
func (r resolver) named(name string, own map[string]any) any {
	value, ok := own[name]
	switch {
	case ok:
	case strings.Contains(name, "."):
		value, _ = r.attribute(name)
	default:
		value, _ = r.ref(name)
	}
	return value
}

func (r resolver) selected(argument any) (any, bool) {
	parts, _ := r.value(argument).([]any)
	if len(parts) != 2 {
		return nil, false
	}
	list, _ := parts[1].([]any)
	index := numberOr(parts[0], -1)
	if index < 0 || index >= len(list) {
		return nil, false
	}
	return list[index], true
}

func (r resolver) split(argument any) (any, bool) {
	parts, _ := r.value(argument).([]any)
	if len(parts) != 2 || text(parts[0]) == "" {
		return nil, false
	}
	whole, isText := parts[1].(string)
	return split(whole, text(parts[0])), isText
}

func split(whole, separator string) []any {
	var all []any
	for part := range strings.SplitSeq(whole, separator) {
		all = append(all, strings.TrimSpace(part))
	}
	return all
}

func (r resolver) mapped(argument any) (any, bool) {
	path, _ := r.value(argument).([]any)
	var found any = r.stack.Template.Mappings
	for _, key := range path {
		object, _ := found.(map[string]any)
		text, _ := key.(string)
		found = object[text]
	}
	_, isObject := found.(map[string]any)
	return r.value(found), len(path) >= 3 && found != nil && !isObject
}

// text returns a value as one text, empty where there is none: two that are equal have the
// same.
func text(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	}
	content, err := json.Marshal(value)
	if err != nil {
		panic(err) // the value was read from JSON
	}
	return string(content)
}
