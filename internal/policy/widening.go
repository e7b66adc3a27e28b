package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Widening is something that a policy allows and the one before did not.
type Widening struct {
	// Principals, Actions and Resources are as the statement has them.
	Principals, Actions, Resources []string

	// Conditions are under which the statement holds.
	Conditions []string

	// Lost are the conditions under which alone the policy before allowed the same.
	Lost []string

	// NoLongerDenied reports whether it is a Deny that is gone, or holds for less.
	NoLongerDenied bool

	// Unsure reports whether it depends on what only a deployment knows, or on an operator
	// that is not known, or on more work than a comparison is worth: it may be no widening.
	Unsure bool

	// Example is a request that is allowed only now.
	Example Request
}

// String returns the widening as a sentence without its subject, such as "allows
// s3:GetObject on bucket/*, no longer only if Bool aws:SecureTransport true".
func (w Widening) String() string {
	verb := "allows"
	if w.NoLongerDenied {
		verb = "no longer denies"
	}
	if w.Unsure {
		verb = "may be wider: " + verb
	}
	words := []string{verb}
	add := func(word string, list []string, between string) {
		if text := strings.Join(list, between); text != "" && text != "*" {
			words = append(words, strings.TrimSpace(word+" "+text))
		}
	}
	add("", w.Principals, ", ")
	words = append(words, strings.Join(w.Actions, ", "))
	add("on", w.Resources, ", ")
	add("if", w.Conditions, " and ")
	text := strings.Join(words, " ")
	if len(w.Lost) > 0 {
		text += ", no longer only if " + strings.Join(w.Lost, " and ")
	}
	return text
}

// widenings returns what a statement is about beyond the others: the statements that
// allowed as much before, and those that deny it now.
func (c *comparison) widenings(statement box, before, denies []box) []Widening {
	if _, found, _ := c.outside(statement, slices.Concat(before, denies)); !found {
		return nil
	}
	var all []Widening
	for _, b := range statement.each() {
		request, found, unsure := c.outside(b, slices.Concat(before, denies))
		if found {
			widening := b.widening(request, unsure)
			widening.Lost = c.lost(b, before)
			all = append(all, widening)
		}
	}
	return all
}

// undenied returns what a Deny was about and no longer is.
func (c *comparison) undenied(deny box, after sides) []Widening {
	if _, found, _ := c.outside(deny, after.denies); !found {
		return nil
	}
	allows := after.allows
	if after.ofResource || !deny.statement.Principals.all() {
		allows = []box{{}}
	}
	var all []Widening
	for _, b := range deny.each() {
		for _, allow := range allows {
			request, found, unsure := c.outside(intersection(b, allow), after.denies)
			if found {
				widening := b.widening(request, unsure)
				widening.NoLongerDenied = true
				all = append(all, widening)
				break
			}
		}
	}
	return all
}

func (b box) widening(example Request, unsure bool) Widening {
	w := Widening{
		Principals: []string{b.statement.Principals.String()}, Actions: []string{b.statement.Actions.String()},
		Resources: []string{b.statement.Resources.String()}, Example: example, Unsure: unsure,
	}
	for _, condition := range b.statement.Conditions {
		w.Conditions = append(w.Conditions, condition.String())
	}
	slices.Sort(w.Conditions)
	return w
}

// lost returns the fewest conditions under which a statement before allowed all of a box.
func (c *comparison) lost(b box, before []box) []string {
	var fewest []string
	for _, other := range before {
		clauses := other.clauses
		other.clauses = nil
		if len(c.minus(b, other)) > 0 {
			continue
		}
		var lost []string
		for _, each := range clauses {
			if c.context(b.clauses.with(each, true)).found {
				lost = append(lost, each.String())
			}
		}
		if fewest == nil || len(lost) < len(fewest) {
			fewest = lost
		}
	}
	return fewest
}

// merge puts widenings together that differ in their actions only, and then those that
// differ in their resources only.
func merge(all []Widening) []Widening {
	all = mergeBy(all, func(w *Widening) *[]string { return &w.Actions })
	return mergeBy(all, func(w *Widening) *[]string { return &w.Resources })
}

func mergeBy(all []Widening, list func(*Widening) *[]string) []Widening {
	var merged []Widening
	at := map[string]int{}
	for _, w := range all {
		rest := w
		*list(&rest), rest.Example = nil, Request{}
		key := fmt.Sprintf("%q", rest)
		if i, ok := at[key]; ok {
			into := list(&merged[i])
			*into = slices.Compact(slices.Sorted(slices.Values(append(*into, *list(&w)...))))
			continue
		}
		at[key] = len(merged)
		merged = append(merged, w)
	}
	return merged
}
