// Package rehearsal works out what CloudFormation would do: which resources a
// deployment makes, changes, replaces and deletes, in which order, where it is
// refused, and what is cut while it runs.
package rehearsal

import (
	"cmp"
	"maps"
	"slices"

	"catalog-infra/internal/assembly"
)

// Verdict says what a step means to the environment.
type Verdict string

// The verdicts, worst first.
const (
	// Refused means that CloudFormation stops here and takes the stack back.
	Refused Verdict = "refused"

	// DataLost means that something which holds data is deleted, or that an empty one
	// takes its place.
	DataLost Verdict = "data lost"

	// ServiceCut means that tasks that run are not reached, or do not reach what
	// they need.
	ServiceCut Verdict = "service cut"

	// Irreversible means that a failure later in the deployment cannot take this
	// back.
	Irreversible Verdict = "cannot be rolled back"

	// Replaced means that a resource is made anew and the old one deleted.
	Replaced Verdict = "replaced"

	// Left means that something stays, and bills, without a stack.
	Left Verdict = "left behind"

	Fine Verdict = "fine"
)

var verdicts = []Verdict{Refused, DataLost, ServiceCut, Irreversible, Replaced, Left, Fine}

// Worse compares two verdicts: negative where the first is worse.
func Worse(a, b Verdict) int {
	return cmp.Compare(slices.Index(verdicts, a), slices.Index(verdicts, b))
}

// Action says what happens to a resource.
type Action string

// The actions.
const (
	Create  Action = "create"
	Import  Action = "import"
	Update  Action = "update"
	Replace Action = "replace"
	Delete  Action = "delete"
	Retain  Action = "retain"
	Keep    Action = "keep"
	Check   Action = "check" // nothing happens to a resource: what holds for the stack
)

// Step is one thing that a deployment does.
type Step struct {
	// Stack is the stack's id in the assembly.
	Stack string `json:"stack"`

	// Resource is the logical id, empty for what concerns the stack.
	Resource string `json:"resource,omitempty"`
	Type     string `json:"type,omitempty"`

	Action  Action  `json:"action"`
	Verdict Verdict `json:"verdict"`

	// Properties are the paths that change.
	Properties []string `json:"properties,omitempty"`

	// Why explains the verdict, in one sentence; empty where it is Fine.
	Why string `json:"why,omitempty"`
}

// Report is a rehearsal.
type Report struct {
	// Steps are in the order of the deployment. The last one of a deployment that is
	// refused is in the stack that was taken back.
	Steps []Step `json:"steps"`

	// Stateful are the resources that hold data, before or after. One that stays as it is
	// has the action Keep, any other the step of the deployment.
	Stateful []Step `json:"stateful,omitempty"`

	// AfterFailure is what follows where CloudFormation fails at any one resource.
	AfterFailure []Failure `json:"afterFailure,omitempty"`

	// NotReached are the stacks after the one that was refused.
	NotReached []string `json:"notReached,omitempty"`

	// Unjudged are the resource types that AWS's schemas lack, so that a change of
	// their properties may or may not replace them.
	Unjudged []string `json:"unjudged,omitempty"`

	// Way is nil where there is none or no need.
	Way *Way `json:"way,omitempty"`
}

// Way is another order of the stacks, which was rehearsed and is not refused.
type Way struct {
	// First are the stacks to deploy first, each by itself, before all are.
	First []string `json:"first"`

	// Steps has the steps of the whole way, in their order.
	Steps []Step `json:"steps"`
}

// Worst returns the worst verdict of the deployment, Fine where nothing happens.
func (r Report) Worst() Verdict { return worst(r.Steps) }

func worst(steps []Step) Verdict {
	found := Fine
	for _, step := range steps {
		if Worse(step.Verdict, found) < 0 {
			found = step.Verdict
		}
	}
	return found
}

// Deploy rehearses cdk deploy --all of head where base is deployed, with
// --import-existing-resources. Without a base it is a first deployment.
func Deploy(base, head *assembly.Assembly) Report {
	report := deploy(newAccount(base), head.Stacks)
	if report.Worst() == Refused {
		report.Way = findWay(base, head)
	}
	return report
}

// Destroy rehearses cdk destroy --all of what is deployed.
func Destroy(base *assembly.Assembly) Report {
	run := &run{account: newAccount(base), unjudged: map[string]bool{}}
	stacks := slices.Clone(base.Stacks)
	slices.Reverse(stacks)
	for i, stack := range stacks {
		if !run.destroy(stack) {
			run.report.NotReached = ids(stacks[i+1:])
			break
		}
	}
	return run.report
}

// run is a deployment that goes on.
type run struct {
	account  *account
	head     []assembly.Stack
	watch    *watch
	report   Report
	unjudged map[string]bool
}

func deploy(deployed *account, stacks []assembly.Stack) Report {
	run := &run{account: deployed, head: stacks, unjudged: map[string]bool{}}
	run.watch = newWatch(deployed)
	for i, stack := range stacks {
		if !run.deploy(stack) {
			run.report.NotReached = ids(stacks[i+1:])
			break
		}
	}
	run.report.Steps = append(run.report.Steps, run.watch.end()...)
	run.report.Steps = append(run.report.Steps, run.stayBehind(stacks)...)
	run.report.Unjudged = sortedKeys(run.unjudged)
	return run.report
}

func ids(stacks []assembly.Stack) []string {
	var all []string
	for _, stack := range stacks {
		all = append(all, stack.ID)
	}
	return all
}

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

	// cuts is what running tasks lack since an earlier stack was deployed.
	cuts map[string]Step
}

// checks are the rules about a stack as a whole.
var checks = []func(deployment) []Step{
	templateLimits, unresolved, circles, missingParameters,
	missingImports, missingOutputs, takenExports, usedExports, staleOutputs,
	sideBySide, overQuota, clashing, repeatedRules, farCertificates, newHealthCheck,
}

// deploy reports whether CloudFormation accepts the stack.
func (r *run) deploy(stack assembly.Stack) bool {
	before, _ := r.account.stack(stack)
	all := changes(withoutMetadata(before.Template), withoutMetadata(stack.Template))
	planned := deployment{r.account, before, stack, r.head, all, r.account.holders(), r.watch.cuts}
	var steps []Step
	for _, check := range checks {
		steps = append(steps, check(planned)...)
	}
	for _, found := range all {
		steps = append(steps, r.judge(planned, found))
	}
	r.report.Steps = append(r.report.Steps, steps...)
	r.report.Stateful = append(r.report.Stateful, planned.stateful(steps)...)
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

// refuse returns the step that CloudFormation refuses the stack for.
func (d deployment) refuse(format string, args ...any) Step {
	step := Step{Stack: d.after.ID, Action: Check}
	step.refuse(format, args...)
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

// stayBehind returns a step for each stack that the app no longer has: cdk deploy
// does not delete it.
func (r *run) stayBehind(stacks []assembly.Stack) []Step {
	var steps []Step
	for _, deployed := range r.account.stacks {
		if !slices.ContainsFunc(stacks, func(stack assembly.Stack) bool { return same(stack, deployed) }) {
			steps = append(steps, Step{Stack: deployed.ID, Action: Retain, Verdict: Left,
				Why: "the app no longer has this stack: it stays, with what it exports and imports, " +
					"until somebody runs cdk destroy from an earlier commit"})
		}
	}
	return steps
}
