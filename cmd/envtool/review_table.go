package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"catalog-infra/internal/rehearsal"
	"catalog-infra/internal/review"
)

// row is a finding, with the environments that have it. Resources of which the same is to
// say share one.
type row struct {
	review.Finding

	environments, places []string
}

// rowsOf returns the findings of all environments, worst first, each once.
func rowsOf(all []reviewed) []row {
	var rows []row
	at := map[review.Finding]int{}
	for _, one := range all {
		for _, found := range one.Findings {
			if known, ok := at[found]; !ok {
				at[found] = len(rows)
				rows = append(rows, row{found, []string{one.Environment}, []string{place(found)}})
			} else if !slices.Contains(rows[known].environments, one.Environment) {
				rows[known].environments = append(rows[known].environments, one.Environment)
			}
		}
	}
	rows = merged(rows)
	slices.SortStableFunc(rows, func(a, b row) int { return review.Worse(a.Verdict, b.Verdict) })
	return rows
}

// merged puts the rows together that differ in their resource alone.
func merged(rows []row) []row {
	var all []row
	at := map[string]int{}
	for _, one := range rows {
		key := fmt.Sprintf("%q %q %q", one.Verdict, one.What, one.environments)
		if known, ok := at[key]; ok {
			all[known].places = append(all[known].places, one.places...)
			continue
		}
		at[key] = len(all)
		all = append(all, one)
	}
	return all
}

// resources returns the places of a row; of many, how many there are.
func (r row) resources() string {
	const most = 3
	if len(r.places) <= most {
		return strings.Join(r.places, ", ")
	}
	return fmt.Sprintf("%s, %d more", strings.Join(r.places[:most-1], ", "), len(r.places)-most+1)
}

// in returns the names of the environments that have the finding.
func (r row) in(all []reviewed) string {
	if len(r.environments) == len(all) && len(all) > 1 {
		return "all"
	}
	return strings.Join(r.environments, ", ")
}

// verdictOf returns the sentence that a review begins with.
func verdictOf(all []reviewed, rows []row) string {
	var verdicts, names []string
	count := map[review.Verdict]int{}
	for _, one := range rows {
		if count[one.Verdict] += len(one.places); count[one.Verdict] == len(one.places) {
			verdicts = append(verdicts, string(one.Verdict))
		}
	}
	for i, verdict := range verdicts {
		verdicts[i] = fmt.Sprintf("%s (%d)", verdict, count[review.Verdict(verdict)])
	}
	for _, one := range all {
		names = append(names, one.Environment)
	}
	of := " of " + strings.Join(names, ", ")
	switch {
	case len(rows) > 0:
		return "A second look is needed: " + strings.Join(verdicts, ", ") + "."
	case slices.ContainsFunc(all, func(one reviewed) bool { return !one.IsEmpty() }):
		return "Nothing needs a second look in the changes" + of + "."
	}
	return "No changes" + of + "."
}

func writeReviewJSON(out io.Writer, all []reviewed) error {
	return writeJSON(out, map[string][]reviewed{"environments": all})
}

func writeReviewText(out io.Writer, all []reviewed) error {
	rows := rowsOf(all)
	fmt.Fprintln(out, verdictOf(all, rows))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, one := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.Verdict, one.in(all), one.resources(), inOneLine(one.What))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, one := range all {
		if lines := detailsOf(one); len(lines) > 0 {
			fmt.Fprintf(out, "\n%s:\n%s\n", one.Environment, strings.Join(lines, "\n"))
		}
	}
	return nil
}

// place returns the stack and the resource of a finding.
func place(found review.Finding) string {
	return inOneLine(strings.TrimSuffix(found.Stack+"/"+found.Resource, "/"))
}

// detailsOf returns the lines about an environment that are not in the table.
func detailsOf(one reviewed) []string {
	lines := one.Bill.sentences()
	stack := ""
	for _, change := range one.Changes {
		if change.Stack != stack {
			stack = change.Stack
			lines = append(lines, "Stack "+inOneLine(stack)+":")
		}
		lines = append(lines, "- "+inOneLine(sentence(change)))
	}
	if len(one.Rewritten) > 0 {
		lines = append(lines, "Written otherwise, with the same meaning: "+inOneLine(strings.Join(one.Rewritten, ", "))+".")
	}
	lines = append(lines, deploymentOf(one.Rehearsal)...)
	for _, unknown := range one.LeftOut {
		lines = append(lines, "Left out: "+inOneLine(unknown)+".")
	}
	return lines
}

func sentence(change review.Change) string {
	text := fmt.Sprintf("%s %s (%s)", change.Action, change.Resource, change.Type)
	if change.From != "" {
		text += ", which was " + change.From
	}
	if len(change.Properties) > 0 {
		text += ": " + strings.Join(change.Properties, ", ")
	}
	return text
}

// deploymentOf returns the lines of the rehearsal, except the verdicts of the table.
func deploymentOf(report rehearsal.Report) []string {
	steps, fine := notable(report.Steps)
	if len(steps) == 0 {
		return nil
	}
	lines := []string{"Deployment:"}
	for _, step := range steps {
		if slices.Contains(doNot, step.Verdict) {
			continue
		}
		lines = append(lines, inOneLine(fmt.Sprintf("- %s: %s in %s: %s", step.Verdict, resourceOf(step), step.Stack, step.Why)))
	}
	report.LeftOut = nil // the review has them
	for _, conclusion := range conclusions(report, fine) {
		lines = append(lines, "- "+inOneLine(conclusion))
	}
	return lines
}

// inOneLine returns a text without characters that a terminal or a table might obey.
func inOneLine(text string) string {
	return strings.Map(func(char rune) rune {
		if unicode.IsPrint(char) {
			return char
		}
		return ' '
	}, text)
}
