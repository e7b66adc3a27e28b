// Package controls says how the resources of assemblies answer to the controls of
// security frameworks: the guide's clauses, SOC 2, ISO 27001, CIS and AWS Security
// Hub.
package controls

import (
	"slices"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/exceptions"
)

// Status is how an environment answers to a control. A larger one is worse.
type Status int

const (
	// Absent means that no resource of the environment is judged.
	Absent Status = iota

	// Met means that every resource complies.
	Met

	// Accepted means that a resource does not comply, and that the register of
	// exceptions says why.
	Accepted

	// Failed means that a resource does not comply.
	Failed
)

// Answer is how an environment answers to a control.
type Answer struct {
	Status Status

	// Resources is how many were judged.
	Resources int

	// Failing are the resources that do not comply, as STACK/LOGICALID, in order.
	Failing []string

	// Exceptions are the ids of the reasons why that is meant to be so.
	Exceptions []string
}

// Assess returns how an assembly answers to the controls of Security Hub, by id.
func Assess(synthesized *assembly.Assembly) map[string]Answer {
	env, reasons, answers := newEnvironment(synthesized), accepted(), map[string]Answer{}
	for _, control := range SecurityHub() {
		if control.By == "" {
			answers[control.ID] = env.answer(control, reasons[control.ID])
		}
	}
	return answers
}

func (e *environment) answer(control Control, reasons []string) Answer {
	var answer Answer
	for _, r := range e.byType[control.Resource] {
		verdict := checks[control.ID](e, r)
		if verdict == exempt {
			continue
		}
		answer.Resources++
		if verdict == fails {
			answer.Failing = append(answer.Failing, r.stack.ID+"/"+r.ID)
		}
	}
	slices.Sort(answer.Failing)
	switch {
	case answer.Resources == 0:
	case len(answer.Failing) == 0:
		answer.Status = Met
	case len(reasons) > 0:
		answer.Status, answer.Exceptions = Accepted, reasons
	default:
		answer.Status = Failed
	}
	return answer
}

// accepted returns the ids of the exceptions by control.
func accepted() map[string][]string {
	reasons := map[string][]string{}
	for _, each := range exceptions.All() {
		controls := each.Found[exceptions.LowerSeverity]
		if each.SecurityHub != nil {
			controls = slices.Concat(controls, each.SecurityHub.Controls)
		}
		for _, control := range controls {
			reasons[control] = append(reasons[control], each.ID)
		}
	}
	return reasons
}
