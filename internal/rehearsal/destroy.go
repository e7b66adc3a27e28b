package rehearsal

import (
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// destroy reports whether CloudFormation deletes the stack.
func (r *run) destroy(stack assembly.Stack) bool {
	steps := r.mayBeDestroyed(stack)
	for _, id := range slices.Backward(order(stack.Template)) {
		steps = append(steps, taken(stack, stack.Template.Resources[id]))
	}
	r.report.Steps = append(r.report.Steps, steps...)
	if slices.ContainsFunc(steps, func(step Step) bool { return step.Verdict == Refused }) {
		return false
	}
	r.account.remove(stack)
	return true
}

func (r *run) mayBeDestroyed(stack assembly.Stack) []Step {
	var steps []Step
	refuse := func(format string, args ...any) {
		step := Step{Stack: stack.ID, Action: Check}
		step.refuse(format, args...)
		steps = append(steps, step)
	}
	if stack.Protected {
		refuse("it has termination protection")
	}
	for _, name := range sortedKeys(exportsOf(stack.Template)) {
		if users := r.account.importers(stack, name); len(users) > 0 {
			refuse("%s imports its export %s", strings.Join(users, " and "), name)
		}
	}
	return steps
}

// taken returns the step that deletes a resource with its stack.
func taken(stack assembly.Stack, resource assembly.Resource) Step {
	step := Step{Stack: stack.ID, Resource: resource.ID, Verdict: Fine}
	judgeDeletion(stack, &resource, deletionPolicy(resource), &step)
	switch {
	case step.Action == Retain:
	case isProtected(resource):
		step.refuse("it has deletion protection")
	case mustBeEmpty(stack, resource):
		step.refuse("it is deleted only when it is empty, and nothing empties it")
	}
	return step
}
