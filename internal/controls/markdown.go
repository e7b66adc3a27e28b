package controls

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/exceptions"
)

const introduction = `# Controls

<!-- Generated from the templates: make controls -->

How the environments answer to security frameworks: by resources of their templates, by tests, and by
[accepted findings](exceptions.md). A check of each control of Security Hub judges the templates, as AWS's page of the control
says. What AWS itself finds in an account, nobody here has seen.

In a table, 12 means that 12 resources are judged and comply, and 10 of 12 that two do not, for the reason under
[accepted](#accepted). A dash means that the environment has no such resource ("none here"). No template decides about the
requirements by AWS or by people. [controls.oscal.json](controls.oscal.json) has the same of prod as an OSCAL component definition,
for tools.

Of your own environment:

` + "```sh\nmake synth SUFFIX=prod\n.build/envtool controls cdk.out\n```" + `
`

// WriteMarkdown writes docs/controls.md.
func (r *Report) WriteMarkdown(to io.Writer) error {
	out := bufio.NewWriter(to)
	fmt.Fprint(out, introduction, "\n")
	r.writeSummary(out)
	for _, framework := range r.Frameworks {
		r.writeFramework(out, framework)
	}
	r.writeAccepted(out)
	return out.Flush()
}

func (r *Report) writeSummary(out io.Writer) {
	fmt.Fprintf(out, "| framework | requirements | %s | by AWS | by people |\n", strings.Join(r.Environments, " | "))
	fmt.Fprintln(out, "| --- |"+strings.Repeat(" --- |", len(r.Environments)+3))
	for _, framework := range r.Frameworks {
		var cells []string
		for _, environment := range r.Environments {
			cells = append(cells, r.totals(environment, framework))
		}
		by := map[string]int{}
		for _, requirement := range framework.Requirements {
			by[requirement.By]++
		}
		fmt.Fprintf(out, "| [%s](#%s) | %d | %s | %d | %d |\n",
			framework.Name, anchor(framework.Name), len(framework.Requirements), strings.Join(cells, " | "), by["AWS"], by["people"])
	}
}

// totals returns text such as "80 met, 5 accepted, 2 none here".
func (r *Report) totals(environment string, framework Framework) string {
	counts := map[Status]int{}
	for _, requirement := range framework.Requirements {
		if requirement.By == "" {
			counts[r.Answer(environment, framework, requirement).Status]++
		}
	}
	text := fmt.Sprintf("%d met", counts[Met])
	for _, other := range []struct {
		status Status
		says   string
	}{{Accepted, "accepted"}, {Failed, "**failed**"}, {Absent, "none here"}} {
		if counts[other.status] > 0 {
			text += fmt.Sprintf(", %d %s", counts[other.status], other.says)
		}
	}
	return text
}

func (r *Report) writeFramework(out io.Writer, framework Framework) {
	fmt.Fprintf(out, "\n## %s\n\n%s\n[Source](%s).\n\n", framework.Name, framework.Note, framework.Source)
	fmt.Fprintf(out, "| id | asks for | answered by | %s |\n", strings.Join(r.Environments, " | "))
	fmt.Fprintln(out, "| --- | --- | --- |"+strings.Repeat(" --- |", len(r.Environments)))
	for _, requirement := range framework.Requirements {
		var cells []string
		reasons := map[string]bool{}
		for _, environment := range r.Environments {
			answer := r.Answer(environment, framework, requirement)
			cells = append(cells, requirement.cell(answer))
			for _, exception := range answer.Exceptions {
				reasons["["+exception+"](#accepted)"] = true
			}
		}
		answered := requirement.answeredBy()
		if len(reasons) > 0 {
			answered += "; accepted: " + list(reasons)
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s |\n", requirement.ID, requirement.asks(), answered, strings.Join(cells, " | "))
	}
}

func (r Requirement) asks() string {
	if r.Severity == "" {
		return r.Title
	}
	return r.Title + " (" + strings.ToLower(r.Severity) + ")"
}

func (r Requirement) answeredBy() string {
	if r.By != "" {
		return "by " + r.By
	}
	if r.Judges != "" {
		return strings.TrimPrefix(r.Judges, "AWS::") // a control answers to itself
	}
	var answers []string
	for _, answer := range r.Answers {
		answers = append(answers, strings.TrimPrefix(answer, "AWS::"))
	}
	return strings.Join(append(answers, r.proofs()...), ", ")
}

// cell returns what a table says of an environment.
func (r Requirement) cell(answer Answer) string {
	judged, complying := len(answer.Judged), len(answer.Judged)-len(answer.Failing)
	switch {
	case r.By != "":
		return ""
	case len(r.Answers) == 0:
		return "tests"
	case answer.Status == Absent:
		return "–"
	case answer.Status == Failed:
		return fmt.Sprintf("**%d of %d**", complying, judged)
	case answer.Status == Accepted:
		return fmt.Sprintf("%d of %d", complying, judged)
	}
	return fmt.Sprint(judged)
}

// writeAccepted lists the reasons, and where a resource does not comply.
func (r *Report) writeAccepted(out io.Writer) {
	fmt.Fprint(out, "\n## Accepted\n\n| reason | controls | resources |\n| --- | --- | --- |\n")
	hub := r.Frameworks[len(r.Frameworks)-1]
	for _, exception := range exceptions.All() {
		controls, resources := map[string]bool{}, map[string]bool{}
		for _, environment := range r.Environments {
			for _, control := range hub.Requirements {
				if answer := r.Answer(environment, hub, control); slices.Contains(answer.Exceptions, exception.ID) {
					controls[control.ID] = true
					for _, failing := range answer.Failing {
						resources[failing] = true
					}
				}
			}
		}
		if len(controls) > 0 {
			fmt.Fprintf(out, "| %s: %s | %s | %s |\n", exception.ID, exception.Reason, list(controls), list(resources))
		}
	}
}

func list(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), ", ") }

// anchor returns what forges make of a heading.
func anchor(heading string) string {
	keep := func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c == '-', c >= '0' && c <= '9', c >= 'a' && c <= 'z':
			return c
		}
		return -1
	}
	return strings.Map(keep, strings.ToLower(heading))
}
