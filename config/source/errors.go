package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one mistake of an operator and the way out of it.
type Error struct {
	// File and Line are where the value is written. The line is zero where no
	// line has it, and the file empty where no file has it.
	File string
	Line int

	// Field is the path of the value in the file, such as "network.zones[1]".
	// It is empty if the whole file is wrong.
	Field string

	// Got is the value as it is written, Want what is accepted instead.
	Got, Want string
}

// Error returns "FILE:LINE: FIELD: got X, want Y", on one line.
func (e Error) Error() string {
	return e.At(fmt.Sprintf("got %s, want %s", e.Got, e.Want))
}

// At returns "FILE:LINE: FIELD: MESSAGE".
func (e Error) At(message string) string {
	var text strings.Builder
	if e.File != "" {
		text.WriteString(Position(e.File, e.Line) + ": ")
	}
	if e.Field != "" {
		text.WriteString(e.Field + ": ")
	}
	return text.String() + message
}

// Position returns "FILE:LINE", or the file alone if the line is zero.
func Position(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// Errors are all mistakes of an operator.
type Errors []Error

// Error returns a line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, mistake := range e {
		lines[i] = mistake.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort sorts them by file, line and field.
func (e Errors) Sort() {
	slices.SortStableFunc(e, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Field, b.Field))
	})
}
