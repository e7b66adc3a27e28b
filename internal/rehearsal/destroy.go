package rehearsal

import (
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// destroy reports whether CloudFormation deletes the stack.
func (r *run) destroy(stack assembly.Stack) bool {
	if large := tooLarge(stack); large != nil {
		r.report.Steps = append(r.report.Steps, large...)
		return false
	}
	steps, emptiers := r.mayBeDestroyed(stack), emptiers(stack.Template)
	for _, id := range slices.Backward(order(stack.Template)) {
		steps = append(steps, taken(stack, stack.Template.Resources[id], len(emptiers[id]) > 0))
	}
	r.report.Steps = append(r.report.Steps, steps...)
	if slices.ContainsFunc(steps, func(step Step) bool { return step.Verdict == Refused }) {
		return false
	}
	r.report.AfterFailure = append(r.report.AfterFailure, destroyFailures(stack)...)
	r.account.remove(stack)
	return true
}

func (r *run) mayBeDestroyed(stack assembly.Stack) []Step {
	var steps []Step
	if stack.Protected {
		steps = append(steps, refusal(stack, "it has termination protection"))
	}
	for _, name := range sortedKeys(exportsOf(stack)) {
		if users := r.account.importers(stack, name); len(users) > 0 {
			steps = append(steps, refusal(stack, "%s imports its export %s", strings.Join(users, " and "), name))
		}
	}
	return steps
}

// taken returns the step that deletes a resource with its stack.
func taken(stack assembly.Stack, resource assembly.Resource, isEmptied bool) Step {
	step := Step{Stack: stack.ID, Resource: resource.ID, Verdict: Fine}
	judgeDeletion(&resource, isEmptied, deletionPolicy(resource), &step)
	if problem, blocked := undeletable(resource, isEmptied); blocked && step.Action != Retain {
		step.refuse("%s", problem.Why)
	}
	return step
}

// undeletable returns why AWS refuses to delete a resource.
func undeletable(resource assembly.Resource, isEmptied bool) (Problem, bool) {
	switch {
	case isProtected(resource):
		return Problem{DeletionProtection, resource.ID, "it has deletion protection"}, true
	case mustBeEmpty(resource, isEmptied):
		return Problem{NotEmpty, resource.ID, "it is deleted only when it is empty, and nothing empties it"}, true
	}
	return Problem{}, false
}

// destroyFailures returns what follows where the deletion of a stack fails at each of its
// resources. What it waits for stays, and all else may be gone: also the custom resource
// that empties a bucket, to which logs are delivered later.
// https://github.com/aws/aws-cdk/issues/16332
func destroyFailures(stack assembly.Stack) []Failure {
	_, users := waits(stack.Template)
	emptiers, all := emptiers(stack.Template), outcomes{at: map[string]int{}}
	var kept []assembly.Resource
	for _, id := range sortedKeys(stack.Template.Resources) {
		resource := stack.Template.Resources[id]
		if _, blocked := undeletable(resource, false); blocked && !keeps(resource.DeletionPolicy) {
			kept = append(kept, resource)
		}
	}
	for _, id := range slices.Backward(order(stack.Template)) {
		failed := stack.Template.Resources[id]
		if keeps(failed.DeletionPolicy) {
			continue
		}
		failure := Failure{Stack: stack.ID}
		if why := heldFromOutside[failed.Type]; why != "" {
			failure.add(InUse, id, "%s", why)
		}
		stays := func(other string) bool { return other == id || users.of(other)[id] }
		for _, resource := range kept {
			isEmptied := slices.ContainsFunc(emptiers[resource.ID], stays)
			if problem, blocked := undeletable(resource, isEmptied); blocked && stays(resource.ID) {
				failure.Problems = append(failure.Problems, problem)
			}
		}
		all.add(id, failure)
	}
	return all.failures
}

// interfaces hold what is in a VPC until AWS, or somebody, deletes them:
// https://docs.aws.amazon.com/vpc/latest/userguide/requester-managed-eni.html
const interfaces = "a network interface or a cluster that no stack has may still use it"

// heldFromOutside are types that AWS does not delete while something uses them which
// another than CloudFormation made.
var heldFromOutside = map[string]string{
	"AWS::EC2::SecurityGroup":        interfaces,
	"AWS::EC2::Subnet":               interfaces,
	"AWS::EC2::VPC":                  interfaces,
	"AWS::EC2::VPCGatewayAttachment": interfaces,
	"AWS::RDS::DBSubnetGroup":        interfaces,
	// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html
	"AWS::IAM::Group": "it may still have members",
}
