package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/rehearsal"
)

// The exit statuses of a rehearsal, beside 0 for no change and 1 for an error.
const (
	statusChanges = 2
	statusDoNot   = 3 // refused, data lost, or the service cut
)

// exitStatus ends the command with a status and no message.
type exitStatus int

func (exitStatus) Error() string { return "" }

// rehearsals are the functions that write a report, by format.
var rehearsals = map[string]func(io.Writer, rehearsal.Report) error{
	"text": writeText, "markdown": writeMarkdown, "json": writeJSON,
}

func newRehearseCommand() *cobra.Command {
	var asked rehearsalOptions
	command := &cobra.Command{
		Use:   "rehearse --base DIR --head DIR",
		Short: "Prints how CloudFormation would deploy an assembly over another one",
		Long: `Prints what cdk deploy --all of the assembly --head would do if --base is deployed. Without
--base it is a first deployment, without --head it is cdk destroy --all.

Exit status: 0 for no changes, 1 for an error, 2 for changes, 3 if the deployment would be refused,
lose data or cut the service.`,
		Args: noArgument,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := asked.check(command); err != nil {
				return err
			}
			report, err := asked.rehearse(command.Context())
			if err != nil {
				return err
			}
			if err := rehearsals[asked.format](command.OutOrStdout(), report); err != nil {
				return err
			}
			steps, err := asked.follow(report)
			if err != nil {
				return err
			}
			return asked.status(steps)
		},
	}
	flags := command.Flags()
	flags.StringVar(&asked.base, "base", "", "the directory of the assembly that is deployed")
	flags.StringVar(&asked.head, "head", "", "the directory of the assembly to deploy")
	flags.BoolVar(&asked.deployed, "deployed", false, "in place of --base: ask CloudFormation what is deployed (needs AWS credentials)")
	flags.StringVar(&asked.way, "way", "", "the `file` to write the stacks to that must go first: it ends as that way would")
	flags.StringVar(&asked.format, "format", "text", "text, markdown or json")
	flags.StringSliceVar(&asked.accept, "accept", nil, "verdicts that end with status 2 all the same, such as \"service cut\"")
	return command
}

// rehearsalOptions are the flags of the command.
type rehearsalOptions struct {
	base, head, way, format string
	deployed                bool
	accept                  []string
}

// check returns the mistakes of the flags.
func (o rehearsalOptions) check(command *cobra.Command) error {
	switch {
	case rehearsals[o.format] == nil:
		return usageError(command, "rehearse: got --format %q, want text, markdown or json", o.format)
	case o.deployed && o.base != "":
		return usageError(command, "rehearse: got --deployed and --base, want one of them")
	case o.deployed && o.head == "":
		return usageError(command, "rehearse: --deployed needs --head DIR, which names the stacks")
	case o.base == "" && o.head == "":
		return usageError(command, "rehearse needs --base DIR, --head DIR or both")
	}
	for _, verdict := range o.accept {
		if !slices.Contains(doNot, rehearsal.Verdict(verdict)) {
			return usageError(command, "rehearse: got --accept %q, want one of %q", verdict, doNot)
		}
	}
	return nil
}

func (o rehearsalOptions) rehearse(ctx context.Context) (rehearsal.Report, error) {
	wanted, err := loadIfAny(o.head)
	if err != nil {
		return rehearsal.Report{}, err
	}
	there, err := o.there(ctx, wanted)
	switch {
	case err != nil:
		return rehearsal.Report{}, err
	case wanted == nil:
		return rehearsal.Destroy(there), nil
	}
	return rehearsal.Deploy(there, wanted), nil
}

// there returns the deployed assembly, or nil.
func (o rehearsalOptions) there(ctx context.Context, wanted *assembly.Assembly) (*assembly.Assembly, error) {
	if o.deployed {
		return deployed(ctx, wanted)
	}
	return loadIfAny(o.base)
}

func loadIfAny(dir string) (*assembly.Assembly, error) {
	if dir == "" {
		return nil, nil
	}
	return assembly.Load(dir)
}

// doNot are the verdicts that end with status 3.
var doNot = []rehearsal.Verdict{rehearsal.Refused, rehearsal.DataLost, rehearsal.ServiceCut}

// follow writes the stacks that go first, and returns the steps of the deployment that
// is meant.
func (o rehearsalOptions) follow(report rehearsal.Report) ([]rehearsal.Step, error) {
	if o.way == "" {
		return report.Steps, nil
	}
	if report.Way == nil {
		return report.Steps, os.WriteFile(o.way, nil, 0o600)
	}
	return report.Way.Steps, os.WriteFile(o.way, []byte(strings.Join(report.Way.First, "\n")+"\n"), 0o600)
}

func (o rehearsalOptions) status(steps []rehearsal.Step) error {
	for _, step := range steps {
		if slices.Contains(doNot, step.Verdict) && !slices.Contains(o.accept, string(step.Verdict)) {
			return exitStatus(statusDoNot)
		}
	}
	if len(steps) == 0 {
		return nil
	}
	return exitStatus(statusChanges)
}

func writeJSON(out io.Writer, report rehearsal.Report) error {
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
