package controls

import (
	"fmt"
	"strings"

	"catalog-infra/internal/assembly"
)

// Environment is an assembly with the name that a report gives it.
type Environment struct {
	Name     string
	Assembly *assembly.Assembly
}

// Report says how environments answer to frameworks.
type Report struct {
	Frameworks   []Framework
	Environments []string

	// answers are by environment, framework's prefix and id.
	answers map[[3]string]Answer
}

// Read assesses environments. The security guide is the text of docs/guide.md. An error has a
// line for each mistake in the security guide's tables or in what answers to a requirement.
func Read(guide string, environments ...Environment) (*Report, error) {
	all, err := allFrameworks(guide)
	if err != nil {
		return nil, err
	}
	report := &Report{Frameworks: all, answers: map[[3]string]Answer{}}
	clauses := map[string][]string{}
	for _, clause := range all[0].Requirements {
		clauses["guide "+clause.ID] = clause.Answers
	}
	for _, one := range environments {
		report.Environments = append(report.Environments, one.Name)
		env := newEnvironment(one.Assembly)
		hub := env.assess()
		for _, framework := range all {
			for _, requirement := range framework.Requirements {
				answers := env.answers(resolved(requirement.Answers, clauses), hub)
				report.answers[[3]string{one.Name, framework.Prefix, requirement.ID}] = joined(answers)
			}
		}
	}
	return report, nil
}

// answers returns what controls and types say.
func (e *environment) answers(of []string, hub map[string]Answer) []Answer {
	var all []Answer
	for _, answer := range of {
		if strings.Contains(answer, "::") {
			all = append(all, e.counted(answer))
		} else {
			all = append(all, hub[answer])
		}
	}
	return all
}

// resolved returns answers with those of clauses in the place of the clauses.
func resolved(answers []string, clauses map[string][]string) []string {
	var all []string
	for _, answer := range answers {
		if of, ok := clauses[answer]; ok {
			all = append(all, of...)
		} else {
			all = append(all, answer)
		}
	}
	return all
}

// Answer returns how an environment answers to a requirement of a framework.
func (r *Report) Answer(environment string, framework Framework, requirement Requirement) Answer {
	return r.answers[[3]string{environment, framework.Prefix, requirement.ID}]
}

// Failures returns a line for each control of Security Hub that an environment fails
// without a reason in the register of exceptions.
func (r *Report) Failures() []string {
	var lines []string
	hub := r.Frameworks[len(r.Frameworks)-1]
	for _, environment := range r.Environments {
		for _, control := range hub.Requirements {
			if answer := r.Answer(environment, hub, control); answer.Status == Failed {
				where := strings.Join(answer.Failing, ", ")
				lines = append(lines, fmt.Sprintf("%s: %s (%s) fails at %s", environment, control.ID, control.Title, where))
			}
		}
	}
	return lines
}
