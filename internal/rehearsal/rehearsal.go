// Package rehearsal works out what CloudFormation would do: which resources a
// deployment makes, changes, replaces and deletes, in which order, where it is
// refused, and what is cut while it runs.
package rehearsal

import (
	"cmp"
	"slices"
	"strings"

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

	// LeftOut is what the rehearsal does not know, such as types that AWS's schemas
	// lack.
	LeftOut []string `json:"leftOut,omitempty"`

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
	base, head = Present(base), Present(head)
	tellRegionsApart(base, head)
	report := deploy(newAccount(base), head.Stacks)
	if report.Worst() == Refused {
		report.Way = findWay(base, head)
	}
	return report
}

// Destroy rehearses cdk destroy --all of what is deployed.
func Destroy(base *assembly.Assembly) Report {
	base = Present(base)
	run := &run{account: newAccount(base), leftOut: map[string]bool{}}
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
	account *account
	head    []assembly.Stack
	watch   *watch
	report  Report
	leftOut map[string]bool
}

func deploy(deployed *account, stacks []assembly.Stack) Report {
	run := &run{account: deployed, head: stacks, leftOut: map[string]bool{}}
	run.watch = newWatch(deployed)
	for i, stack := range stacks {
		if !run.deploy(stack) {
			run.report.NotReached = ids(stacks[i+1:])
			break
		}
	}
	run.report.Steps = append(run.report.Steps, run.watch.end()...)
	run.report.Steps = append(run.report.Steps, run.stayBehind(stacks)...)
	run.report.LeftOut = sortedKeys(run.leftOut)
	return run.report
}

func ids(stacks []assembly.Stack) []string {
	var all []string
	for _, stack := range stacks {
		all = append(all, stack.ID)
	}
	return all
}

// stayBehind returns a step for each stack that the app no longer has: cdk deploy
// does not delete it.
func (r *run) stayBehind(stacks []assembly.Stack) []Step {
	var steps []Step
	for _, deployed := range r.account.stacks {
		if !slices.ContainsFunc(stacks, func(stack assembly.Stack) bool { return same(stack, deployed) }) {
			steps = append(steps, Step{Stack: deployed.ID, Action: Retain, Verdict: Left,
				Why: "the app no longer has this stack: it stays, with what it exports and imports, " +
					"until somebody runs cdk destroy from an earlier commit" + r.usersOf(deployed)})
		}
	}
	return steps
}

// usersOf says which stacks still use what a stack exports.
func (r *run) usersOf(stack assembly.Stack) string {
	users := map[string]bool{}
	for name := range exportsOf(stack) {
		for _, user := range r.account.importers(stack, name) {
			users[user] = true
		}
	}
	if len(users) == 0 {
		return ""
	}
	return ", which is refused while it is used by " + strings.Join(sortedKeys(users), " and ")
}
