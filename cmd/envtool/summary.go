package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/bill"
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
	month := bill.Of(synthesized, bill.Assumptions{}, nil)
	for _, stack := range synthesized.Stacks {
		writeRow(table, stack.Name, len(stack.Template.Resources), hourly(month.Lines, stack.Name))
		resources += len(stack.Template.Resources)
	}
	writeRow(table, "total", resources, hourly(month.Sum(), ""))
	if err := table.Flush(); err != nil {
		return err
	}
	return writeNotes(out, notesOn(synthesized))
}

// hourly returns the charges of a stack that do not depend on its use.
func hourly(lines []bill.Line, stack string) (charges []string) {
	for _, line := range lines {
		if line.Stack == stack && line.Basis == bill.ByHour {
			charges = append(charges, chargeText(line))
		}
	}
	return charges
}

// writeRow takes more than one line for many charges.
func writeRow(table io.Writer, name string, resources int, charges []string) {
	lines := wrapped(charges, billWidth)
	fmt.Fprintf(table, "%s\t%9d\t%s\n", name, resources, lines[0])
	for _, line := range lines[1:] {
		fmt.Fprintf(table, "\t\t%s\n", line)
	}
}

// wrapped returns the items as at least one line. No line is wider than the columns,
// including its comma, unless it has a single item.
func wrapped(items []string, columns int) []string {
	if len(items) == 0 {
		return []string{"-"}
	}
	lines := []string{items[0]}
	for _, item := range items[1:] {
		last := &lines[len(lines)-1]
		*last += ","
		if longer := *last + " " + item; utf8.RuneCountInString(longer) < columns {
			*last = longer
		} else {
			lines = append(lines, item)
		}
	}
	return lines
}

func writeNotes(out io.Writer, notes []string) error {
	if len(notes) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "\nTo know before the deployment:\n%s\n", strings.Join(notes, "\n"))
	return err
}
