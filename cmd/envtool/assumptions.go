package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"catalog-infra/config"
	"catalog-infra/config/source"
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/bill"
)

// assumptionsSchema is compiled once, and only by commands that need it.
var assumptionsSchema = sync.OnceValue(func() *source.Schema { return source.MustCompile(bill.AssumptionsSchema()) })

// readAssumptions returns what the file assumes about the use of an environment: nothing
// if there is no file. The environment's own numbers take the place of those for all.
// The error has a line for each mistake.
func readAssumptions(file, environment string) (bill.Assumptions, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return bill.Assumptions{}, nil
	}
	if err != nil {
		return bill.Assumptions{}, err
	}
	doc := source.Parse(file, content)
	doc.Check(assumptionsSchema())
	for _, number := range (bill.Assumptions{}).Numbers() {
		if _, written := doc.Field(number.Name); !written && doc.Readable() {
			doc.Refuse(number.Name, 0, "nothing", "a number, 0 for none")
		}
	}
	var read struct {
		bill.Assumptions
		Environments map[string]json.RawMessage `json:"environments"`
	}
	doc.Decode(&read)
	if own, there := read.Environments[environment]; there && len(doc.Errors) == 0 {
		if err := json.Unmarshal(own, &read.Assumptions); err != nil {
			return bill.Assumptions{}, fmt.Errorf("%s: %w", file, err)
		}
	}
	if len(doc.Errors) > 0 {
		doc.Errors.Sort()
		return bill.Assumptions{}, doc.Errors
	}
	return read.Assumptions, nil
}

// environmentOf returns the environment that the names of an assembly's stacks have,
// empty if they are none of ours.
func environmentOf(made *assembly.Assembly) string {
	stack := made.Stacks[0]
	name, ours := strings.CutPrefix(strings.TrimSuffix(stack.Name, "-"+stack.ID), config.Project+"-")
	if !ours {
		return ""
	}
	return name
}
