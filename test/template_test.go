package test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"catalog-infra/internal/assembly"

	"github.com/stretchr/testify/require"
)

// stack returns the template of one stack.
func (e *environment) stack(t *testing.T, id string) template {
	t.Helper()
	require.Contains(t, e.templates, id)
	return template{e.templates[id], t}
}

// props are the properties, or the part of them, that a test is about.
type props = map[string]any

// template is a stack's template, for one test.
type template struct {
	*written
	t *testing.T
}

// resource is one resource of a template.
type resource struct {
	assembly.Resource

	// Properties are the same in a type without a name, as what is inside them.
	Properties props
}

// has requires that a resource of the type has at least the properties.
func (tpl template) has(kind string, want props) {
	tpl.t.Helper()
	if !tpl.any(kind, want) {
		tpl.t.Errorf("no %s of the stack %s has %s. There are:\n%s", kind, tpl.ID, jsonOf(tpl.t, want), tpl.outline(kind, want))
	}
}

func (tpl template) any(kind string, want props) bool {
	for _, r := range tpl.ofType(kind) {
		if covers(r.Properties, want) {
			return true
		}
	}
	return false
}

// outline returns a line for each resource of the type, with the wanted properties
// as they are.
func (tpl template) outline(kind string, want props) string {
	var lines []string
	for id, r := range tpl.ofType(kind) {
		has := props{}
		for name := range want {
			has[name] = r.Properties[name]
		}
		lines = append(lines, id+" "+jsonOf(tpl.t, has))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// including is covered by a list with at least one element that covers it.
type including props

// covers reports whether a value has at least what is wanted: objects may have
// more fields, lists have exactly as many elements.
func covers(value, want any) bool {
	switch want := want.(type) {
	case props:
		object, _ := value.(props)
		for name, part := range want {
			if !covers(object[name], part) {
				return false
			}
		}
		return true
	case []any:
		list, _ := value.([]any)
		if len(list) != len(want) {
			return false
		}
		for i := range want {
			if !covers(list[i], want[i]) {
				return false
			}
		}
		return true
	case including:
		list, _ := value.([]any)
		return slices.ContainsFunc(list, func(one any) bool { return covers(one, props(want)) })
	case int:
		return value == float64(want)
	}
	return equal(value, want)
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// ofType returns the resources of the type by logical id; with no type, all.
func (tpl template) ofType(kind string) map[string]resource {
	found := map[string]resource{}
	for id, r := range tpl.resources {
		if kind == "" || r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// textOf returns a property by which a test knows a resource.
func textOf(t *testing.T, resource any, properties props, name string) string {
	t.Helper()
	text, ok := properties[name].(string)
	if !ok {
		t.Fatalf("%s: its property %s is not text, but %v. The test identifies resources of the type by it: "+
			"give the resource one, or have the test go by something else", resource, name, properties[name])
	}
	return text
}

// listOf returns the same of a property that is a list.
func listOf(t *testing.T, resource any, properties props, name string) []any {
	t.Helper()
	list, ok := properties[name].([]any)
	if !ok {
		t.Fatalf("%s: its property %s is not a list, but %v. The test reads it of every resource of the type: "+
			"give the resource one, or have the test leave it out", resource, name, properties[name])
	}
	return list
}

// one returns the only resource of the type.
func (tpl template) one(kind string) resource {
	tpl.t.Helper()
	return tpl.resources[tpl.id(kind)]
}

// id returns the logical id of the only resource of the type.
func (tpl template) id(kind string) string {
	tpl.t.Helper()
	found := slices.Sorted(maps.Keys(tpl.ofType(kind)))
	if len(found) != 1 {
		tpl.t.Fatal(tpl.several(kind, found))
	}
	return found[0]
}

// several says why the test stops where there is more than one of the type, or
// none.
func (tpl template) several(kind string, found []string) string {
	stack := tpl.ID
	if len(found) == 0 {
		return fmt.Sprintf("the stack %s has no %s, and this test is about it", stack, kind)
	}
	text := fmt.Sprintf("the stack %s has %d of %s, %s, and this test is about the only one", stack, len(found), kind, strings.Join(found, " and "))
	if told[text] {
		return text
	}
	told[text] = true
	return text + ". Define a further one in another stack of stacks/; if it belongs here, have the tests that say so choose theirs by id"
}

// told holds the sentences that have had their advice once.
var told = map[string]bool{}

// at returns what a value has under keys and indices.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for i, step := range path {
		next, ok := under(value, step)
		if !ok {
			t.Fatalf("nothing at %v; what is at %v: %s", path[:i+1], path[:i], outline(value))
		}
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

// outline returns a value without what is in it.
func outline(value any) string {
	switch value := value.(type) {
	case props:
		return "an object with " + strings.Join(slices.Sorted(maps.Keys(value)), ", ")
	case []any:
		return fmt.Sprintf("a list of %d", len(value))
	}
	return fmt.Sprintf("%v", value)
}

func TestAMissingResourceFailsWithAdvice(t *testing.T) {
	compute := reference(t, "dev").stack(t, "compute")

	const two = "the stack compute has 2 of AWS::ECS::Service, ApiService and WorkerService, and this test is about the only one"
	require.Equal(t, two+". Define a further one in another stack of stacks/; if it belongs here, have the tests that say so choose theirs by id",
		compute.several("AWS::ECS::Service", []string{"ApiService", "WorkerService"}))
	require.Equal(t, two, compute.several("AWS::ECS::Service", []string{"ApiService", "WorkerService"}), "the advice once")
	require.Equal(t, "the stack compute has no AWS::ECS::Service, and this test is about it", compute.several("AWS::ECS::Service", nil))
	for _, c := range []struct{ value, step any }{
		{props{"a": 1}, "b"}, {[]any{1}, "b"}, {[]any{1}, 1}, {props{"a": 1}, 0}, {nil, "a"}, {"text", 0},
	} {
		_, ok := under(c.value, c.step)
		require.False(t, ok, c)
	}
	require.Equal(t, "an object with a, b", outline(props{"b": 1, "a": 1}))
}

// placed is a resource and where it is.
type placed struct {
	stack, id string
	resource
}

func (p placed) String() string { return p.stack + "/" + p.id + " (" + p.Type + ")" }

// resourcesOf returns the resources of the types in all stacks, in a stable order;
// with no type, all.
func resourcesOf(t *testing.T, env *environment, types ...string) []placed {
	t.Helper()
	var found []placed
	for _, stack := range slices.Sorted(maps.Keys(env.templates)) {
		resources := env.templates[stack].resources
		for _, id := range slices.Sorted(maps.Keys(resources)) {
			if len(types) == 0 || slices.Contains(types, resources[id].Type) {
				found = append(found, placed{stack, id, resources[id]})
			}
		}
	}
	return found
}

// walk visits a value and everything in it.
func walk(value any, visit func(any)) {
	visit(value)
	switch value := value.(type) {
	case props:
		for _, part := range value {
			walk(part, visit)
		}
	case []any:
		for _, part := range value {
			walk(part, visit)
		}
	}
}

// pairs turns a list of names and values into a map.
func pairs(t *testing.T, list any, name string) props {
	t.Helper()
	found := props{}
	items, ok := list.([]any)
	require.True(t, ok, "no list of %s and Value: %v", name, list)
	for _, item := range items {
		found[at(t, item, name).(string)] = at(t, item, "Value")
	}
	return found
}
