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
	steps := r.mayBeDestroyed(stack)
	for _, id := range slices.Backward(order(stack.Template)) {
		steps = append(steps, taken(stack, stack.Template.Resources[id]))
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
func taken(stack assembly.Stack, resource assembly.Resource) Step {
	step := Step{Stack: stack.ID, Resource: resource.ID, Verdict: Fine}
	judgeDeletion(stack, &resource, deletionPolicy(resource), &step)
	if problem, blocked := undeletable(stack, resource); blocked && step.Action != Retain {
		step.refuse("%s", problem.Why)
	}
	return step
}

// undeletable returns why AWS refuses to delete a resource of the stack.
func undeletable(stack assembly.Stack, resource assembly.Resource) (Problem, bool) {
	switch {
	case isProtected(resource):
		return Problem{DeletionProtection, resource.ID, "it has deletion protection"}, true
	case mustBeEmpty(stack, resource):
		return Problem{NotEmpty, resource.ID, "it is deleted only when it is empty, and nothing empties it"}, true
	}
	return Problem{}, false
}

// destroyFailures returns what follows where the deletion of a stack fails at each of its
// resources. What it waits for stays, and all else may be gone: also the custom resource
// that empties a bucket, to which logs are delivered later.
// https://github.com/aws/aws-cdk/issues/16332
func destroyFailures(stack assembly.Stack) []Failure {
	needs := transitive(stack.Template)
	var all []Failure
	for _, id := range slices.Backward(order(stack.Template)) {
		failed := stack.Template.Resources[id]
		if keeps(failed.DeletionPolicy) {
			continue
		}
		rest := stack
		rest.Template.Resources = map[string]assembly.Resource{id: failed}
		for before := range needs[id] {
			rest.Template.Resources[before] = stack.Template.Resources[before]
		}
		all = merge(all, deleteAgain(rest, failed))
	}
	return all
}

// deleteAgain returns what stands against deleting the rest of a stack.
func deleteAgain(rest assembly.Stack, failed assembly.Resource) Failure {
	failure := Failure{Stack: rest.ID, Resources: []string{failed.ID}}
	if why := heldFromOutside[failed.Type]; why != "" {
		failure.add(InUse, failed.ID, "%s", why)
	}
	for _, id := range sortedKeys(rest.Template.Resources) {
		resource := rest.Template.Resources[id]
		if problem, blocked := undeletable(rest, resource); blocked && !keeps(resource.DeletionPolicy) {
			failure.Problems = append(failure.Problems, problem)
		}
	}
	return failure
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
