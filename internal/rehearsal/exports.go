package rehearsal

import (
	"reflect"
	"strings"
)

// missingImports refuses what no stack exports when this one is deployed.
func missingImports(d deployment) []Step {
	var steps []Step
	for _, name := range imports(d.after) {
		isKnown := !strings.HasPrefix(name, "{")
		if isKnown && !d.account.exports(d.after.Region, name) {
			steps = append(steps, d.refuse("it imports %s, which no deployed stack exports", name))
		}
	}
	return steps
}

// usedExports refuses exports that change or vanish while another stack, as it is
// deployed at that moment, imports them.
func usedExports(d deployment) []Step {
	gone, old, young := d.gone(), exportsOf(d.before), exportsOf(d.after)
	var steps []Step
	for _, name := range sortedKeys(old) {
		value, stays := young[name]
		if stays && reflect.DeepEqual(value, old[name]) && !namesAny(value, gone) {
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
