package rehearsal

import (
	"reflect"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// missingImports refuses what no stack exports when this one is deployed.
func missingImports(d deployment) []Step {
	var steps []Step
	for _, name := range imports(d.after.Template) {
		if !d.account.exports(d.after.Region, name) {
			steps = append(steps, d.refuse("it imports %s, which no deployed stack exports", name))
		}
	}
	return steps
}

// usedExports refuses exports that change or vanish while another stack, as it is
// deployed at that moment, imports them.
func usedExports(d deployment) []Step {
	replaced := map[string]bool{}
	for _, found := range d.changes {
		replaced[found.id] = found.isReplaced() || found.after == nil
	}
	old, young := exportsOf(d.before.Template), exportsOf(d.after.Template)
	var steps []Step
	for _, name := range sortedKeys(old) {
		value, stays := young[name]
		if stays && reflect.DeepEqual(value, old[name]) && !namesAny(value, replaced) {
			continue
		}
		if users := d.account.importers(d.after, name); len(users) > 0 {
			steps = append(steps, d.refuse("the export %s %s while %s imports it", name, what(stays), strings.Join(users, " and ")))
		}
	}
	return steps
}

func what(stays bool) string {
	if stays {
		return "would change"
	}
	return "would vanish"
}

func namesAny(value any, ids map[string]bool) bool {
	for target := range references(value) {
		if ids[target] {
			return true
		}
	}
	return false
}

// findWay looks for an order of the stacks in which nothing is refused: those that
// stop importing something go first, each by itself.
func findWay(base, head *assembly.Assembly) *Way {
	if base == nil {
		return nil
	}
	first, rest := consumersFirst(newAccount(base), head.Stacks)
	if len(first) == 0 {
		return nil
	}
	report := deploy(newAccount(base), append(slices.Clip(first), rest...))
	if report.Worst() == Refused {
		return nil
	}
	return &Way{First: ids(first), Steps: report.Steps}
}

// consumersFirst takes the stacks out that lose an import, the last in the order of
// deployment first: what they imported may be used by those before them, too.
func consumersFirst(deployed *account, stacks []assembly.Stack) (first, rest []assembly.Stack) {
	for _, stack := range stacks {
		before, _ := deployed.stack(stack)
		if losesImport(before.Template, stack.Template) {
			first = append([]assembly.Stack{stack}, first...)
		}
	}
	return first, stacks
}

func losesImport(before, after assembly.Template) bool {
	now := map[string]bool{}
	for _, name := range imports(after) {
		now[name] = true
	}
	for _, name := range imports(before) {
		if !now[name] {
			return true
		}
	}
	return false
}
