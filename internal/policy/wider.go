package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Wider returns what the new policy allows and the old one does not. It returns nothing
// only if there is certainly nothing: what it cannot decide is a Widening with the reason.
// Both are all policies of the same identity, or those of the same resource.
//
// A Deny that the new policy lacks widens the policy of a resource by itself, since other
// policies may allow the request. In the policies of an identity something must allow it.
func Wider(old, new Document) []Widening {
	const steps = 20_000_000 // takes about a tenth of a second
	c := &comparison{left: steps, known: map[string]answer{}, contexts: map[string]context{}}
	before, after := split(old), split(new)
	var found []Widening
	for _, statement := range after.allows {
		found = append(found, c.widenings(statement, before.allows, after.denies)...)
	}
	for _, statement := range before.denies {
		found = append(found, c.undenied(statement, after)...)
	}
	return merge(found)
}

// comparison remembers which sets have a text, since the same ones come up often.
type comparison struct {
	left     budget
	known    map[string]answer
	contexts map[string]context
}

type context struct {
	values        map[string][]string
	found, unsure bool
}

// box is the requests that a statement is about: those in all of its dimensions. The zero
// value is all.
type box struct {
	principals, actions, resources set
	clauses                        clauses

	statement Statement
}

// sides are the statements of a policy by their effect.
type sides struct {
	allows, denies []box
	ofResource     bool
}

func split(d Document) sides {
	var all sides
	for _, statement := range d.Statements {
		b := newBox(statement)
		if statement.Deny {
			all.denies = append(all.denies, b)
		} else {
			all.allows = append(all.allows, b)
		}
		all.ofResource = all.ofResource || !statement.Principals.all()
	}
	return all
}

func newBox(s Statement) box {
	b := box{
		principals: newSet(s.Principals, strings.Clone), actions: newSet(s.Actions, strings.ToLower),
		resources: newSet(s.Resources, strings.Clone), statement: s,
	}
	for _, condition := range s.Conditions {
		b.clauses = append(b.clauses, newClause(condition))
	}
	return b
}

func newSet(e Element, form func(string) string) set {
	if e.all() {
		return nil
	}
	r := restriction{id: form(fmt.Sprintf("%t%q", e.Not, e.Patterns)), not: e.Not}
	for _, text := range e.Patterns {
		r.patterns = append(r.patterns, compile(form(text), wildcards))
	}
	return set{r}
}

// each returns a box for each principal, action and resource of a statement.
func (b box) each() []box {
	var all []box
	for _, principal := range b.statement.Principals.each() {
		for _, action := range b.statement.Actions.each() {
			for _, resource := range b.statement.Resources.each() {
				single := b.statement
				single.Principals, single.Actions, single.Resources = principal, action, resource
				all = append(all, newBox(single))
			}
		}
	}
	return all
}

func (e Element) each() []Element {
	if e.Not || len(e.Patterns) < 2 {
		return []Element{e}
	}
	var all []Element
	for _, p := range e.Patterns {
		all = append(all, Element{Patterns: []string{p}})
	}
	return all
}

func (c *comparison) sample(s set) answer {
	if len(s) == 0 {
		return answer{text: "*", found: true}
	}
	key := s.key()
	known, ok := c.known[key]
	if !ok {
		known = s.sample(&c.left)
		c.known[key] = known
	}
	return known
}

func (c *comparison) context(all clauses) context {
	if len(all) == 0 {
		return context{found: true}
	}
	key := all.signature()
	known, ok := c.contexts[key]
	if !ok {
		known.values, known.found, known.unsure = all.sample(&c.left)
		c.contexts[key] = known
	}
	return known
}

// request returns a request in the box.
func (c *comparison) request(b box) (request Request, found, unsure bool) {
	conditions := c.context(b.clauses)
	if !conditions.found {
		return Request{}, false, false
	}
	unsure = conditions.unsure
	request.Context = conditions.values
	for _, dimension := range []struct {
		of set
		to *string
	}{{b.principals, &request.Principal}, {b.actions, &request.Action}, {b.resources, &request.Resource}} {
		answer := c.sample(dimension.of)
		if !answer.found {
			return Request{}, false, false
		}
		*dimension.to, unsure = answer.text, unsure || answer.unsure
	}
	return request, true, unsure
}

// outside returns a request that is in the box and in none of the others.
func (c *comparison) outside(b box, others []box) (request Request, found, unsure bool) {
	if request, found, unsure = c.request(b); !found || len(others) == 0 {
		return request, found, unsure
	}
	if !c.left.spend(1 + len(others)) {
		return request, true, true
	}
	if slices.ContainsFunc(others, func(other box) bool { return len(c.minus(b, other)) == 0 }) {
		return Request{}, false, false
	}
	if !c.meet(b, others[0]) {
		return c.outside(b, others[1:])
	}
	for _, part := range c.minus(b, others[0]) {
		if request, found, unsure := c.outside(part, others[1:]); found {
			return request, true, unsure
		}
	}
	return Request{}, false, false
}

// minus returns the parts of a box that are not in another one, which may overlap.
func (c *comparison) minus(b, other box) []box {
	var parts []box
	for _, dimension := range []func(*box) *set{
		func(b *box) *set { return &b.actions }, func(b *box) *set { return &b.resources }, func(b *box) *set { return &b.principals },
	} {
		part := b
		for _, r := range *dimension(&other) {
			all := dimension(&part)
			if *all = all.with(r.inverse()); c.sample(*all).found {
				parts = append(parts, part)
			}
		}
	}
	for _, clause := range other.clauses {
		part := b
		if part.clauses = b.clauses.with(clause, true); c.context(part.clauses).found {
			parts = append(parts, part)
		}
	}
	return parts
}

// meet reports whether two boxes have, or may have, a request in common.
func (c *comparison) meet(a, b box) bool {
	_, found, _ := c.request(intersection(a, b))
	return found
}

func intersection(a, b box) box {
	a.principals = append(slices.Clip(a.principals), b.principals...)
	a.actions = append(slices.Clip(a.actions), b.actions...)
	a.resources = append(slices.Clip(a.resources), b.resources...)
	a.clauses = append(slices.Clip(a.clauses), b.clauses...)
	return a
}
