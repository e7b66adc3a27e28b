package test

import (
	"maps"
	"slices"
	"testing"
)

// everyEnvironment are the environments that have a file and, of those that
// have none, one made from dev.
func everyEnvironment(t *testing.T) []*environment {
	t.Helper()
	var environments []*environment
	for _, suffix := range suffixes {
		environments = append(environments, shipped(t, suffix))
	}
	return append(environments, shortLived(t, "dev"))
}

// placed is a resource and where it is.
type placed struct {
	stack, id string
	resource
}

func (p placed) String() string { return p.stack + "/" + p.id + " (" + p.Type + ")" }

// bodies are templates that were read before: reading one takes longer than
// what the tests do with it.
var bodies = map[*environment]map[string]body{}

func bodyOf(t *testing.T, env *environment, stack string) body {
	t.Helper()
	if bodies[env] == nil {
		bodies[env] = map[string]body{}
	}
	if _, ok := bodies[env][stack]; !ok {
		bodies[env][stack] = env.stack(t, stack).body()
	}
	return bodies[env][stack]
}

// resourcesOf are the resources of the types in all stacks, in a stable order;
// with no type, all.
func resourcesOf(t *testing.T, env *environment, types ...string) []placed {
	t.Helper()
	var found []placed
	for _, stack := range slices.Sorted(maps.Keys(env.templates)) {
		resources := bodyOf(t, env, stack).Resources
		for _, id := range slices.Sorted(maps.Keys(resources)) {
			if len(types) == 0 || slices.Contains(types, resources[id].Type) {
				found = append(found, placed{stack, id, resources[id]})
			}
		}
	}
	return found
}
