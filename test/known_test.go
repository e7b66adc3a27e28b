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
	compute := shipped(t, "dev").stack(t, "compute")

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

// requireSame checks that two lists have the same elements, and names only those
// that one lacks. The sentences say what to do about them.
func requireSame(t *testing.T, want, got []string, more, less string, arguments ...any) {
	t.Helper()
	added, gone := surplus(got, want), surplus(want, got)
	if len(added) > 0 {
		t.Errorf("new: %s. "+more, append([]any{strings.Join(added, ", ")}, arguments...)...)
	}
	if len(gone) > 0 {
		t.Errorf("missing: %s. "+less, append([]any{strings.Join(gone, ", ")}, arguments...)...)
	}
}

// surplus are the elements of list that others has not, or not as often.
func surplus(list, others []string) []string {
	others = slices.Clone(others)
	var found []string
	for _, element := range slices.Sorted(slices.Values(list)) {
		if i := slices.Index(others, element); i >= 0 {
			others = slices.Delete(others, i, i+1)
			continue
		}
		found = append(found, element)
	}
	return found
}

func TestSurplusCountsWhatOccursTwice(t *testing.T) {
	require.Equal(t, []string{"a", "c"}, surplus([]string{"c", "a", "b", "a"}, []string{"a", "b", "d"}))
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
