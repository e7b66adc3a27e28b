package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"catalog-infra/internal/bill"
	"catalog-infra/internal/review"
)

// reviews are the functions that write a review, by format.
var reviews = map[string]func(io.Writer, []reviewed) error{
	"text": writeReviewText, "markdown": writeReviewMarkdown, "json": writeReviewJSON,
}

// reviewed is the review of one environment.
type reviewed struct {
	// Environment is the name of its directory.
	Environment string `json:"environment"`

	review.Report

	// Bill are the charges whose quantity changes.
	Bill billChanges `json:"bill,omitempty"`
}

func newReviewCommand() *cobra.Command {
	var base, head, format string
	var files billFiles
	command := &cobra.Command{
		Use:   "review --base DIR --head DIR",
		Short: "Prints what a change does to each environment, for a pull request",
		Long: `Prints what is refused, lost or cut when the assembly --head is deployed over --base, who may reach
or do more, what protects less, and what else changes. Each DIR is an assembly, or has one in a
directory for each environment. An environment of one of both is new, or removed.

Exit status: 0 for no changes, 1 for an error, 2 for changes, 3 for changes that need a second look.`,
		Args: noArgument,
		RunE: func(command *cobra.Command, _ []string) error {
			switch {
			case base == "" || head == "":
				return usageError(command, "review needs --base DIR and --head DIR")
			case reviews[format] == nil:
				return usageError(command, "review: got --format %q, want text, markdown or json", format)
			}
			all, err := reviewAll(base, head, files)
			if err != nil {
				return err
			}
			if err := reviews[format](command.OutOrStdout(), all); err != nil {
				return err
			}
			return reviewStatus(all)
		},
	}
	command.Flags().StringVar(&base, "base", "", "the directory of what is there, such as the target branch's")
	command.Flags().StringVar(&head, "head", "", "the directory of what the change makes")
	command.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	files.flags(command)
	return command
}

func reviewStatus(all []reviewed) error {
	switch {
	case slices.ContainsFunc(all, func(one reviewed) bool { return len(one.Findings) > 0 }):
		return exitStatus(statusDoNot)
	case slices.ContainsFunc(all, func(one reviewed) bool { return !one.IsEmpty() }):
		return exitStatus(statusChanges)
	}
	return nil
}

// reviewAll reviews every environment of two directories, by name.
func reviewAll(base, head string, files billFiles) ([]reviewed, error) {
	before, err := environmentsIn(base)
	if err != nil {
		return nil, err
	}
	after, err := environmentsIn(head)
	if err != nil {
		return nil, err
	}
	if len(before) == 1 && len(after) == 1 && before[""] != "" && after[""] != "" {
		name := filepath.Base(head)
		before, after = map[string]string{name: base}, map[string]string{name: head}
	}
	if before[""] != "" || after[""] != "" {
		return nil, fmt.Errorf("got an assembly and a directory of assemblies, want two of a kind: %s, %s", base, head)
	}
	prices, err := readPrices(files.prices)
	if err != nil {
		return nil, err
	}
	debug.SetGCPercent(400) // the process ends soon, and collections take a quarter of its time
	names := maps.Clone(before)
	maps.Copy(names, after)
	all := make([]reviewed, len(names))
	mistakes := make([]error, len(names))
	var running sync.WaitGroup
	places := make(chan bool, runtime.GOMAXPROCS(0))
	for i, name := range slices.Sorted(maps.Keys(names)) {
		running.Go(func() {
			places <- true
			all[i], mistakes[i] = reviewOne(name, before[name], after[name], files, prices)
			<-places
		})
	}
	running.Wait()
	return all, errors.Join(mistakes...)
}

func reviewOne(name, base, head string, files billFiles, prices *bill.Prices) (reviewed, error) {
	before, err := loadIfAny(base)
	after, afterErr := loadIfAny(head)
	if err := errors.Join(err, afterErr); err != nil {
		return reviewed{}, err
	}
	old, err := files.bill(before, prices)
	young, afterErr := files.bill(after, prices)
	return reviewed{name, review.Compare(before, after), changesOf(old.Bill, young.Bill)}, errors.Join(err, afterErr)
}

// environmentsIn returns the directories of assemblies in a directory, by name. That of an
// assembly itself has no name. An empty directory has none: all is new, or removed.
func environmentsIn(dir string) (map[string]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: got %w, want a directory with an assembly", dir, reasonOf(err))
	}
	all := map[string]string{}
	for _, entry := range entries {
		if entry.Name() == "manifest.json" {
			return map[string]string{"": dir}, nil
		}
		inner := filepath.Join(dir, entry.Name())
		if _, err := os.Stat(filepath.Join(inner, "manifest.json")); err == nil {
			all[entry.Name()] = inner
		}
	}
	if len(all) == 0 && len(entries) > 0 {
		return nil, fmt.Errorf("%s: got no manifest.json, want an assembly such as cdk.out, or a directory with one for each environment", dir)
	}
	return all, nil
}

// reasonOf returns why a file cannot be read, without its name.
func reasonOf(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
