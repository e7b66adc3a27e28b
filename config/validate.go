package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// rule is what the schema cannot say: how fields go together, and which of
// their values are taken. A rule is left out when one of its fields is wrong by
// itself, since it would only report that mistake again.
type rule struct {
	fields []string
	check  func(Config) []problem
}

// problem is a value that a rule refuses.
type problem struct {
	field string
	got   string // empty where it is what the files say
	want  string
}

// checkRules reports what is wrong with the values of all files together.
func (l *loader) checkRules(cfg Config) {
	if slices.ContainsFunc(l.chain, func(d *document) bool { return d.values == nil }) {
		return
	}
	for _, rule := range rules {
		if slices.ContainsFunc(rule.fields, l.refused) {
			continue
		}
		for _, problem := range rule.check(cfg) {
			doc, line := l.place(append([]string{problem.field}, rule.fields...))
			l.errors = append(l.errors, Error{doc.file, line, problem.field, cmp.Or(problem.got, l.got(problem.field, doc)), problem.want})
		}
	}
}

// checkAcceptance refuses a price that only another file has accepted.
func (l *loader) checkAcceptance() {
	const field = "edge.shieldAdvanced"
	own := l.chain[0]
	for _, doc := range l.chain[:len(l.chain)-1] {
		source, written := doc.sources[field]
		if !written {
			continue
		}
		if doc != own && source.text != `""` && !l.refused(field) {
			l.errors = append(l.errors, Error{own.file, own.sources["from"].line, field, l.got(field, own),
				`the same in this file, which accepts the price for it too, or "" for none`})
		}
		return
	}
}

func (l *loader) refused(field string) bool {
	return slices.ContainsFunc(l.chain, func(d *document) bool {
		for part := range d.refused {
			if part == field || strings.HasPrefix(field, part+".") {
				return true
			}
		}
		return false
	})
}

// place returns where the first of the fields is written in the nearest file
// that has any of them: there the combination went wrong.
func (l *loader) place(fields []string) (doc *document, line int) {
	for _, doc := range l.chain[:len(l.chain)-1] {
		for _, field := range fields {
			if source, ok := doc.sources[field]; ok {
				return doc, source.line
			}
		}
	}
	return l.chain[0], 0
}

// got returns what stands for the field in a message that names the file of
// the document.
func (l *loader) got(field string, place *document) string {
	files, unwritten := l.chain[:len(l.chain)-1], l.chain[len(l.chain)-1]
	for _, doc := range files {
		source, ok := doc.sources[field]
		switch {
		case ok && doc == place:
			return source.text
		case ok:
			return fmt.Sprintf("%s (%s:%d)", source.text, doc.file, source.line)
		}
	}
	if text := unwritten.sources[field].text; text != `""` {
		return "the default " + text
	}
	return "nothing"
}

// unless returns a problem when the condition does not hold.
func unless(holds bool, field, want string, args ...any) []problem {
	if holds {
		return nil
	}
	return []problem{{field: field, want: fmt.Sprintf(want, args...)}}
}

// warnings are about what AWS will refuse later, and about files that are
// overlooked.
func (l *loader) warnings(cfg Config, now time.Time) (warnings []string) {
	const field = "database.engineVersion"
	if text := ending(cfg.Database.EngineVersion, now); text != "" {
		doc, line := l.place([]string{field})
		warnings = append(warnings, Error{File: doc.file, Line: line, Field: field}.at(text))
	}
	for _, mistake := range misnamed(l.files) {
		warnings = append(warnings, mistake.Error())
	}
	return warnings
}
