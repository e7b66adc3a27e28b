package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func ref(id string) props { return props{"Ref": id} }

func attribute(id, name string) props { return props{"Fn::GetAtt": []any{id, name}} }

func join(parts ...any) props { return props{"Fn::Join": []any{"", parts}} }

// origin is where an imported value comes from: a resource, or an attribute of
// it, in another stack.
type origin struct{ stack, id, attribute string }

// origins returns the origins of all imports in a value. An import that no stack exports
// fails the test.
func (e *environment) origins(t *testing.T, value any) []origin {
	t.Helper()
	var found []origin
	walk(value, func(part any) {
		if object, ok := part.(props); ok && object["Fn::ImportValue"] != nil {
			from := e.imported(t, object["Fn::ImportValue"])
			found = append(found, originOfReference(t, from.stack, from.value.(props)))
		}
	})
	return found
}

// exported is a value that a stack exports.
type exported struct {
	stack string
	value any
}

// imported returns the value that a stack exports under the name.
func (e *environment) imported(t *testing.T, name any) exported {
	t.Helper()
	if e.exported == nil {
		e.exported = map[any]exported{}
		for id, stack := range e.templates {
			for _, output := range stack.Template.Outputs {
				e.exported[output.Export.Name] = exported{id, output.Value}
			}
		}
	}
	require.Contains(t, e.exported, name)
	return e.exported[name]
}

func originOfReference(t *testing.T, stack string, value props) origin {
	t.Helper()
	if id, ok := value["Ref"]; ok {
		return origin{stack, id.(string), ""}
	}
	source := at(t, value, "Fn::GetAtt")
	return origin{stack, at(t, source, 0).(string), at(t, source, 1).(string)}
}

// resource returns the resource that an imported value comes from.
func (e *environment) resource(t *testing.T, from origin) resource {
	t.Helper()
	found := e.stack(t, from.stack).ofType("")
	require.Contains(t, found, from.id)
	return found[from.id]
}

// onlyOnes are the ids that only has found, by environment, stack and type:
// reading a template takes longer than all else.
var onlyOnes = map[[3]any]string{}

// only returns an attribute of the only resource of a type in a stack.
func (e *environment) only(t *testing.T, stack, kind, attribute string) origin {
	t.Helper()
	key := [3]any{e, stack, kind}
	if onlyOnes[key] == "" {
		onlyOnes[key] = e.stack(t, stack).id(kind)
	}
	return origin{stack, onlyOnes[key], attribute}
}

// source returns where a value in a stack comes from, be it the same stack.
func (e *environment) source(t *testing.T, stack string, value any) origin {
	t.Helper()
	if origins := e.origins(t, value); len(origins) == 1 {
		return origins[0]
	}
	object, ok := value.(props)
	require.True(t, ok, "no reference to a resource, where the test expects one: %v in %s", value, stack)
	return originOfReference(t, stack, object)
}

// readable returns a value as a person would write it: references by name, also
// those to other stacks, and the same in every environment.
func readable(t *testing.T, env *environment, value any) string {
	t.Helper()
	object, ok := value.(map[string]any)
	if !ok {
		return strings.ReplaceAll(fmt.Sprint(value), env.Name(), "PROJECT-SUFFIX")
	}
	require.Len(t, object, 1, "no reference: %v", object)
	for function, argument := range object {
		switch function {
		case "Ref":
			return readableID(argument.(string))
		case "Fn::GetAtt":
			return readableID(argument.([]any)[0].(string)) + "." + argument.([]any)[1].(string)
		case "Fn::Join":
			parts := argument.([]any)
			var words []string
			for _, part := range parts[1].([]any) {
				words = append(words, readable(t, env, part))
			}
			return strings.Join(words, parts[0].(string))
		case "Fn::ImportValue":
			return readable(t, env, env.imported(t, argument).value)
		}
	}
	return string(must(json.Marshal(object)))
}

func readableList(t *testing.T, env *environment, value any) []string {
	t.Helper()
	var found []string
	for _, element := range asList(value) {
		found = append(found, readable(t, env, element))
	}
	slices.Sort(found)
	return found
}

var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// readableID returns a logical id without the hash that CDK appends.
func readableID(id string) string {
	switch id {
	case "AWS::AccountId":
		return "ACCOUNT"
	case "AWS::Region":
		return "REGION"
	}
	return hash.ReplaceAllString(id, "")
}
