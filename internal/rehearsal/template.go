package rehearsal

import (
	"strings"

	"catalog-infra/internal/assembly"
)

// limits are CloudFormation's quotas of a template, none of which can be raised:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
// The size is what CloudFormation's own message says.
var limits = []struct {
	of    string
	most  int
	count func(assembly.Template) int
}{
	{"resources", 500, func(template assembly.Template) int { return len(template.Resources) }},
	{"outputs", 200, func(template assembly.Template) int { return len(template.Outputs) }},
	{"parameters", 200, func(template assembly.Template) int { return len(template.Parameters) }},
	{"mappings", 200, func(template assembly.Template) int { return len(template.Mappings) }},
	{"bytes", 1_000_000, func(template assembly.Template) int { return template.Size }},
}

// tooLarge refuses a template that CloudFormation does not take, and so never had. The
// rehearsal goes no further into it.
func tooLarge(stack assembly.Stack) []Step {
	var steps []Step
	for _, limit := range limits {
		if count := limit.count(stack.Template); count > limit.most {
			steps = append(steps, refusal(stack, "its template has %d %s, CloudFormation takes %d", count, limit.of, limit.most))
		}
	}
	return steps
}

// unresolved refuses references to what the template does not have. A macro may
// still add it.
func unresolved(d deployment) []Step {
	template := d.after.Template
	if template.Transform != nil {
		return nil
	}
	var steps []Step
	refuse := func(at string, named map[string]bool) {
		for _, id := range sortedKeys(named) {
			_, isResource := template.Resources[id]
			_, isParameter := template.Parameters[id]
			if !isResource && !isParameter && !strings.HasPrefix(id, "AWS::") {
				steps = append(steps, d.refuse("%s names %q, which the template does not have", at, id))
			}
		}
	}
	for _, id := range sortedKeys(template.Resources) {
		refuse(id, namedBy(template.Resources[id]))
	}
	for _, id := range sortedKeys(template.Outputs) {
		refuse("output "+id, references(template.Outputs[id].Value))
	}
	return steps
}

// namedBy returns what a resource refers to or names in DependsOn.
func namedBy(resource assembly.Resource) map[string]bool {
	ids := references(map[string]any(resource.Properties))
	for _, id := range resource.DependsOn {
		ids[id] = true
	}
	return ids
}

// circles refuses resources that wait for each other.
func circles(d deployment) []Step {
	if found := circle(d.after.Template); found != nil {
		return []Step{d.refuse("its resources wait for each other: %s", strings.Join(found, ", "))}
	}
	return nil
}

// circle returns resources each of which waits for the next one, and the last for the
// first; nil where there are none.
func circle(template assembly.Template) []string {
	places := map[string]int{} // in waiting; -1 once none of what it waits for is in a circle
	var waiting []string
	var visit func(id string) []string
	visit = func(id string) []string {
		if at, seen := places[id]; seen && at >= 0 {
			return waiting[at:]
		} else if seen {
			return nil
		}
		places[id] = len(waiting)
		waiting = append(waiting, id)
		for _, next := range dependencies(template, id) {
			if found := visit(next); found != nil {
				return found
			}
		}
		waiting = waiting[:len(waiting)-1]
		places[id] = -1
		return nil
	}
	for _, id := range sortedKeys(template.Resources) {
		if found := visit(id); found != nil {
			return found
		}
	}
	return nil
}

// missingParameters refuses parameters for which nothing has a value: no default, no
// earlier deployment, and not the CDK CLI.
func missingParameters(d deployment) []Step {
	var steps []Step
	for _, name := range sortedKeys(d.after.Template.Parameters) {
		parameter, _ := d.after.Template.Parameters[name].(map[string]any)
		_, hasDefault := parameter["Default"]
		_, handedOver := d.after.Parameters[name]
		_, there := d.before.Template.Parameters[name]
		if !hasDefault && !handedOver && !there {
			steps = append(steps, d.refuse("its parameter %s has no value and no default", name))
		}
	}
	return steps
}

// takenExports refuses names of exports that another stack of the region has.
func takenExports(d deployment) []Step {
	var steps []Step
	for _, name := range sortedKeys(exportsOf(d.after)) {
		for _, other := range d.account.stacks {
			if _, taken := exportsOf(other)[name]; taken && other.Region == d.after.Region && !same(other, d.after) {
				steps = append(steps, d.refuse("stack %s exports %s already", other.ID, name))
			}
		}
	}
	return steps
}
