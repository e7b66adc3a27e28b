package test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// textOf is a property by which a test knows a resource.
func textOf(t *testing.T, resource any, properties props, name string) string {
	t.Helper()
	text, ok := properties[name].(string)
	require.True(t, ok, "%s: its property %s is no text, but %v. The test knows others of the type by it: "+
		"give the resource one, or have the test go by something else", resource, name, properties[name])
	return text
}

// listOf is the same of a property that is a list.
func listOf(t *testing.T, resource any, properties props, name string) []any {
	t.Helper()
	list, ok := properties[name].([]any)
	require.True(t, ok, "%s: its property %s is no list, but %v. The test reads it of every resource of the type: "+
		"give the resource one, or have the test leave it out", resource, name, properties[name])
	return list
}

// one is the only resource of the type.
func (tpl template) one(kind string) resource {
	tpl.t.Helper()
	return tpl.Resources[tpl.id(kind)]
}

// id is the logical id of the only resource of the type.
func (tpl template) id(kind string) string {
	tpl.t.Helper()
	found := slices.Sorted(maps.Keys(tpl.resources(kind)))
	require.True(tpl.t, len(found) == 1, "%s", tpl.several(kind, found))
	return found[0]
}

// several says why the test stops where there is more than one of the type, or
// none.
func (tpl template) several(kind string, found []string) string {
	stack := *tpl.stack.Node().Id()
	if len(found) == 0 {
		return fmt.Sprintf("the stack %s has no %s, and this test is about it", stack, kind)
	}
	return fmt.Sprintf("the stack %s has %d of %s, %s, and this test is about the only one. Define a further one in another stack of stacks/; "+
		"if it belongs here, have the test choose its own by id", stack, len(found), kind, strings.Join(found, " and "))
}

// at is what a value has under keys and indices.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for i, step := range path {
		next, ok := under(value, step)
		require.True(t, ok, "nothing at %v, only at %v: %s", path[:i+1], path[:i], outline(value))
		value = next
	}
	return value
}

// under is what is directly under a key or an index.
func under(value, step any) (next any, ok bool) {
	switch step := step.(type) {
	case string:
		object, _ := value.(props)
		next, ok = object[step]
	case int:
		list, _ := value.([]any)
		if ok = step < len(list); ok {
			next = list[step]
		}
	}
	return next, ok
}

// outline is a value without what is in it.
func outline(value any) string {
	switch value := value.(type) {
	case props:
		return "an object with " + strings.Join(slices.Sorted(maps.Keys(value)), ", ")
	case []any:
		return fmt.Sprintf("a list of %d", len(value))
	}
	return fmt.Sprintf("%v", value)
}

func TestAnUnknownResourceGetsASentence(t *testing.T) {
	compute := shipped(t, "dev").stack(t, "compute")

	require.Equal(t, "the stack compute has 2 of AWS::ECS::Service, ApiService and WorkerService, and this test is about the only one. "+
		"Define a further one in another stack of stacks/; if it belongs here, have the test choose its own by id",
		compute.several("AWS::ECS::Service", []string{"ApiService", "WorkerService"}))
	require.Equal(t, "the stack compute has no AWS::ECS::Service, and this test is about it", compute.several("AWS::ECS::Service", nil))
	for _, c := range []struct{ value, step any }{
		{props{"a": 1}, "b"}, {[]any{1}, "b"}, {[]any{1}, 1}, {props{"a": 1}, 0}, {nil, "a"}, {"text", 0},
	} {
		_, ok := under(c.value, c.step)
		require.False(t, ok, c)
	}
	require.Equal(t, "an object with a, b", outline(props{"b": 1, "a": 1}))
}
