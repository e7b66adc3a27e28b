package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"catalog-infra/internal/assembly"
)

// figure is what one command took. The memory is that of its largest process.
type figure struct {
	seconds float64
	mebi    int
}

// measured are the figures of each case, by the name of the tree.
type measured map[string]map[string]figure

const (
	prodCase  = "synthesize prod"
	emptyCase = "an app with one empty stack"
	makeCase  = "make synth SUFFIX=prod"
	editCase  = "edit a construct, make synth"
	testCase  = "go test ./test ./..."
	checkCase = "make check"
)

// benchCase is a command, and what comes before it unmeasured.
type benchCase struct {
	name    string
	command []string
	before  func(t *tree) error
}

var cases = []benchCase{
	{prodCase, []string{".build/catalog-infra"}, (*tree).forget},
	{emptyCase, []string{".build/empty/app"}, (*tree).forget},
	{makeCase, []string{"make", "synth", "SUFFIX=prod"}, (*tree).forget},
	{editCase, []string{"make", "synth", "SUFFIX=prod"}, (*tree).edit},
	{testCase, []string{"go", "test", "-count=1", "./test", "./..."}, (*tree).forget},
}

// forget removes what was synthesized, which would not be synthesized again.
func (t *tree) forget() error {
	return errors.Join(os.RemoveAll(t.outdir()), os.RemoveAll(filepath.Join(t.dir, "cdk.out")))
}

// measure runs each case once unmeasured and then so often, tree by tree in
// turns: what the machine does besides falls on all alike.
func measure(trees []*tree, runs int) (measured, error) {
	all := measured{}
	for _, each := range cases {
		figures := map[string][]figure{}
		for round := range runs + 1 {
			fmt.Printf("\r%-30s %d of %d ", each.name, round, runs)
			for _, t := range trees {
				found, err := each.measure(t)
				if err != nil {
					return nil, err
				}
				if round > 0 {
					figures[t.name] = append(figures[t.name], found)
				}
			}
		}
		fmt.Println()
		for _, t := range trees {
			all.add(each.name, t, median(figures[t.name]))
		}
	}
	return all, nil
}

func (c benchCase) measure(t *tree) (figure, error) {
	if err := c.before(t); err != nil {
		return figure{}, err
	}
	return t.time(c.command...)
}

func (m measured) add(name string, t *tree, f figure) {
	if m[name] == nil {
		m[name] = map[string]figure{}
	}
	m[name][t.name] = f
}

// time runs a command that must succeed.
func (t *tree) time(args ...string) (figure, error) {
	command := t.command(args...)
	began := time.Now()
	output, err := command.CombinedOutput()
	if err != nil {
		return figure{}, fmt.Errorf("%s: %v: %w\n%s", t.name, args, err, output)
	}
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	return figure{time.Since(began).Seconds(), int(usage.Maxrss / 1024)}, nil
}

// median takes the time in the middle, and the most memory.
func median(figures []figure) figure {
	slices.SortFunc(figures, func(a, b figure) int { return int(1e6 * (a.seconds - b.seconds)) })
	middle := figures[len(figures)/2]
	for _, f := range figures {
		middle.mebi = max(middle.mebi, f.mebi)
	}
	return middle
}

// countResources synthesizes prod and counts its resources.
func (t *tree) countResources() error {
	if _, err := t.time(".build/catalog-infra"); err != nil {
		return err
	}
	synthesized, err := assembly.Load(t.outdir())
	if err != nil {
		return err
	}
	for _, stack := range synthesized.Stacks {
		t.resources += len(stack.Template.Resources)
	}
	return nil
}

func (m measured) print(trees []*tree) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer table.Flush() //nolint:errcheck // a terminal
	fmt.Fprint(table, "\nmedian\t")
	for _, t := range trees {
		fmt.Fprintf(table, "%s s\tMiB\t", t.name)
	}
	fmt.Fprintln(table)
	for _, name := range []string{prodCase, emptyCase, makeCase, editCase, testCase, checkCase} {
		if m[name] == nil {
			continue
		}
		fmt.Fprintf(table, "%s\t", name)
		for _, t := range trees {
			if f, found := m[name][t.name]; found {
				fmt.Fprintf(table, "%.2f\t%d\t", f.seconds, f.mebi)
			}
		}
		fmt.Fprintln(table)
	}
}

// judge compares the figures with what the project keeps to.
func (m measured) judge(head, base *tree) error {
	ratio := m[prodCase][head.name].seconds / m[prodCase][base.name].seconds
	each := 1000 * (m[prodCase][head.name].seconds - m[emptyCase][head.name].seconds) / float64(head.resources)
	limits := []struct {
		name        string
		found, most float64
	}{
		{"synthesizing prod, of the time of " + base.name, ratio, 0.75},
		{fmt.Sprintf("milliseconds for each of its %d resources, over the empty app", head.resources), each, 3},
		{"seconds of " + makeCase, m[makeCase][head.name].seconds, 2},
		{"seconds from an edit to the template", m[editCase][head.name].seconds, 3},
		{"MiB of a synthesis", float64(m[prodCase][head.name].mebi), 250},
		{"seconds of the Go tests", m[testCase][head.name].seconds, 25},
		{"seconds of make check", m[checkCase][head.name].seconds, 180},
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nlimit\tfound\tat most")
	var over []error
	for _, limit := range limits {
		if limit.name == limits[0].name && head == base {
			continue
		}
		fmt.Fprintf(table, "%s\t%.2f\t%v\n", limit.name, limit.found, limit.most)
		if limit.found > limit.most {
			over = append(over, fmt.Errorf("over the limit: %s", limit.name))
		}
	}
	return errors.Join(append(over, table.Flush())...)
}
