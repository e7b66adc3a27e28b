package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/bill"
)

// pricesFile is where make prices writes, in the repository.
const pricesFile = "config/prices.json"

// billFiles names the files that a bill needs beside an assembly.
type billFiles struct{ assumptions, prices string }

// flags adds the flags of the files to a command.
func (f *billFiles) flags(command *cobra.Command) {
	command.Flags().StringVar(&f.assumptions, "assumptions", "config/assumptions.yaml", "the `file` of what is assumed about the use")
	command.Flags().StringVar(&f.prices, "prices", pricesFile, "the `file` of AWS's prices")
}

func newBillCommand() *cobra.Command {
	var files billFiles
	var base string
	command := &cobra.Command{
		Use:   "bill DIR",
		Short: "Prints what AWS charges for an assembly in a month, by the hour, by volume and by request",
		Long: `Quantities are from the templates and from the file of the assumptions, from least to most. With the
file of the prices, which make prices fetches, they are in money.`,
		Args: oneArgument("DIR", "the directory of an assembly, such as cdk.out"),
		RunE: func(command *cobra.Command, args []string) error {
			prices, err := readPrices(files.prices)
			if err != nil {
				return err
			}
			head, err := files.load(args[0], prices)
			if err != nil {
				return err
			}
			if base == "" {
				return writeBill(command.OutOrStdout(), head, prices, files)
			}
			before, err := files.load(base, prices)
			if err != nil {
				return err
			}
			return writeDifference(command.OutOrStdout(), before.Bill, head.Bill, prices, files)
		},
	}
	files.flags(command)
	command.Flags().StringVar(&base, "base", "", "the directory of an assembly to compare with: prints the difference")
	return command
}

// billed is a bill, and the assumptions that it was made with.
type billed struct {
	bill.Bill
	environment string
	assumed     bill.Assumptions
}

func (f *billFiles) load(dir string, prices *bill.Prices) (billed, error) {
	made, err := assembly.Load(dir)
	if err != nil {
		return billed{}, err
	}
	return f.bill(made, prices)
}

// bill returns an empty bill for no assembly.
func (f *billFiles) bill(made *assembly.Assembly, prices *bill.Prices) (billed, error) {
	if made == nil {
		return billed{}, nil
	}
	environment := environmentOf(made)
	assumed, err := readAssumptions(f.assumptions, environment)
	return billed{bill.Of(made, assumed, prices), environment, assumed}, err
}

// readPrices returns nil if there is no such file.
func readPrices(file string) (*bill.Prices, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return bill.ReadPrices(file, content)
}

func writeBill(out io.Writer, month billed, prices *bill.Prices, files billFiles) error {
	rows := [][]string{{"SERVICE", "CHARGE", "A MONTH", "USD", "USD A MONTH"}}
	lines := month.Sum()
	for _, basis := range []bill.Basis{bill.ByHour, bill.ByVolume, bill.ByRequest} {
		rows = append(rows, []string{string(basis), "", "", "", ""})
		for _, line := range lines {
			if line.Basis == basis {
				rows = append(rows, []string{"  " + line.Service, chargeText(line), quantityText(line), priceText(line.Price), costText(line)})
			}
		}
	}
	total, unpriced := month.Total()
	rows = append(rows, []string{"total", "", "", "", span(total, money)})
	if err := writeTable(out, rows, prices != nil); err != nil {
		return err
	}
	foot := aboutPrices(prices, files.prices, unpriced)
	for _, missing := range month.NotCounted {
		foot = append(foot, "Not counted: "+missing)
	}
	if month.assumed == (bill.Assumptions{}) {
		foot = append(foot, fmt.Sprintf("Nothing is assumed about the use, so charges by volume and request are missing: there is no %s.",
			files.assumptions))
	} else {
		subject := cmp.Or(month.environment, "every environment")
		foot = append(foot, "", fmt.Sprintf("Assumed for %s in %s:", subject, files.assumptions), month.assumptions())
	}
	_, err := fmt.Fprintln(out, "\n"+strings.Join(foot, "\n"))
	return err
}

// writeTable writes the rows; without prices it leaves out the columns that are money,
// from USD on, and the total.
func writeTable(out io.Writer, rows [][]string, priced bool) error {
	columns := len(rows[0])
	if !priced {
		columns = slices.IndexFunc(rows[0], func(title string) bool { return strings.HasPrefix(title, "USD") })
		rows = rows[:len(rows)-1]
	}
	var text bytes.Buffer
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(row[:columns], "\t"))
	}
	err := table.Flush()
	for line := range strings.Lines(text.String()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	return err
}

// assumptions returns the numbers on lines of at most 100 columns.
func (b billed) assumptions() string {
	var lines []string
	for i, number := range b.assumed.Numbers() {
		text := number.Name + " " + figure(number.Value)
		if last := len(lines) - 1; i > 0 && len(lines[last])+len(text) < 97 {
			lines[last] += ", " + text
			continue
		}
		lines = append(lines, "  "+text)
	}
	return strings.Join(lines, ",\n")
}

// aboutPrices says where the prices are from, or that there are none.
func aboutPrices(prices *bill.Prices, file string, unpriced int) []string {
	if prices == nil {
		return []string{fmt.Sprintf("Quantities only: there is no %s. make prices fetches it, with AWS credentials.", file)}
	}
	lines := []string{fmt.Sprintf("Prices of %s, on demand, without taxes, discounts and the free tier.", prices.Fetched)}
	if unpriced > 0 {
		lines = append(lines, fmt.Sprintf("%d charges without a price are not in the total.", unpriced))
	}
	return lines
}

func writeDifference(out io.Writer, base, head bill.Bill, prices *bill.Prices, files billFiles) error {
	changes := bill.Difference(base, head)
	if len(changes) == 0 {
		_, err := fmt.Fprintln(out, "The bill stays the same.")
		return err
	}
	rows := [][]string{{"SERVICE", "CHARGE", "BASE", "HEAD", "USD A MONTH"}}
	for _, change := range changes {
		rows = append(rows, []string{change.Head.Service, change.Head.Charge, quantityText(change.Base), quantityText(change.Head),
			moreText(change)})
	}
	before, _ := base.Total()
	after, unpriced := head.Total()
	rows = append(rows, []string{"total", "", span(before, money), span(after, money), span(after.Minus(before), more)})
	if err := writeTable(out, rows, prices != nil); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\n"+strings.Join(aboutPrices(prices, files.prices, unpriced), "\n"))
	return err
}
