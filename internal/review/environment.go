package review

import (
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

// environment is an assembly whose references are followed.
type environment struct {
	stacks []assembly.Stack

	// resources are by key, keys in order. shared has them by the key that they have in
	// both environments.
	resources, shared map[string]*resource
	keys              []string

	// exports are outputs by region and export name, outputs by region, stack name and
	// logical id.
	exports, outputs map[[3]string]exported

	// names has the key of the other environment for a resource that is the same one
	// under another id.
	names map[string]string

	// budget is how many more values and characters are resolved, so that outputs which
	// multiply each other come to an end.
	budget int
}

// mostResolved is several times what the largest environment has, beside the size of its
// templates.
const mostResolved = 2 << 20

// resource is a resource of an environment.
type resource struct {
	assembly.Resource

	// key is the stack's id and the logical id: data/Cluster. shared is the one that the
	// resource had before the change.
	key, shared string
	stack       assembly.Stack

	// values are the properties with the values of references, as far as a template
	// tells them. Numbers and truth values are texts: CloudFormation takes either.
	values map[string]any
}

// exported is the value of an output, with its stack.
type exported struct {
	stack assembly.Stack
	value any
}

func newEnvironment(all *assembly.Assembly) *environment {
	env := &environment{resources: map[string]*resource{}, shared: map[string]*resource{}, exports: map[[3]string]exported{},
		outputs: map[[3]string]exported{}, names: map[string]string{}, budget: mostResolved}
	if all == nil {
		return env
	}
	env.stacks = rehearsal.Present(all).Stacks
	for _, stack := range env.stacks {
		env.budget += 4 * stack.Template.Size
		for id, found := range stack.Template.Resources {
			if found.Type != "AWS::CDK::Metadata" {
				key := stack.ID + "/" + id
				env.resources[key] = &resource{Resource: found, key: key, stack: stack}
			}
		}
		for id, output := range stack.Template.Outputs {
			env.outputs[[3]string{stack.Region, stack.Name, id}] = exported{stack, output.Value}
		}
	}
	for _, stack := range env.stacks {
		for _, output := range stack.Template.Outputs {
			if name, ok := env.resolve(stack, output.Export.Name).(string); ok && name != "" {
				env.exports[[3]string{stack.Region, name}] = exported{stack, output.Value}
			}
		}
	}
	env.keys = slices.Sorted(maps.Keys(env.resources))
	return env
}

// resolveAll resolves the properties of every resource.
func (e *environment) resolveAll() {
	for _, found := range e.resources {
		found.values, found.shared = e.properties(found), e.sameKey(found.key)
		e.shared[found.shared] = found
	}
}

func (e *environment) properties(found *resource) map[string]any {
	values, _ := e.resolve(found.stack, map[string]any(found.Properties)).(map[string]any)
	return values
}

// ofType returns the resources of a type, by key.
func (e *environment) ofType(name string) []*resource {
	var all []*resource
	for _, key := range e.keys {
		if e.resources[key].Type == name {
			all = append(all, e.resources[key])
		}
	}
	return all
}

// target returns the resource that a resolved value refers to, and whether there is one.
func (e *environment) target(value any) (*resource, bool) {
	key, ok := keyOf(value)
	if !ok {
		return nil, false
	}
	found, ok := e.shared[key]
	return found, ok
}

// keyOf returns the key in a resolved value that is one reference and nothing else, such
// as ${data.Key.Arn}.
func keyOf(value any) (string, bool) {
	text, _ := value.(string)
	inner, isReference := strings.CutPrefix(text, "${")
	inner, ends := strings.CutSuffix(inner, "}")
	parts := strings.SplitN(inner, ".", 3)
	if !isReference || !ends || strings.ContainsAny(inner, "{}") || len(parts) != 3 {
		return "", false
	}
	return parts[0] + "/" + parts[1], true
}

// placeholder returns what stands for a value of a resource that only a deployment knows,
// as package policy has it.
func placeholder(key, attribute string) string {
	return "${" + strings.Replace(key, "/", ".", 1) + "." + attribute + "}"
}

// sameKey returns the key under which the other environment has a resource.
func (e *environment) sameKey(key string) string {
	if other, ok := e.names[key]; ok {
		return other
	}
	return key
}

// at returns the value that the keys lead to in an object, nil where there is none.
func at(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// objectsOf returns the objects in a list.
func objectsOf(value any) []map[string]any {
	var objects []map[string]any
	for _, element := range assembly.AsList(value) {
		if object, ok := element.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}
