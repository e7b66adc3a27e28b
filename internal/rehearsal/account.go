package rehearsal

import (
	"iter"
	"slices"

	"catalog-infra/internal/assembly"
)

// account holds what is deployed at a moment. Its stacks are in the order in which
// each was deployed first.
type account struct {
	stacks []assembly.Stack

	// left are resources without a stack: retained when they were removed.
	left []placed

	// certificates are those with which load balancers answer CloudFront, by the domain
	// that it asks for.
	certificates map[string]map[string]bool

	// byType are the resources of the stacks by type: nil until one is asked for after a
	// change of the stacks.
	byType map[string][]placed
}

// placed is a resource with its stack.
type placed struct {
	stack    assembly.Stack
	resource assembly.Resource

	// left reports whether the stack has it no longer.
	left bool
}

func newAccount(deployed *assembly.Assembly) *account {
	if deployed == nil {
		deployed = &assembly.Assembly{}
	}
	return &account{stacks: slices.Clone(deployed.Stacks), certificates: map[string]map[string]bool{}}
}

// tellRegionsApart adds the region to the id of each deployed stack that head has in
// another region: resources are known by the ids of their stacks.
func tellRegionsApart(base, head *assembly.Assembly) {
	if base == nil {
		return
	}
	for i, deployed := range base.Stacks {
		if slices.ContainsFunc(head.Stacks, func(stack assembly.Stack) bool {
			return stack.ID == deployed.ID && stack.Region != deployed.Region
		}) {
			base.Stacks[i].ID += " in " + deployed.Region
		}
	}
}

func (a *account) clone() *account {
	return &account{stacks: slices.Clone(a.stacks), left: slices.Clone(a.left), certificates: a.certificates}
}

// stack returns what is deployed under a name in a region. CloudFormation knows no
// other identity.
func (a *account) stack(like assembly.Stack) (assembly.Stack, bool) {
	at := a.index(like)
	if at < 0 {
		return assembly.Stack{}, false
	}
	return a.stacks[at], true
}

func (a *account) index(like assembly.Stack) int {
	return slices.IndexFunc(a.stacks, func(stack assembly.Stack) bool { return same(stack, like) })
}

func same(a, b assembly.Stack) bool { return a.Name == b.Name && a.Region == b.Region }

// put deploys a stack.
func (a *account) put(stack assembly.Stack) {
	a.byType = nil
	if at := a.index(stack); at >= 0 {
		a.stacks[at] = stack
		return
	}
	a.stacks = append(a.stacks, stack)
}

func (a *account) remove(stack assembly.Stack) {
	a.byType = nil
	if at := a.index(stack); at >= 0 {
		a.stacks = slices.Delete(a.stacks, at, at+1)
	}
}

// target returns the resource that a value of a stack refers to, through imports.
func (a *account) target(stack assembly.Stack, value any) (assembly.Stack, assembly.Resource, bool) {
	deployed := assembly.Assembly{Stacks: a.stacks}
	found, ok := deployed.Target(stack, value)
	return found.Stack, found.Resource, ok
}

// ofType yields the resources of a type with their stacks.
func (a *account) ofType(kind string) iter.Seq2[assembly.Stack, assembly.Resource] {
	if a.byType == nil {
		a.byType = map[string][]placed{}
		for _, stack := range a.stacks {
			for _, id := range sortedKeys(stack.Template.Resources) {
				resource := stack.Template.Resources[id]
				a.byType[resource.Type] = append(a.byType[resource.Type], placed{stack: stack, resource: resource})
			}
		}
	}
	return func(yield func(assembly.Stack, assembly.Resource) bool) {
		for _, found := range a.byType[kind] {
			if !yield(found.stack, found.resource) {
				return
			}
		}
	}
}

// importers returns the ids of the other stacks that use an export, sorted.
func (a *account) importers(exporter assembly.Stack, name string) []string {
	var ids []string
	for _, stack := range a.stacks {
		if !same(stack, exporter) && stack.Region == exporter.Region && slices.Contains(imports(stack), name) {
			ids = append(ids, stack.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// exports reports whether any stack of the region exports the name.
func (a *account) exports(region, name string) bool {
	return slices.ContainsFunc(a.stacks, func(stack assembly.Stack) bool {
		_, has := exportsOf(stack)[name]
		return stack.Region == region && has
	})
}

// exportsOf returns the exported values by their names.
func exportsOf(stack assembly.Stack) map[string]any {
	values := map[string]any{}
	for _, output := range stack.Template.Outputs {
		if output.Export.Name != nil {
			values[nameIn(stack, output.Export.Name)] = output.Value
		}
	}
	return values
}
