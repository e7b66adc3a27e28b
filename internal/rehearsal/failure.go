package rehearsal

import (
	"fmt"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/resourcespec"
)

// Failure is what follows where CloudFormation fails at a resource.
type Failure struct {
	// Stack is the stack's id. The same follows at each of the Resources.
	Stack     string   `json:"stack"`
	Resources []string `json:"resources"`

	// Left are the resources that stay without a stack.
	Left []string `json:"left,omitempty"`

	// Problems are empty where the same command again succeeds, once the cause of the
	// failure is gone.
	Problems []Problem `json:"problems,omitempty"`
}

// Problem is what a person must do, or know, before the same command again.
type Problem struct {
	Kind Kind `json:"kind"`

	// Resource is the logical id, empty for what concerns the stack.
	Resource string `json:"resource,omitempty"`
	Why      string `json:"why"`
}

// Kind is a kind of problem. docs/operations.md says what to do about each.
type Kind string

// The kinds.
const (
	TerminationProtection Kind = "termination protection"
	DeletionProtection    Kind = "deletion protection"
	NotEmpty              Kind = "not empty"
	InUse                 Kind = "in use"
	NameTaken             Kind = "name taken"
	OneInAccount          Kind = "one in an account"
	TakenOver             Kind = "taken over"
	RollbackFails         Kind = "rollback fails"
)

// rollback is what CloudFormation does after a failure at a resource of a stack.
type rollback struct {
	deployment

	// done are the changes before the failure.
	done []change

	// made is the stack with the resources of done.
	made assembly.Stack

	// needs has all that a resource waits for, directly or not.
	needs map[string]map[string]bool
}

// failures returns what follows where the deployment fails at each of its resources.
// CloudFormation works on several at once, so everything may be done that does not wait
// for the one that fails. What the template no longer has is deleted in the end, and a
// failure there fails no deployment.
func (d deployment) failures() []Failure {
	needs := transitive(d.after.Template)
	var all []Failure
	for _, failed := range d.changes {
		if failed.after == nil {
			continue
		}
		tried := rollback{deployment: d, made: d.after, needs: needs}
		tried.made.Template.Resources = map[string]assembly.Resource{}
		for _, found := range d.changes {
			if found.after != nil && found.id != failed.id && !needs[found.id][failed.id] {
				tried.done = append(tried.done, found)
				tried.made.Template.Resources[found.id] = *found.after
			}
		}
		all = merge(all, tried.failure(failed.id))
	}
	return all
}

// transitive returns all dependencies of each resource.
func transitive(template assembly.Template) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, id := range order(template) {
		all[id] = map[string]bool{}
		for _, before := range dependencies(template, id) {
			all[id][before] = true
			for indirect := range all[before] {
				all[id][indirect] = true
			}
		}
	}
	return all
}

// merge adds a failure, to the one that has the same outcome if there is one.
func merge(all []Failure, failure Failure) []Failure {
	for i, other := range all {
		if other.Stack == failure.Stack && slices.Equal(other.Left, failure.Left) && slices.Equal(other.Problems, failure.Problems) {
			all[i].Resources = append(all[i].Resources, failure.Resources...)
			return all
		}
	}
	return append(all, failure)
}

func (r rollback) failure(resource string) Failure {
	failure := Failure{Stack: r.after.ID, Resources: []string{resource}}
	if r.isFirst() && r.after.Protected {
		// The CLI protects a stack before it creates anything in it:
		// https://github.com/aws-samples/aws-secure-environment-accelerator/pull/253
		failure.add(TerminationProtection, "", "the CDK CLI cannot delete the stack that failed")
	}
	if r.changesService() {
		for _, cut := range sortedKeys(r.cuts) {
			failure.add(RollbackFails, "", "the former tasks cannot start or are not reached: %s", cut)
		}
	}
	for _, found := range r.done {
		if found.before == nil {
			r.undoCreation(found, &failure)
		} else {
			r.undoUpdate(found, &failure)
		}
	}
	return failure
}

// isFirst reports whether the stack was not there before. After a failure CloudFormation
// deletes its resources, and the CDK CLI deletes the stack before the next try.
func (d deployment) isFirst() bool { return d.before.ID == "" }

func (d deployment) changesService() bool {
	return slices.ContainsFunc(d.changes, func(found change) bool {
		return found.before != nil && found.after != nil && found.after.Type == "AWS::ECS::Service"
	})
}

func (f *Failure) add(kind Kind, resource, format string, args ...any) {
	f.Problems = append(f.Problems, Problem{kind, resource, fmt.Sprintf(format, args...)})
}

// undoCreation deletes what was created, except resources with the deletion policy
// Retain: https://github.com/aws/serverless-application-model/issues/1819
func (r rollback) undoCreation(made change, failure *Failure) {
	problem, blocked := r.undeletable(*made.after)
	switch {
	case made.after.DeletionPolicy == "Retain":
		r.leave(made, failure)
	case blocked && r.isFirst():
		failure.Problems = append(failure.Problems, problem)
	case blocked, r.isCreatedAgain(made):
		r.leave(made, failure)
	}
}

// undeletable returns why AWS does not delete what was just created. It is empty, but
// for buckets with a writer.
func (r rollback) undeletable(resource assembly.Resource) (Problem, bool) {
	problem, blocked := undeletable(r.made, resource)
	if problem.Kind == NotEmpty {
		blocked = slices.ContainsFunc(r.done, func(found change) bool {
			return slices.Contains(bucketWriters, found.after.Type) && r.needs[found.id][resource.ID]
		})
	}
	return problem, blocked
}

// bucketWriters are types that write to a bucket as soon as they are there.
var bucketWriters = []string{
	"AWS::CloudTrail::Trail", "AWS::Config::DeliveryChannel", "AWS::EC2::FlowLog", "AWS::ElasticLoadBalancingV2::LoadBalancer",
}

// isCreatedAgain reports whether the service that writes to a log group may create it
// after CloudFormation has deleted it, since logs are delivered later:
// https://github.com/aws/aws-cdk/issues/32689
func (r rollback) isCreatedAgain(made change) bool {
	name := nameOf(*made.after)
	if made.after.Type != "AWS::Logs::LogGroup" || !strings.HasPrefix(name, "/aws/lambda/") && !strings.HasPrefix(name, "/aws/rds/") {
		return false
	}
	return slices.ContainsFunc(r.done, func(found change) bool { return r.needs[found.id][made.id] })
}

// leave adds a resource that stays without a stack, and what the next deployment makes
// of it.
func (r rollback) leave(left change, failure *Failure) {
	failure.Left = append(failure.Left, left.id)
	switch name := nameOf(*left.after); {
	case name != "" && !importable(*left.after):
		failure.add(NameTaken, left.id, "it is there again, and the next deployment finds its name %s taken", name)
	case isSingleton(left.after.Type):
		failure.add(OneInAccount, left.id, "it stays, and an account takes no second")
	case name != "":
		r.takeOver(left, failure)
	}
}

// takeOver adds what is not as the template says in what the next deployment takes over:
// CloudFormation changes nothing of it.
func (r rollback) takeOver(left change, failure *Failure) {
	if left.after.DeletionPolicy != "Retain" {
		failure.add(TakenOver, left.id, "the next deployment takes it over as it is then, not as the template says")
		return
	}
	named := references(map[string]any(left.after.Properties))
	for _, found := range r.done {
		if found.before == nil && found.after.Type == "AWS::KMS::Key" && named[found.id] {
			failure.add(TakenOver, left.id, "the next deployment takes it over with the former %s", found.id)
		}
	}
}

// undoUpdate gives a resource its former properties. Of one that is replaced the old one
// is still there.
func (r rollback) undoUpdate(found change, failure *Failure) {
	if found.replacement != resourcespec.Never {
		return
	}
	step := Step{Verdict: Fine}
	judgeWayBack(found, &step)
	if step.Verdict == Irreversible {
		failure.add(RollbackFails, found.id, "%s", step.Why)
	}
}
