// Package controls says how the resources of assemblies answer to the controls of
// security frameworks: clauses of a security guide, CIS, SOC 2, ISO 27001 and AWS
// Security Hub.
package controls

import (
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/exceptions"
)

// Status is how an environment answers to a requirement. A larger one is worse.
type Status int

const (
	// Absent means that the environment has no resource that is judged.
	Absent Status = iota

	// Met means that every resource complies.
	Met

	// Accepted means that a resource does not comply, and that the register of
	// exceptions says why.
	Accepted

	// Failed means that a resource does not comply.
	Failed
)

// Answer is how an environment answers to a requirement.
type Answer struct {
	Status Status

	// Judged are the resources that are judged, and Failing those that do not comply,
	// as STACK/LOGICALID, in order.
	Judged, Failing []string

	// Exceptions are the ids of the reasons why that is meant to be so.
	Exceptions []string
}

// Assess returns how an assembly answers to the controls of Security Hub, by id.
func Assess(synthesized *assembly.Assembly) map[string]Answer {
	return newEnvironment(synthesized).assess()
}

func (e *environment) assess() map[string]Answer {
	answers, reasons := map[string]Answer{}, e.accepted()
	for _, control := range SecurityHub() {
		if control.By == "" {
			answers[control.ID] = e.judge(control, reasons[control.ID])
		}
	}
	return answers
}

func (e *environment) judge(control Control, reasons []string) Answer {
	var answer Answer
	for _, r := range e.byType[control.Resource] {
		verdict := checks[control.ID](e, r)
		if verdict != exempt {
			answer.Judged = append(answer.Judged, r.Key())
		}
		if verdict == fails {
			answer.Failing = append(answer.Failing, r.Key())
		}
	}
	switch {
	case len(answer.Judged) == 0:
	case len(answer.Failing) == 0:
		answer.Status = Met
	case len(reasons) > 0:
		answer.Status, answer.Exceptions = Accepted, reasons
	default:
		answer.Status = Failed
	}
	return answer
}

// counted answers for a type, with the start of logical ids behind it, of those with
// their stacks, or without.
func (e *environment) counted(kindAndStart string) Answer {
	kind, start, _ := strings.Cut(kindAndStart, " ")
	var answer Answer
	for _, r := range e.byType[kind] {
		if name := r.Key(); strings.HasPrefix(r.ID, start) || strings.HasPrefix(name, start) {
			answer.Status, answer.Judged = Met, append(answer.Judged, name)
		}
	}
	return answer
}

// joined returns what several answers say together.
func joined(answers []Answer) Answer {
	var all Answer
	for _, one := range answers {
		all.Status = max(all.Status, one.Status)
		all.Judged, all.Failing = append(all.Judged, one.Judged...), append(all.Failing, one.Failing...)
		all.Exceptions = append(all.Exceptions, one.Exceptions...)
	}
	for _, list := range []*[]string{&all.Judged, &all.Failing, &all.Exceptions} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return all
}

// accepted returns the ids of the exceptions by control.
func (e *environment) accepted() map[string][]string {
	reasons := map[string][]string{}
	protected := slices.ContainsFunc(e.Stacks, func(stack assembly.Stack) bool { return stack.Protected })
	for _, each := range exceptions.All() {
		if each.Unprotected && protected {
			continue
		}
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
