package rehearsal

import (
	"fmt"
	"maps"
	"slices"

	"catalog-infra/internal/assembly"
)

// deployment is one stack that is deployed over what the account has.
type deployment struct {
	account *account

	// before is empty where the stack is new.
	before, after assembly.Stack

	// head has the stacks that are deployed, this one among them.
	head []assembly.Stack

	// changes are in CloudFormation's order.
	changes []change

	// holders are the resources of the account by their identities.
	holders map[string][]placed

	// made are the resources that the changes so far create, by their identities.
	made map[string]assembly.Resource

	// at is the place of each resource in changes.
	at map[string]int

	// formerEmptiers empty the buckets of before.
	formerEmptiers map[string][]string

	// cuts is what running tasks lack since an earlier stack was deployed.
	cuts map[string]Step
}

// checks are the rules about a stack as a whole.
var checks = []func(deployment) []Step{
	unresolved, circles, missingParameters,
	missingImports, missingOutputs, takenExports, usedExports, staleOutputs,
	sideBySide, overQuota, clashing, repeatedRules, farCertificates, newHealthCheck, shiftedRules,
}

// deploy reports whether CloudFormation accepts the stack.
func (r *run) deploy(stack assembly.Stack) bool {
	before, _ := r.account.stack(stack)
	if large := append(tooLarge(before), tooLarge(stack)...); large != nil {
		r.report.Steps = append(r.report.Steps, large...)
		return false
	}
	all := changes(withoutMetadata(before.Template), withoutMetadata(stack.Template))
	planned := deployment{
		account: r.account, before: before, after: stack, head: r.head, changes: all, cuts: r.watch.cuts, at: map[string]int{},
		holders: r.account.holders(), made: map[string]assembly.Resource{}, formerEmptiers: emptiers(before.Template),
	}
	for i, found := range all {
		planned.at[found.id] = i
	}
	var steps []Step
	for _, check := range checks {
		steps = append(steps, check(planned)...)
	}
	for _, found := range all {
		steps = append(steps, judge(planned, found))
		planned.make(found)
	}
	r.report.Steps = append(r.report.Steps, steps...)
	r.report.Stateful = append(r.report.Stateful, planned.stateful(steps)...)
	for _, unknown := range planned.leftOut() {
		r.leftOut[unknown] = true
	}
	if slices.ContainsFunc(steps, func(step Step) bool { return step.Verdict == Refused }) {
		return false
	}
	r.report.AfterFailure = append(r.report.AfterFailure, planned.failures()...)
	r.report.Steps = append(r.report.Steps, r.watch.during(planned)...)
	for _, found := range all {
		r.leave(stack, found)
	}
	return true
}

// refusal returns the step that CloudFormation refuses a stack for.
func refusal(stack assembly.Stack, format string, args ...any) Step {
	return Step{Stack: stack.ID, Action: Check, Verdict: Refused, Why: fmt.Sprintf(format, args...)}
}

func (d deployment) refuse(format string, args ...any) Step { return refusal(d.after, format, args...) }

// refuseOf returns the step that CloudFormation refuses a resource of the stack for.
func (d deployment) refuseOf(found change, format string, args ...any) Step {
	step := d.refuse(format, args...)
	step.Resource, step.Type = found.id, found.after.Type
	return step
}

// withoutMetadata returns a template without the resource that reports to AWS which
// constructs an app has.
func withoutMetadata(template assembly.Template) assembly.Template {
	resources := maps.Clone(template.Resources)
	maps.DeleteFunc(resources, func(_ string, resource assembly.Resource) bool { return resource.Type == "AWS::CDK::Metadata" })
	template.Resources = resources
	return template
}

// leave keeps account of what a change takes out of the stack and retains, and of
// what it takes over.
func (r *run) leave(stack assembly.Stack, found change) {
	switch {
	case found.after == nil && keeps(found.before.DeletionPolicy):
		r.account.left = append(r.account.left, placed{stack, *found.before, true})
	case found.isReplaced() && keeps(found.before.UpdateReplacePolicy):
		r.account.left = append(r.account.left, placed{stack, *found.before, true})
	case found.before == nil:
		made := r.account.identity(placed{stack: stack, resource: *found.after})
		r.account.left = slices.DeleteFunc(r.account.left, func(left placed) bool {
			return made != "" && r.account.identity(left) == made
		})
	}
}
