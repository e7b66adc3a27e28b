package test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"
)

// stack is the template of one stack.
func (e *environment) stack(t *testing.T, id string) template {
	t.Helper()
	require.Contains(t, e.templates, id)
	return template{e.templates[id], t}
}

// props are the properties, or the part of them, that a test is about.
type props = map[string]any

// template is what a stack synthesizes to. Its methods fail the test where
// those of CDK's assertions panic.
type template struct {
	*written
	t *testing.T
}

// matches are CDK's assertions on the template.
func (w *written) matches() assertions.Template {
	if w.asserted == nil {
		w.asserted = assertions.Template_FromStack(w.stack, nil)
	}
	return w.asserted
}

// has checks that some resource of the type has at least the properties want.
func (tpl template) has(resource string, want props) {
	tpl.t.Helper()
	tpl.noPanic(func() { tpl.matches().HasResourceProperties(&resource, want) })
}

// hasNo checks that there are resources of the type, and that none has the
// properties.
func (tpl template) hasNo(resource string, unwanted props) {
	tpl.t.Helper()
	require.NotEmpty(tpl.t, tpl.resources(resource), "a mistyped type would pass")
	tpl.noPanic(func() { tpl.matches().ResourcePropertiesCountIs(&resource, unwanted, jsii.Number(0)) })
}

func (tpl template) noPanic(f func()) {
	tpl.t.Helper()
	if err := caught(f); err != nil {
		tpl.t.Error(err)
	}
}

// including matches a list with at least one object that has at least want.
func including(want props) assertions.Matcher {
	return assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&want)})
}

// resource is one resource of a template as CloudFormation reads it.
type resource struct {
	Type                string
	Properties          props
	DeletionPolicy      string
	UpdateReplacePolicy string
	DependsOn           any
}

// resources are the resources of the type by logical id; with no type, all.
func (tpl template) resources(kind string) map[string]resource {
	tpl.t.Helper()
	found := map[string]resource{}
	for id, r := range tpl.Resources {
		if kind == "" || r.Type == kind {
			found[id] = r
		}
	}
	return found
}

type body struct {
	Resources  map[string]resource
	Outputs    map[string]any
	Parameters map[string]any
	Mappings   map[string]map[string]any
}

// textOf is a property by which a test knows a resource.
func textOf(t *testing.T, resource any, properties props, name string) string {
	t.Helper()
	text, ok := properties[name].(string)
	if !ok {
		t.Fatalf("%s: its property %s is no text, but %v. The test knows others of the type by it: "+
			"give the resource one, or have the test go by something else", resource, name, properties[name])
	}
	return text
}

// listOf is the same of a property that is a list.
func listOf(t *testing.T, resource any, properties props, name string) []any {
	t.Helper()
	list, ok := properties[name].([]any)
	if !ok {
		t.Fatalf("%s: its property %s is no list, but %v. The test reads it of every resource of the type: "+
			"give the resource one, or have the test leave it out", resource, name, properties[name])
	}
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
	if len(found) != 1 {
		tpl.t.Fatal(tpl.several(kind, found))
	}
	return found[0]
}

// several says why the test stops where there is more than one of the type, or
// none.
func (tpl template) several(kind string, found []string) string {
	stack := *tpl.stack.Node().Id()
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

// told are the sentences that one test has ended with advice.
var told = map[string]bool{}

// at is what a value has under keys and indices.
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

// count checks how many resources of the type there are.
func (tpl template) count(resource string, want int) {
	tpl.t.Helper()
	found := slices.Sorted(maps.Keys(tpl.resources(resource)))
	if len(found) != want {
		tpl.t.Errorf("the stack %s has %d of %s, and this test wants %d: %s. If a new one is meant, raise the number",
			*tpl.stack.Node().Id(), len(found), resource, want, strings.Join(found, ", "))
	}
}

// placed is a resource and where it is.
type placed struct {
	stack, id string
	resource
}

func (p placed) String() string { return p.stack + "/" + p.id + " (" + p.Type + ")" }

// resourcesOf are the resources of the types in all stacks, in a stable order;
// with no type, all.
func resourcesOf(t *testing.T, env *environment, types ...string) []placed {
	t.Helper()
	var found []placed
	for _, stack := range slices.Sorted(maps.Keys(env.templates)) {
		resources := env.templates[stack].Resources
		for _, id := range slices.Sorted(maps.Keys(resources)) {
			if len(types) == 0 || slices.Contains(types, resources[id].Type) {
				found = append(found, placed{stack, id, resources[id]})
			}
		}
	}
	return found
}

// templateTexts are the templates as they are written, by file.
func templateTexts(t *testing.T, env *environment) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(env.directory, "*.template.json"))
	require.NoError(t, err)
	require.Len(t, files, len(env.Stacks()))
	texts := map[string]string{}
	for _, file := range files {
		texts[filepath.Base(file)] = string(must(os.ReadFile(file)))
	}
	return texts
}

// dependencies are the resources that must exist before r.
func dependencies(r resource) []any {
	if one, ok := r.DependsOn.(string); ok {
		return []any{one}
	}
	many, _ := r.DependsOn.([]any)
	return many
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
func pairs(t *testing.T, list any, name, value string) props {
	t.Helper()
	found := props{}
	items, ok := list.([]any)
	require.True(t, ok, "no list of %s and %s: %v", name, value, list)
	for _, item := range items {
		found[at(t, item, name).(string)] = at(t, item, value)
	}
	return found
}
