package policy

import (
	"slices"
	"strings"

	"catalog-infra/internal/iamspec"
)

// Allows returns the statements that allow an action on a resource, to a principal or, if
// that is empty, to the identity that has the policy. The resource may have several names,
// and a wildcard for the part of a name that AWS makes up: the statements may then allow
// it. A Deny counts only without conditions.
func (d Document) Allows(principal, action string, names []string) []Statement {
	if d.Denies(principal, action, names) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(d.Statements), func(s Statement) bool {
		return s.Deny || !s.isAbout(principal, action) || !s.Resources.overlaps(names)
	})
}

// Denies reports whether the policy denies the action to the principal under all
// conditions.
func (d Document) Denies(principal, action string, names []string) bool {
	return slices.ContainsFunc(d.Statements, func(s Statement) bool {
		return s.Deny && len(s.Conditions) == 0 && s.isAbout(principal, action) && s.Resources.coversOne(names)
	})
}

// About returns the statements about an action.
func (d Document) About(action string) Document {
	return Document{slices.DeleteFunc(slices.Clone(d.Statements), func(s Statement) bool {
		return !s.Actions.lower().overlaps([]string{strings.ToLower(action)})
	})}
}

func (s Statement) isAbout(principal, action string) bool {
	return s.Principals.overlaps([]string{principal}) && s.Actions.lower().overlaps([]string{strings.ToLower(action)})
}

func (e Element) lower() Element {
	var patterns []string
	for _, p := range e.Patterns {
		patterns = append(patterns, strings.ToLower(p))
	}
	return Element{e.Not, patterns}
}

// overlaps reports whether the element and one of the texts may be about the same.
func (e Element) overlaps(texts []string) bool {
	if e.all() {
		return true
	}
	if e.Not {
		return e.coversOne(texts)
	}
	return slices.ContainsFunc(e.Patterns, func(p string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return iamspec.Overlap(p, text) })
	})
}

// coversOne reports whether one of the texts is certainly in the element.
func (e Element) coversOne(texts []string) bool {
	return e.all() || slices.ContainsFunc(texts, func(text string) bool {
		named := compile(text, wildcards)
		return slices.ContainsFunc(e.Patterns, func(p string) bool { return compile(p, wildcards).covers(named) }) != e.Not
	})
}
