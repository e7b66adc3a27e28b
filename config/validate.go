package config

import (
	"fmt"
	"slices"
	"time"

	"catalog-infra/config/source"
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
	if !l.chain.Readable() {
		return
	}
	for _, rule := range rules {
		if slices.ContainsFunc(rule.fields, l.chain.Refused) {
			continue
		}
		for _, problem := range rule.check(cfg) {
			l.errors = append(l.errors, l.chain.Refuse(problem.field, problem.got, problem.want, rule.fields...))
		}
	}
}

// checkShield refuses a subscription that only another file asks for.
func (l *loader) checkShield(cfg Config) {
	const field = "edge.shieldAdvanced"
	asking, _ := l.chain.Place(field)
	if cfg.Edge.ShieldAdvanced && asking != l.chain[0] {
		l.errors = append(l.errors, l.refuseOwn(field, "true in this file too, since it costs a subscription for a year, or false"))
	}
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
		doc, line := l.chain.Place(field)
		warnings = append(warnings, source.Error{File: doc.File, Line: line, Field: field}.At(text))
	}
	for _, mistake := range misnamed(l.files) {
		warnings = append(warnings, mistake.Error())
	}
	return warnings
}
