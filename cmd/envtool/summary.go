package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
)

// billWidth keeps the table within 100 columns for the longest stack name.
const billWidth = 47

func newSummaryCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "summary DIR",
		Short: "Prints the resources of an assembly, hourly charges, and notes on its weaknesses",
		Args:  oneArgument("DIR", "the directory of an assembly, such as cdk.out"),
		RunE: func(command *cobra.Command, args []string) error {
			synthesized, err := assembly.Load(args[0])
			if err != nil {
				return err
			}
			return summarize(command.OutOrStdout(), synthesized)
		},
	}
}

func summarize(out io.Writer, synthesized *assembly.Assembly) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STACK\tRESOURCES\tBILLED BY THE HOUR, USED OR NOT")
	var resources int
	var total bill
	for _, stack := range synthesized.Stacks {
		stackBill := billOf(stack.Template)
		writeRow(table, stack.Name, len(stack.Template.Resources), stackBill)
		resources += len(stack.Template.Resources)
		total = total.plus(stackBill...)
	}
	writeRow(table, "total", resources, total)
	if err := table.Flush(); err != nil {
		return err
	}
	return writeNotes(out, notesOn(synthesized))
}

// writeRow takes more than one line for a long bill.
func writeRow(table io.Writer, name string, resources int, hourly bill) {
	lines := hourly.wrapped(billWidth)
	fmt.Fprintf(table, "%s\t%9d\t%s\n", name, resources, lines[0])
	for _, line := range lines[1:] {
		fmt.Fprintf(table, "\t\t%s\n", line)
	}
}

func writeNotes(out io.Writer, notes []string) error {
	if len(notes) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "\nTo know before the deployment:\n%s\n", strings.Join(notes, "\n"))
	return err
}
