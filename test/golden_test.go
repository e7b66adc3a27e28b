package test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// update is the one golden file that is written instead of compared with: to
// accept one never accepts another unseen.
var update = new(updateFlag)

func init() {
	flag.Var(update, "update", "write the golden file `NAME` in testdata instead of comparing with it: -update=statements")
}

type updateFlag string

func (f *updateFlag) String() string { return string(*f) }

// IsBoolFlag has -update without a name reach Set, whose answer names the files.
func (f *updateFlag) IsBoolFlag() bool { return true }

func (f *updateFlag) Set(name string) error {
	var names []string
	for _, g := range goldens {
		names = append(names, g.name)
	}
	names = append(names, "outages", "review") // parts of docs/alarms.md and README.md
	if !slices.Contains(names, name) {
		return fmt.Errorf("name the one file to write: -update=%s", strings.Join(names, ", or -update="))
	}
	*f = updateFlag(name)
	return nil
}

// listing is what a golden file lists: each line with the environments that have it.
type listing map[string][]string

const bar = " | "

func (l listing) add(line, environment string) { l[line] = append(l[line], environment) }

// readListing reads what String writes.
func readListing(text string) (listing, error) {
	l := listing{}
	for text := range strings.Lines(text) {
		text = strings.TrimSuffix(text, "\n")
		i := strings.LastIndex(text, bar)
		if i < 0 {
			return nil, fmt.Errorf("a line without environments behind a bar: %q", text)
		}
		l[text[:i]] = strings.Fields(text[i+len(bar):])
	}
	return l, nil
}

func (l listing) String() string {
	var text strings.Builder
	for _, line := range slices.Sorted(maps.Keys(l)) {
		text.WriteString(l.written(line) + "\n")
	}
	return text.String()
}

func (l listing) written(line string) string { return line + bar + strings.Join(l[line], " ") }

// environments returns the environments of all lines.
func (l listing) environments() []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(l))...))))
}

// count says how many lines the environment has.
func (l listing) count(environment string) string {
	count := len(l.only([]string{environment}))
	if count == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", count)
}

// only returns the part of the listing that is about the environments.
func (l listing) only(environments []string) listing {
	part := listing{}
	for line, all := range l {
		for _, environment := range all {
			if slices.Contains(environments, environment) {
				part.add(line, environment)
			}
		}
	}
	return part
}
