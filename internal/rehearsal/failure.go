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

	// changed are the ids of the resources that the deployment makes or changes.
	changed map[string]bool

	// needs are by what a resource waits for, users by what waits for it.
	needs, users *closure

	// emptiers are the custom resources that empty a bucket, by its id.
	emptiers map[string][]string
}

// consequence is what follows where one change is taken back.
type consequence struct {
	Failure

	// follows reports whether it does after a failure at a resource.
	follows func(failed string) bool
}

// failures returns what follows where the deployment fails at each of its resources.
// CloudFormation works on several at once, so everything may be done that does not wait
// for the one that fails. What the template no longer has is deleted in the end, and a
// failure there fails no deployment.
func (d deployment) failures() []Failure {
	needs, users := waits(d.after.Template)
	r := rollback{d, map[string]bool{}, needs, users, emptiers(d.after.Template)}
	for _, found := range d.changes {
		r.changed[found.id] = found.after != nil
	}
	var consequences []consequence
	for _, found := range d.changes {
		if one := r.undo(found); one.follows != nil {
			consequences = append(consequences, one)
		}
	}
	always, all := r.always(), outcomes{at: map[string]int{}}
	for _, found := range d.changes {
		if found.after == nil {
			continue
		}
		failure := Failure{Stack: d.after.ID, Problems: slices.Clip(always.Problems)}
		for _, one := range consequences {
			if one.follows(found.id) {
				failure.Left = append(failure.Left, one.Left...)
				failure.Problems = append(failure.Problems, one.Problems...)
			}
		}
		all.add(found.id, failure)
	}
	return all.failures
}

// outcomes are failures, those with the same outcome as one.
type outcomes struct {
	failures []Failure
	at       map[string]int
}

func (o *outcomes) add(resource string, failure Failure) {
	outcome := text(failure)
	at, known := o.at[outcome]
	if !known {
		at = len(o.failures)
		o.at[outcome], o.failures = at, append(o.failures, failure)
	}
	o.failures[at].Resources = append(o.failures[at].Resources, resource)
}

// always returns the problems after a failure at whichever resource.
func (r rollback) always() (failure Failure) {
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
	return failure
}

// undo returns what follows where a change is taken back.
func (r rollback) undo(found change) consequence {
	switch {
	case found.after == nil:
		return consequence{}
	case found.before == nil:
		return r.undoCreation(found)
	}
	return r.undoUpdate(found)
}

// isDone reports whether a resource is made or changed before the failure of another.
func (r rollback) isDone(id, failed string) bool {
	return r.changed[id] && id != failed && !r.needs.of(id)[failed]
}

// isAnyDone reports the same of any resource.
func (r rollback) isAnyDone(ids []string, failed string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return r.isDone(id, failed) })
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
func (r rollback) undoCreation(made change) (one consequence) {
	problem, blocked := undeletable(*made.after, false)
	isRetained, writers := made.after.DeletionPolicy == "Retain", r.writers(*made.after)
	if blocked && !isRetained && r.isFirst() {
		one.Problems = []Problem{problem}
	} else {
		r.leave(made, &one.Failure)
	}
	switch {
	case isRetained, problem.Kind == DeletionProtection:
		one.follows = func(failed string) bool { return r.isDone(made.id, failed) }
	case len(writers) > 0:
		one.follows = func(failed string) bool {
			_, stillBlocked := undeletable(*made.after, r.isAnyDone(r.emptiers[made.id], failed))
			return r.isDone(made.id, failed) && r.isAnyDone(writers, failed) && stillBlocked == blocked
		}
	}
	return one
}

// writers returns the resources for which AWS does not delete what was just created: it is
// empty, but for a bucket that they write to. A log group may be there again after
// CloudFormation has deleted it, since logs are delivered later:
// https://github.com/aws/aws-cdk/issues/32689
func (r rollback) writers(made assembly.Resource) []string {
	switch name := nameOf(made); {
	case mustBeEmpty(made, false):
		return slices.DeleteFunc(sortedKeys(r.users.of(made.ID)), func(id string) bool {
			return !slices.Contains(bucketWriters, r.after.Template.Resources[id].Type)
		})
	case made.Type == "AWS::Logs::LogGroup" && (strings.HasPrefix(name, "/aws/lambda/") || strings.HasPrefix(name, "/aws/rds/")):
		return sortedKeys(r.users.of(made.ID))
	}
	return nil
}

// bucketWriters are types that write to a bucket as soon as they are there.
var bucketWriters = []string{
	"AWS::CloudTrail::Trail", "AWS::Config::DeliveryChannel", "AWS::EC2::FlowLog", "AWS::ElasticLoadBalancingV2::LoadBalancer",
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
	for _, found := range r.changes {
		if found.before == nil && found.after.Type == "AWS::KMS::Key" && named[found.id] {
			failure.add(TakenOver, left.id, "the next deployment takes it over with the former %s", found.id)
		}
	}
}

// undoUpdate gives a resource its former properties. Of one that is replaced the old one
// is still there.
func (r rollback) undoUpdate(found change) (one consequence) {
	if found.replacement != resourcespec.Never {
		return one
	}
	step := Step{Verdict: Fine}
	judgeWayBack(found, &step)
	if step.Verdict == Irreversible {
		one.add(RollbackFails, found.id, "%s", step.Why)
		one.follows = func(failed string) bool { return r.isDone(found.id, failed) }
	}
	return one
}
