package rehearsal

import (
	"slices"

	"catalog-infra/internal/assembly"
)

// afterFailure returns what a failure later in the stack leaves behind, and whether
// the same deployment can be tried again. CloudFormation deletes what it created,
// except resources with the deletion policy Retain:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func afterFailure(stack assembly.Stack, all []change) []Step {
	last := slices.IndexFunc(all, func(found change) bool { return found.after == nil })
	if last < 0 {
		last = len(all)
	}
	var steps []Step
	for i, found := range all[:last] {
		if found.before != nil || found.after.DeletionPolicy != "Retain" || i == last-1 {
			continue
		}
		step := Step{Stack: stack.ID, Resource: found.id, Type: found.after.Type, Action: Retain, Verdict: Left,
			Why: "a failure later in the stack leaves it without one; the next deployment makes another"}
		switch {
		case nameOf(*found.after) != "":
			step.Verdict, step.Why = Fine, "a failure later in the stack leaves it, and the next deployment takes it over"
		case isSingleton(found.after.Type):
			step.refuse("a failure later in the stack leaves it without one, and an account takes no second")
		}
		steps = append(steps, step)
	}
	return steps
}
