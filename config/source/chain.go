package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Chain is a file and those that it starts from, the nearest first, and then a
// document of the defaults.
type Chain []*Document

// Files returns the documents without the defaults.
func (c Chain) Files() []*Document { return c[:len(c)-1] }

// Readable reports whether all documents have values.
func (c Chain) Readable() bool {
	return !slices.ContainsFunc(c, func(d *Document) bool { return !d.Readable() })
}

// Errors returns the mistakes of all documents.
func (c Chain) Errors() (all Errors) {
	for _, doc := range c {
		all = append(all, doc.Errors...)
	}
	return all
}

// Refused reports whether any document had a mistake in the field, or in a part of
// it.
func (c Chain) Refused(field string) bool {
	return slices.ContainsFunc(c, func(d *Document) bool {
		for part := range d.refused {
			if part == field || strings.HasPrefix(field, part+".") {
				return true
			}
		}
		return false
	})
}

// Refuse returns a mistake in a field. Its place is the field's, or that of the
// first of the other fields which contradict it, in the nearest file that has any
// of them. An empty got stands for what the files have in the field.
func (c Chain) Refuse(field, got, want string, others ...string) Error {
	doc, line := c.Place(append([]string{field}, others...)...)
	return Error{doc.File, line, field, cmp.Or(got, c.Got(field, doc)), want}
}

// Place returns the nearest file that has any of the fields, and the line of the
// first of them.
func (c Chain) Place(fields ...string) (doc *Document, line int) {
	for _, doc := range c.Files() {
		for _, field := range fields {
			if at, written := doc.Field(field); written {
				return doc, at.Line
			}
		}
	}
	return c[0], 0
}

// Got returns the value of a field for a message about the given file: with its
// place if another file has it, or as a default.
func (c Chain) Got(field string, about *Document) string {
	for _, doc := range c.Files() {
		at, written := doc.Field(field)
		switch {
		case written && doc == about:
			return at.Text
		case written:
			return fmt.Sprintf("%s (%s)", at.Text, Position(doc.File, at.Line))
		}
	}
	if text := c[len(c)-1].fields[field].Text; text != `""` {
		return "the default " + text
	}
	return "nothing"
}
