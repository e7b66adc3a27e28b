// Command bench times what a person waits for: synthesis, the way from an edit to
// the template, the tests and the whole check. It measures the working tree
// beside an older commit, in one run, and fails over the limits that the project
// keeps to. It needs a machine that does nothing else.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	base := flag.String("base", "ecf3bc1", "the commit to compare with")
	runs := flag.Int("runs", 5, "how often each command is run; the median counts")
	check := flag.Bool("check", true, "run the whole of make check, once")
	flag.Parse()
	if err := run(*base, *runs, *check); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(base string, runs int, check bool) error {
	dir, err := filepath.Abs(".build/bench")
	if err != nil {
		return err
	}
	head, err := newTree(filepath.Join(dir, "head"), workingTree())
	defer head.remove()
	if err != nil {
		return err
	}
	trees := []*tree{head}
	older, err := newTree(filepath.Join(dir, "base"), base)
	defer older.remove()
	if err == nil {
		trees = append(trees, older)
	} else {
		fmt.Printf("no comparison with %s: %v\n", base, err)
	}
	return measureAll(trees, runs, check)
}

// measureAll measures, prints and judges. The first tree is the working tree's,
// which alone synthesizes several environments and is checked as a whole.
func measureAll(trees []*tree, runs int, check bool) error {
	head := trees[0]
	measured, err := measure(trees, runs)
	if err != nil {
		return err
	}
	environments, err := measureEnvironments(head)
	if err != nil {
		return err
	}
	if check {
		fmt.Println(checkCase)
		found, err := head.time("make", "check")
		if err != nil {
			return err
		}
		measured.add(checkCase, head, found)
	}
	measured.print(trees)
	printEnvironments(environments)
	return measured.judge(head, trees[len(trees)-1])
}
