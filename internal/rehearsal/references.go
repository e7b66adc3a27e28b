package rehearsal

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// variable matches what Fn::Sub replaces with a value. ${!Name} is text.
var variable = regexp.MustCompile(`\$\{([^!${}][^${}]*)\}`)

// isIntrinsic reports whether an object is a function whose value is known on
// deploy only.
func isIntrinsic(object map[string]any) bool {
	if len(object) != 1 {
		return false
	}
	for key := range object {
		return key == "Ref" || strings.HasPrefix(key, "Fn::")
	}
	return false
}

// eachReferenceAt calls yield for each Ref, Fn::GetAtt and Fn::Sub in a value: the path of
// the property that has it, and the logical id, or a pseudo parameter such as
// AWS::Region.
func eachReferenceAt(value any, at []string, yield func(path []string, target string)) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			eachReferenceAt(element, at, yield)
		}
	case map[string]any:
		intrinsic := isIntrinsic(value)
		for key, inner := range value {
			path := at
			if !intrinsic {
				path = append(slices.Clip(at), key)
			}
			if intrinsic {
				for _, id := range ownReferences(key, inner) {
					yield(at, id)
				}
			}
			eachReferenceAt(inner, path, yield)
		}
	}
}

// redirected returns a value that refers by Ref and Fn::GetAtt to another logical id.
func redirected(value any, from, to string) any {
	switch value := value.(type) {
	case []any:
		all := make([]any, len(value))
		for i := range value {
			all[i] = redirected(value[i], from, to)
		}
		return all
	case map[string]any:
		all := make(map[string]any, len(value))
		for key, inner := range value {
			all[key] = redirected(inner, from, to)
		}
		if path, ok := value["Fn::GetAtt"].([]any); ok && attributeOwner(path) == from {
			all["Fn::GetAtt"] = append([]any{to}, path[1:]...)
		}
		if value["Ref"] == from {
			all["Ref"] = to
		}
		return all
	}
	return value
}

// reference is a logical id, and the path of the property that names it.
type reference struct {
	path   []string
	target string
}

// referencesAt returns the references of a resource, sorted.
func referencesAt(resource assembly.Resource) []reference {
	var all []reference
	eachReferenceAt(map[string]any(resource.Properties), nil, func(path []string, target string) {
		all = append(all, reference{path, target})
	})
	slices.SortFunc(all, func(a, b reference) int {
		return cmp.Or(slices.Compare(a.path, b.path), strings.Compare(a.target, b.target))
	})
	return all
}

// references returns the logical ids that a value names.
func references(value any) map[string]bool {
	ids := map[string]bool{}
	eachReferenceAt(value, nil, func(_ []string, target string) { ids[target] = true })
	return ids
}

// ownReferences returns what one intrinsic function itself names.
func ownReferences(function string, argument any) []string {
	switch function {
	case "Ref":
		if id, ok := argument.(string); ok {
			return []string{id}
		}
	case "Fn::GetAtt":
		if id := attributeOwner(argument); id != "" {
			return []string{id}
		}
	case "Fn::Sub":
		return substituted(argument)
	}
	return nil
}

// attributeOwner returns the logical id in [id, attribute] or id.attribute.
func attributeOwner(argument any) string {
	if path, ok := argument.([]any); ok && len(path) > 0 {
		id, _ := path[0].(string)
		return id
	}
	text, _ := argument.(string)
	id, _, _ := strings.Cut(text, ".")
	return id
}

// substituted returns the logical ids in the text of Fn::Sub, without those that
// its own map has a value for.
func substituted(argument any) []string {
	text, _ := argument.(string)
	var own map[string]any
	if list, ok := argument.([]any); ok && len(list) > 0 {
		text, _ = list[0].(string)
		if len(list) > 1 {
			own, _ = list[1].(map[string]any)
		}
	}
	var ids []string
	for _, match := range variable.FindAllStringSubmatch(text, -1) {
		id, _, _ := strings.Cut(match[1], ".")
		if _, has := own[match[1]]; !has {
			ids = append(ids, id)
		}
	}
	return ids
}

// imports returns the names that Fn::ImportValue has in a stack, sorted. One that is only
// known on deploy is as the template has it, in JSON.
func imports(stack assembly.Stack) []string {
	names := map[string]bool{}
	each(stack.Template, func(function string, argument any) {
		if function == "Fn::ImportValue" {
			names[nameIn(stack, argument)] = true
		}
	})
	return sortedKeys(names)
}

// nameIn returns the name of an export.
func nameIn(stack assembly.Stack, value any) string {
	if name, ok := constant(stack, value); ok {
		return name
	}
	return text(value)
}

// constant returns a value as text, if it is known before the deployment.
func constant(stack assembly.Stack, value any) (string, bool) {
	function, ok := value.(map[string]any)
	if !ok {
		return text(value), true
	}
	if name, ok := function["Ref"].(string); ok {
		return constantOf(stack, name)
	}
	pattern, ok := function["Fn::Sub"].(string)
	if !ok {
		return "", false
	}
	known := true
	return variable.ReplaceAllStringFunc(pattern, func(found string) string {
		value, ok := constantOf(stack, found[len("${"):len(found)-len("}")])
		known = known && ok
		return value
	}), known
}

// constantOf returns the value of a parameter, or of one of AWS's.
func constantOf(stack assembly.Stack, name string) (string, bool) {
	switch name {
	case "AWS::Region":
		return stack.Region, !strings.HasPrefix(stack.Region, "unknown")
	case "AWS::StackName":
		return stack.Name, true
	}
	given, ok := stack.Parameters[name]
	return text(given), ok
}

// each calls yield for each intrinsic function in the resources and outputs of a
// template.
func each(template assembly.Template, yield func(function string, argument any)) {
	for _, resource := range template.Resources {
		eachIn(map[string]any(resource.Properties), yield)
	}
	for _, output := range template.Outputs {
		eachIn(output.Value, yield)
	}
}

func eachIn(value any, yield func(function string, argument any)) {
	eachObject(value, func(object map[string]any) {
		if isIntrinsic(object) {
			for function, argument := range object {
				yield(function, argument)
			}
		}
	})
}

// eachObject calls yield for each JSON object in a value.
func eachObject(value any, yield func(map[string]any)) {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			eachObject(element, yield)
		}
	case map[string]any:
		yield(value)
		for _, inner := range value {
			eachObject(inner, yield)
		}
	}
}

// text returns a value as one text, whatever it is: two that are equal have the
// same.
func text(value any) string {
	if plain, ok := value.(string); ok {
		return plain
	}
	content, err := json.Marshal(value)
	if err != nil {
		panic(err) // the value was read from JSON
	}
	return string(content)
}

func sortedKeys[V any](entries map[string]V) []string {
	return slices.Sorted(maps.Keys(entries))
}
