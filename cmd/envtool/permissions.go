package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/permissions"
	"catalog-infra/internal/policy"
)

func newPermissionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "permissions DIR",
		Short: "Prints what each role of an assembly may do, who can act as whom, and who could do harm",
		Long: `Prints by role and group who may assume it, what it may do on what, and why a resource is more than
one. Then who can act as whom, by assuming a role or by passing it to a service, and whom one would have
to take over to read a database's password or to delete evidence. A service does less with a role than
the role may do, so that a way is the most that is possible.`,
		Args: oneArgument("DIR", "the directory of an assembly, such as cdk.out"),
		RunE: func(command *cobra.Command, args []string) error {
			synthesized, err := assembly.Load(args[0])
			if err != nil {
				return err
			}
			report, err := permissions.Read(synthesized)
			if err != nil {
				return err
			}
			return writePermissions(command.OutOrStdout(), report)
		},
	}
}

// accounts matches a principal that is all of an account.
var accounts = regexp.MustCompile(`AWS:([0-9]{12}|\$\{AWS::AccountId\}):\*`)

func writePermissions(out io.Writer, report permissions.Report) error {
	for _, identity := range report.Identities {
		fmt.Fprintln(out, identity.Name)
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, statement := range identity.Trust.Statements {
			writeStatement(table, "assumed by", accounts.ReplaceAllString(statement.Principals.String(), "account $1"), statement)
		}
		for _, managed := range identity.Managed {
			fmt.Fprintf(table, "  has\t%s, which is not in the assembly\n", managed)
		}
		for _, statement := range identity.Policy.Statements {
			verb := "allows"
			if statement.Deny {
				verb = "denies"
			}
			writeStatement(table, verb, statement.Actions.String(), statement)
		}
		for _, mistake := range identity.Policy.Mistakes() {
			fmt.Fprintf(table, "  mistake\t%s\n", mistake)
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if err := writeSteps(out, report.Steps()); err != nil {
		return err
	}
	return writeHarms(out, report.Harms())
}

func writeStatement(table io.Writer, verb, what string, statement policy.Statement) {
	fmt.Fprintf(table, "  %s\t%s\n", verb, what)
	if len(statement.Resources.Patterns) > 0 {
		fmt.Fprintf(table, "    on\t%s\n", statement.Resources)
	}
	for _, condition := range statement.Conditions {
		fmt.Fprintf(table, "    if\t%s\n", condition)
	}
	for _, width := range permissions.Wide(statement) {
		fmt.Fprintf(table, "    wide\t%s: %s\n", width.Resource, width.Why)
	}
}

func writeSteps(out io.Writer, steps []permissions.Step) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nWHO\tCAN ACT AS\tBECAUSE IT")
	for _, step := range steps {
		fmt.Fprintf(table, "%s\t%s\t%s\n", step.From.Name, step.To.Name, step.How)
	}
	return table.Flush()
}

func writeHarms(out io.Writer, harms []permissions.Harm) error {
	for _, harm := range harms {
		paths := harm.Paths
		if len(paths) == 0 {
			paths = []string{"nobody but an administrator of the account"}
		}
		ways := strings.Join(paths, "\n  ")
		if _, err := fmt.Fprintf(out, "\nTo %s %s, take over one of:\n  %s\n", harm.What, harm.Resource, ways); err != nil {
			return err
		}
	}
	return nil
}
