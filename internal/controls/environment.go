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

	// referrers are by type and property, then by the key of what they refer to.
	referrers map[[2]string]map[string][]resource
}

// resource is a resource with its stack.
type resource struct{ assembly.Placed }

func newEnvironment(synthesized *assembly.Assembly) *environment {
	env := &environment{synthesized, map[string][]resource{}, map[[2]string]map[string][]resource{}}
	for _, stack := range synthesized.Stacks {
		for _, id := range slices.Sorted(maps.Keys(stack.Template.Resources)) {
			found := stack.Template.Resources[id]
			env.byType[found.Type] = append(env.byType[found.Type], resource{assembly.Placed{Resource: found, Stack: stack}})
		}
	}
	return env
}

// target returns the resource that a value refers to, in this stack or another.
func (e *environment) target(r resource, value any) (resource, bool) {
	found, ok := e.Target(r.Stack, value)
	return resource{found}, ok
}

// referring returns the resources of a type of which a property, or one of the values
// that it lists, refers to the resource.
func (e *environment) referring(kind, property string, to resource) []resource {
	index := [2]string{kind, property}
	if e.referrers[index] == nil {
		e.referrers[index] = map[string][]resource{}
		for _, one := range e.byType[kind] {
			for _, value := range assembly.AsList(one.at(property)) {
				if found, ok := e.target(one, value); ok {
					e.referrers[index][found.Key()] = append(e.referrers[index][found.Key()], one)
				}
			}
		}
	}
	return slices.Clip(e.referrers[index][to.Key()]) // a caller may append
}

// text returns a value as text, in which ${STACK.LOGICALID.ATTRIBUTE} stands for what
// only a deployment knows; empty for a list or an object.
func (e *environment) text(r resource, value any) string {
	text, _ := policy.Scope{Assembly: e.Assembly, Stack: r.Stack}.Text(value)
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
