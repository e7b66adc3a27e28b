package controls

import (
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
)

// environment is an assembly with its resources by type.
type environment struct {
	*assembly.Assembly
	byType map[string][]resource
}

// resource is a resource with its stack.
type resource struct {
	assembly.Resource
	stack assembly.Stack
}

func newEnvironment(synthesized *assembly.Assembly) *environment {
	env := &environment{synthesized, map[string][]resource{}}
	for _, stack := range synthesized.Stacks {
		for _, id := range slices.Sorted(maps.Keys(stack.Template.Resources)) {
			found := stack.Template.Resources[id]
			env.byType[found.Type] = append(env.byType[found.Type], resource{found, stack})
		}
	}
	return env
}

// target returns the resource that a value refers to, in this stack or another.
func (e *environment) target(r resource, value any) (resource, bool) {
	found, ok := e.Target(r.stack, value)
	return resource{found.Resource, found.Stack}, ok
}

// referring returns the resources of a type of which a property refers to the resource.
func (e *environment) referring(kind, property string, to resource) []resource {
	return slices.DeleteFunc(slices.Clone(e.byType[kind]), func(one resource) bool {
		found, ok := e.target(one, one.at(property))
		return !ok || found.ID != to.ID || found.stack.ID != to.stack.ID
	})
}

// text returns a value as text, in which ${STACK.LOGICALID.ATTRIBUTE} stands for what
// only a deployment knows; empty for a list or an object.
func (e *environment) text(r resource, value any) string {
	text, _ := policy.Scope{Assembly: e.Assembly, Stack: r.stack}.Text(value)
	return text
}

// at returns the value of a property by its path, such as "MasterUserSecret/KmsKeyId";
// nil if there is none.
func (r resource) at(path string) any { return at(map[string]any(r.Properties), path) }

func at(value any, path string) any {
	for _, key := range strings.Split(path, "/") {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}
