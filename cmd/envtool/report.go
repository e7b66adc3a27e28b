package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"catalog-infra/internal/rehearsal"
)

func writeJSON[T any](out io.Writer, report T) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

// notable returns the steps that are not fine, worst first, and the number of fine
// ones.
func notable(all []rehearsal.Step) (steps []rehearsal.Step, fine int) {
	for _, step := range all {
		if step.Verdict == rehearsal.Fine {
			fine++
			continue
		}
		steps = append(steps, step)
	}
	slices.SortStableFunc(steps, func(a, b rehearsal.Step) int { return rehearsal.Worse(a.Verdict, b.Verdict) })
	return steps, fine
}

func writeText(out io.Writer, report rehearsal.Report) error {
	steps, fine := notable(report.Steps)
	if len(report.Steps) == 0 {
		_, err := fmt.Fprintln(out, "Nothing changes.")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, step := range steps {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", step.Verdict, step.Stack, resourceOf(step), step.Why)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, strings.Join(conclusions(report, fine), "\n"))
	return err
}

func resourceOf(step rehearsal.Step) string {
	if step.Resource == "" {
		return "(the stack)"
	}
	return fmt.Sprintf("%s %s", step.Action, step.Resource)
}

// conclusions returns the lines below the table.
func conclusions(report rehearsal.Report, fine int) []string {
	lines := append([]string{fmt.Sprintf("%d more changes are fine.", fine)}, stateful(report.Stateful)...)
	lines = append(lines, afterFailure(report.AfterFailure)...)
	if len(report.NotReached) > 0 {
		lines = append(lines, "Not reached: "+strings.Join(report.NotReached, ", ")+".")
	}
	for _, unknown := range report.LeftOut {
		lines = append(lines, "Left out: "+unknown+".")
	}
	if report.Way != nil {
		lines = append(lines, wayThere(*report.Way)...)
	}
	return lines
}

// stateful returns a line about the resources that hold data, in which those that do not
// stay as they are have their names.
func stateful(all []rehearsal.Step) []string {
	if len(all) == 0 {
		return nil
	}
	kept := 0
	var others []string
	for _, step := range all {
		if step.Action == rehearsal.Keep || step.Action == rehearsal.Update {
			kept++
			continue
		}
		others = append(others, fmt.Sprintf("; %s %s/%s", step.Action, step.Stack, step.Resource))
	}
	return []string{fmt.Sprintf("Resources that hold data: %d of %d are kept%s.", kept, len(all), strings.Join(others, ""))}
}

// afterFailure returns a line for each reason why the same command fails again after a
// failure, with its resources, and a line about what stays.
func afterFailure(all []rehearsal.Failure) []string {
	var reasons, left []string
	has := map[string][]string{}
	failedAt := map[string]int{}
	for _, failure := range all {
		left = addEach(left, failure.Stack, failure.Left)
		counted := map[string]bool{}
		for _, problem := range failure.Problems {
			reason := fmt.Sprintf("%s, %s", problem.Kind, problem.Why)
			reasons = addOnce(reasons, reason)
			has[reason] = addEach(has[reason], failure.Stack, []string{problem.Resource})
			if !counted[reason] {
				failedAt[reason] += len(failure.Resources)
			}
			counted[reason] = true
		}
	}
	var lines []string
	for _, reason := range reasons {
		lines = append(lines, fmt.Sprintf("After a failure at one of %d resources: %s: %s.",
			failedAt[reason], reason, strings.Join(has[reason], ", ")))
	}
	if len(left) > 0 {
		lines = append(lines, "A failure can leave without a stack: "+strings.Join(left, ", ")+".")
	}
	return lines
}

// addEach adds resources as stack/resource; an empty one stands for the stack.
func addEach(all []string, stack string, resources []string) []string {
	for _, resource := range resources {
		all = addOnce(all, strings.TrimSuffix(stack+"/"+resource, "/"))
	}
	return all
}

func addOnce(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// wayThere returns the lines about a sequence of deployments that is not refused.
func wayThere(way rehearsal.Way) []string {
	lines := []string{"The way there, rehearsed: make deploy deploys first, each by itself: " + strings.Join(way.First, ", ") + "."}
	steps, _ := notable(way.Steps)
	for _, step := range steps {
		lines = append(lines, fmt.Sprintf("On that way: %s: %s in %s: %s.", step.Verdict, resourceOf(step), step.Stack, step.Why))
	}
	return lines
}

func writeMarkdown(out io.Writer, report rehearsal.Report) error {
	steps, fine := notable(report.Steps)
	lines := []string{fmt.Sprintf("**%s**", report.Worst()), ""}
	if len(steps) > 0 {
		lines = append(lines, "| verdict | stack | resource | why |", "| --- | --- | --- | --- |")
	}
	for _, step := range steps {
		lines = append(lines, fmt.Sprintf("| %s | %s | %s | %s |", step.Verdict, step.Stack, resourceOf(step),
			strings.ReplaceAll(step.Why, "|", `\|`)))
	}
	lines = append(append(lines, ""), conclusions(report, fine)...)
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}
