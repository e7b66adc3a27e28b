package assembly

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// manifest is what manifest.json says of the stacks. It has artifacts of other
// types too, such as what is uploaded before a stack is deployed.
type manifest struct {
	Artifacts map[string]artifact
}

type artifact struct {
	Type string

	// Environment is aws://ACCOUNT/REGION.
	Environment string

	// Dependencies are ids of artifacts.
	Dependencies []string

	Properties struct {
		TemplateFile, StackName string
		TerminationProtection   bool
	}
}

func (a artifact) region() string {
	return path.Base(a.Environment)
}

func (a artifact) account() string {
	return path.Base(path.Dir(a.Environment))
}

// deployOrder is the CLI's: by id among stacks that depend on nothing that is
// not deployed yet.
func (m manifest) deployOrder() ([]string, error) {
	waiting := m.stacks()
	if len(waiting) == 0 {
		return nil, errors.New("it has no stack")
	}
	var order []string
	for len(waiting) > 0 {
		ready := m.ready(waiting)
		if len(ready) == 0 {
			return nil, fmt.Errorf("these stacks wait for each other: %s", strings.Join(waiting, ", "))
		}
		order = append(order, ready...)
		waiting = slices.DeleteFunc(waiting, func(id string) bool { return slices.Contains(ready, id) })
	}
	return order, nil
}

// stacks are their ids, sorted.
func (m manifest) stacks() []string {
	ids := slices.Sorted(maps.Keys(m.Artifacts))
	return slices.DeleteFunc(ids, func(id string) bool {
		return m.Artifacts[id].Type != "aws:cloudformation:stack"
	})
}

// ready are those of the waiting stacks that wait for none of the others.
func (m manifest) ready(waiting []string) []string {
	var ready []string
	for _, id := range waiting {
		if !slices.ContainsFunc(m.Artifacts[id].Dependencies, func(dependency string) bool {
			return slices.Contains(waiting, dependency)
		}) {
			ready = append(ready, id)
		}
	}
	return ready
}
