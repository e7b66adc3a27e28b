package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

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
	"text": writeText, "markdown": writeMarkdown, "json": writeJSON[rehearsal.Report],
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
