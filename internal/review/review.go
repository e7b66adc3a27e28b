// Package review compares two assemblies by what their resources mean: who is let in, what
// protects, what is deployed.
package review

import (
	"cmp"
	"fmt"
	"slices"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

// Verdict says why a change needs a second look.
type Verdict string

// The verdicts, worst first. The first three are the rehearsal's.
const (
	Refused    = Verdict(rehearsal.Refused)
	DataLost   = Verdict(rehearsal.DataLost)
	ServiceCut = Verdict(rehearsal.ServiceCut)

	// Wider means that somebody may reach or do what nobody might before.
	Wider Verdict = "exposure widened"

	// Weaker means that something protects less, records less or keeps less.
	Weaker Verdict = "protection weakened"

	// Unknown means that a change is in a place that this package cannot read.
	Unknown Verdict = "not judged"
)

var verdicts = []Verdict{Refused, DataLost, ServiceCut, Wider, Weaker, Unknown}

// Finding is one change that needs a second look.
type Finding struct {
	Verdict Verdict `json:"verdict"`

	// Stack is the stack's id in the assembly, Resource the logical id; it is empty for
	// what concerns the stack.
	Stack    string `json:"stack"`
	Resource string `json:"resource,omitempty"`
	Type     string `json:"type,omitempty"`

	// What says in one sentence what the change does. It has no value that could be a
	// secret.
	What string `json:"what"`

	// Source is the page with the reason of the rule; empty where there is none.
	Source string `json:"source,omitempty"`
}

// Report is the review of one environment.
type Report struct {
	// Findings are worst first.
	Findings []Finding `json:"findings"`

	// Rehearsal is how CloudFormation would deploy the change.
	Rehearsal rehearsal.Report `json:"rehearsal"`

	// Changes are the resources that are added, removed, changed, renamed or moved.
	Changes []Change `json:"changes"`

	// Rewritten are resources of which the template says the same in other words.
	Rewritten []string `json:"rewritten,omitempty"`

	// LeftOut is what the review does not know.
	LeftOut []string `json:"leftOut,omitempty"`
}

// IsEmpty reports whether the change does nothing.
func (r Report) IsEmpty() bool {
	return len(r.Findings) == 0 && len(r.Changes) == 0 && len(r.Rewritten) == 0 && len(r.Rehearsal.Steps) == 0
}

// comparison is a review that goes on.
type comparison struct {
	base, head *environment
	pairs      []pair
	report     Report

	// assembly is where policies are.
	assembly *assembly.Assembly

	// secrets are values that are not shown, with what is shown in their place.
	secrets map[string]string
}

// Compare reviews the change from base to head. Without base the environment is new,
// without head it is removed.
func Compare(base, head *assembly.Assembly) Report {
	c := &comparison{base: newEnvironment(base), head: newEnvironment(head), secrets: map[string]string{}}
	c.assembly = &assembly.Assembly{Stacks: slices.Concat(c.head.stacks, c.base.stacks)}
	c.pairs = match(c.base, c.head)
	c.rehearse(base, head)
	c.judge(base, head)
	c.list()
	if c.base.budget < 0 || c.head.budget < 0 {
		c.report.LeftOut = append(c.report.LeftOut, "references that multiply each other: their values are too long")
	}
	slices.SortStableFunc(c.report.Findings, func(a, b Finding) int { return Worse(a.Verdict, b.Verdict) })
	return c.report
}

// judge judges what is in both environments. Of a new one it judges public addresses and
// what lets everybody in: each of its policies and routes is new. Nothing is left of one
// that is removed.
func (c *comparison) judge(base, head *assembly.Assembly) {
	judges := []func(*comparison){
		judgeGroups, judgeRoutes, judgeListeners, judgePolicies, judgeProtection, judgeFirewalls, judgeAlarms,
	}
	switch {
	case head == nil:
		return
	case base == nil:
		judges = []func(*comparison){judgeOpenGroups, judgeProtection}
	}
	for _, judge := range judges {
		judge(c)
	}
}

// find adds a finding about a resource.
func (c *comparison) find(verdict Verdict, at *resource, source, format string, args ...any) {
	c.report.Findings = append(c.report.Findings, Finding{
		Verdict: verdict, Stack: at.stack.ID, Resource: at.ID, Type: at.Type, Source: source, What: fmt.Sprintf(format, args...),
	})
}

// rehearse adds the verdicts of the rehearsal that need a second look.
func (c *comparison) rehearse(base, head *assembly.Assembly) {
	if head == nil {
		c.report.Rehearsal = rehearsal.Destroy(base)
	} else {
		c.report.Rehearsal = rehearsal.Deploy(base, head)
	}
	for _, step := range c.report.Rehearsal.Steps {
		if verdict := Verdict(step.Verdict); slices.Contains(verdicts, verdict) {
			c.report.Findings = append(c.report.Findings, Finding{
				Verdict: verdict, Stack: step.Stack, Resource: step.Resource, Type: step.Type, What: step.Why,
			})
		}
	}
	c.report.LeftOut = append(c.report.LeftOut, c.report.Rehearsal.LeftOut...)
}

// Worse compares two verdicts: negative where the first is worse.
func Worse(a, b Verdict) int {
	return cmp.Compare(slices.Index(verdicts, a), slices.Index(verdicts, b))
}
