package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
)

// counts are the environments that one process synthesizes.
var counts = []int{1, 5, 20, 50}

// measureEnvironments synthesizes so many environments of prod's shape in one
// process.
func measureEnvironments(t *tree) (map[int]figure, error) {
	program := filepath.Join(t.dir, ".build/environments")
	build := exec.Command("go", "build", "-o", program, "./test/bench/environments")
	build.Dir = t.dir
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, output)
	}
	figures := map[int]figure{}
	for _, n := range counts {
		fmt.Printf("%d environments in one process\n", n)
		found, err := t.time(program, fmt.Sprint(n), t.outdir())
		if err != nil {
			return nil, err
		}
		figures[n] = found
	}
	return figures, nil
}

func printEnvironments(figures map[int]figure) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer table.Flush() //nolint:errcheck // a terminal
	fmt.Fprintln(table, "\nenvironments in one process\tseconds\tMiB\tms for each further\t")
	for _, n := range counts {
		fmt.Fprintf(table, "%d\t%.2f\t%d\t", n, figures[n].seconds, figures[n].mebi)
		if n > 1 {
			fmt.Fprintf(table, "%.0f\t", 1000*(figures[n].seconds-figures[1].seconds)/float64(n-1))
		}
		fmt.Fprintln(table)
	}
}
