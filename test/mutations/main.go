// Command mutations breaks the Go code that defines the stacks, one place at a
// time, and runs the tests with each: every number, switch and dependency in
// stacks, constructs and config/defaults.go must matter to some test.
//
//	go run ./test/mutations [-only PATTERN] [-list] [-jobs N]
//
// First the tests must pass without a mutant. It prints each mutant and what
// became of it, and fails if one survives that equivalent.txt does not give a
// reason for, or if a reason is for none.
package main

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
)

// equivalent has a line for each mutant that no test can see: its name, a tab
// and the reason. A name has no line number: code may move.
//
//go:embed equivalent.txt
var equivalent string

// mutated are the directories and files whose code is broken.
var mutated = []string{"stacks", "constructs", "config/defaults.go"}

func main() {
	only := flag.String("only", "", "run the mutants whose name matches `PATTERN`")
	list := flag.Bool("list", false, "list the mutants and run none")
	jobs := flag.Int("jobs", 2, "run `N` at a time")
	flag.Parse()
	if err := run(regexp.MustCompile(*only), *list, *jobs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(only *regexp.Regexp, list bool, jobs int) error {
	all, err := mutants(mutated...)
	if err != nil {
		return err
	}
	reasons, err := readReasons(equivalent, all)
	if err != nil {
		return err
	}
	var chosen []mutant
	for _, m := range all {
		if only.MatchString(m.name) {
			chosen = append(chosen, m)
		}
	}
	if list {
		for _, m := range chosen {
			fmt.Println(m.name)
		}
		fmt.Printf("%d of %d mutants\n", len(chosen), len(all))
		return nil
	}
	lab, err := newLaboratory(all)
	if err != nil {
		return err
	}
	defer lab.close()
	for i, m := range chosen {
		chosen[i] = all[m.id] // newLaboratory has marked it
	}
	return report(lab, chosen, reasons, jobs)
}

// report runs the mutants and says what became of each as it ends.
func report(lab *laboratory, chosen []mutant, reasons map[string]string, jobs int) error {
	next, ended := make(chan mutant), make(chan outcome)
	var running sync.WaitGroup
	for range jobs {
		running.Go(func() {
			for m := range next {
				ended <- lab.try(m)
			}
		})
	}
	go func() {
		for _, m := range chosen {
			next <- m
		}
		close(next)
		running.Wait()
		close(ended)
	}()
	counts, surprising := map[string]int{}, 0
	for o := range ended {
		verdict := o.verdict(reasons)
		counts[verdict]++
		if verdict == survived || verdict == needless {
			surprising++
		}
		fmt.Printf("%4d of %d  %-9s %3.0f s  %s%s\n", total(counts), len(chosen), verdict, o.took.Seconds(), o.mutant.name, o.by())
	}
	fmt.Printf("%d mutants: %d killed, %d refused by the compiler, %d equivalent, %d survived\n",
		len(chosen), counts[killed], counts[refused], counts[harmless], counts[survived])
	if surprising > 0 {
		return fmt.Errorf("%d mutants: kill each with a test, or give the reason in test/mutations/equivalent.txt why none can", surprising)
	}
	return nil
}

func total(counts map[string]int) int {
	sum := 0
	for _, count := range counts {
		sum += count
	}
	return sum
}

const (
	killed   = "killed"
	refused  = "refused"  // it does not compile
	harmless = "harmless" // it survived, and a reason says why
	survived = "SURVIVED"
	needless = "NEEDLESS" // it was killed, and a reason says that it cannot be
)

// outcome is what the tests said of a mutant.
type outcome struct {
	mutant  mutant
	passed  bool
	output  string
	took    time.Duration
	unbuilt bool
}

func (o outcome) verdict(reasons map[string]string) string {
	_, spared := reasons[o.mutant.name]
	switch {
	case o.unbuilt:
		return refused
	case o.passed && spared:
		return harmless
	case o.passed:
		return survived
	case spared:
		return needless
	}
	return killed
}

var failure = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)

// by names the first test that noticed.
func (o outcome) by() string {
	if found := failure.FindStringSubmatch(o.output); found != nil {
		return "  by " + found[1]
	}
	return ""
}

// readReasons refuses a reason that is for no mutant, and a mutant without one.
func readReasons(text string, all []mutant) (map[string]string, error) {
	known := map[string]bool{}
	for _, m := range all {
		known[m.name] = true
	}
	reasons := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		if lines.Text() == "" || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		name, reason, found := strings.Cut(lines.Text(), "\t")
		if !found || reason == "" || !known[name] {
			return nil, fmt.Errorf("test/mutations/equivalent.txt: got %q, want the name of a mutant that -list prints, a tab and the reason",
				lines.Text())
		}
		reasons[name] = reason
	}
	return reasons, lines.Err()
}
