package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one mistake of an operator and the way out of it.
type Error struct {
	// File and Line are where the value was written. Both are empty for the
	// arguments of Load.
	File string
	Line int

	// Field is the path of the value in the file, such as "network.zones[1]".
	// It is empty when the whole file is wrong.
	Field string

	Got  string
	Want string
}

// Error returns "FILE:LINE: FIELD: got X, want Y", on one line.
func (e Error) Error() string {
	return e.at(fmt.Sprintf("got %s, want %s", e.Got, e.Want))
}

func (e Error) at(message string) string {
	var text strings.Builder
	if e.File != "" {
		text.WriteString(position(e.File, e.Line) + ": ")
	}
	if e.Field != "" {
		text.WriteString(e.Field + ": ")
	}
	return text.String() + message
}

// position is FILE:LINE, or the file alone where there is no such line.
func position(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// Errors are all mistakes of an environment, by file and line.
type Errors []Error

// Error returns a line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, mistake := range e {
		lines[i] = mistake.Error()
	}
	return strings.Join(lines, "\n")
}

func (e Errors) sort() {
	slices.SortStableFunc(e, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Field, b.Field))
	})
}
