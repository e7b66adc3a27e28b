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

// listing is what a golden file lists.
type listing struct{ lines map[string]*line }

// line is one thing, and of each environment that has it what it says there.
type line struct {
	key     string
	columns []column
}

// column is an environment; value is empty where having the line says it all.
type column struct{ environment, value string }

const bar = " | "

func newListing() *listing { return &listing{map[string]*line{}} }

func (l *listing) add(key, environment, value string) {
	if l.lines[key] == nil {
		l.lines[key] = &line{key: key}
	}
	l.lines[key].columns = append(l.lines[key].columns, column{environment, value})
}

// readListing reads what String writes.
func readListing(text string) (*listing, error) {
	l := newListing()
	for text := range strings.Lines(text) {
		text = strings.TrimSuffix(text, "\n")
		i := strings.LastIndex(text, bar)
		if i < 0 {
			return nil, fmt.Errorf("a line without environments behind a bar: %q", text)
		}
		for cell := range strings.FieldsSeq(text[i+len(bar):]) {
			environment, value, _ := strings.Cut(cell, "=")
			l.add(text[:i], environment, value)
		}
	}
	return l, nil
}

func (l *listing) String() string {
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(l.lines)) {
		text.WriteString(l.lines[key].String() + "\n")
	}
	return text.String()
}

// environments returns the environments of all lines.
func (l *listing) environments() []string {
	var names []string
	for _, line := range l.lines {
		names = append(names, line.environments()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// count says how many lines the environment has.
func (l *listing) count(environment string) string {
	count := len(l.only([]string{environment}).lines)
	if count == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", count)
}

// only returns the part of the listing that is about the environments.
func (l *listing) only(environments []string) *listing {
	part := newListing()
	for key, line := range l.lines {
		for _, c := range line.columns {
			if slices.Contains(environments, c.environment) {
				part.add(key, c.environment, c.value)
			}
		}
	}
	return part
}

func (l *line) environments() []string {
	var names []string
	for _, c := range l.columns {
		names = append(names, c.environment)
	}
	return names
}

// shares reports whether an environment has both lines.
func (l *line) shares(other *line) bool {
	return slices.ContainsFunc(l.environments(), func(name string) bool { return slices.Contains(other.environments(), name) })
}

func (l *line) String() string {
	var cells []string
	for _, c := range l.columns {
		cells = append(cells, strings.TrimSuffix(c.environment+"="+c.value, "="))
	}
	return l.key + bar + strings.Join(cells, " ")
}

// same reports whether both say the same, in whatever order.
func (l *line) same(other *line) bool {
	if len(l.columns) != len(other.columns) {
		return false
	}
	return !slices.ContainsFunc(l.columns, func(c column) bool { return !slices.Contains(other.columns, c) })
}

// value is what the line says of the environment; ok reports whether it has it.
func (l *line) value(environment string) (value string, ok bool) {
	if l == nil {
		return "", false
	}
	for _, c := range l.columns {
		if c.environment == environment {
			return c.value, true
		}
	}
	return "", false
}
