package rehearsal

import (
	"slices"

	"catalog-infra/internal/assembly"
)

// findWay looks for an order of the stacks in which nothing is refused: those that give
// something up go first, each by itself.
func findWay(base, head *assembly.Assembly) *Way {
	if base == nil {
		return nil
	}
	first := givingUp(newAccount(base), head.Stacks)
	if len(first) == 0 {
		return nil
	}
	report := deploy(newAccount(base), append(slices.Clip(first), head.Stacks...))
	if report.Worst() == Refused {
		return nil
	}
	return &Way{First: ids(first), Steps: report.Steps}
}

// givingUp returns the stacks that no longer use something of another one, or no longer
// have what another one is to have. The last in the order of deployment comes first:
// what it used may be used by those before it, too.
func givingUp(deployed *account, stacks []assembly.Stack) []assembly.Stack {
	var first []assembly.Stack
	for _, stack := range stacks {
		before, there := deployed.stack(stack)
		if there && (losesUse(before, stack) || freesName(deployed, before, stack, stacks)) {
			first = append([]assembly.Stack{stack}, first...)
		}
	}
	return first
}

func losesUse(before, after assembly.Stack) bool {
	now, reads := imports(after), outputReads(after)
	return slices.ContainsFunc(imports(before), func(name string) bool { return !slices.Contains(now, name) }) ||
		slices.ContainsFunc(outputReads(before), func(read outputRead) bool { return !slices.Contains(reads, read) })
}

// freesName reports whether a stack gives up an export, or what a resource has to
// itself, and another stack is to have it.
func freesName(deployed *account, before, after assembly.Stack, all []assembly.Stack) bool {
	freed := deployed.namesIn(before)
	for name := range deployed.namesIn(after) {
		delete(freed, name)
	}
	for _, other := range all {
		for name := range deployed.namesIn(other) {
			if freed[name] && !same(other, after) {
				return true
			}
		}
	}
	return false
}

// namesIn returns what no other stack can have beside this one.
func (a *account) namesIn(stack assembly.Stack) map[string]bool {
	names := map[string]bool{}
	for _, resource := range stack.Template.Resources {
		if identity := a.identity(placed{stack: stack, resource: resource}); identity != "" {
			names[identity] = true
		}
	}
	for name := range exportsOf(stack) {
		names["export "+stack.Region+" "+name] = true
	}
	return names
}
