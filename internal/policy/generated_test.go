package policy_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/policy"
)

// generator writes policies over so few characters that they often meet.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 14))} //nolint:gosec // the same policies for the same seed
}

func (g generator) oneOf(all ...string) string { return all[g.IntN(len(all))] }

func (g generator) pattern() string {
	var text strings.Builder
	for range 1 + g.IntN(3) {
		text.WriteString(g.oneOf("a", "b", "a", "b", "*", "?"))
	}
	return text.String()
}

func (g generator) list(make func() string) (all []string) {
	for range 1 + g.IntN(2) {
		all = append(all, make())
	}
	return all
}

func (g generator) element() policy.Element {
	return policy.Element{Not: g.IntN(4) == 0, Patterns: g.list(g.pattern)}
}

func (g generator) condition() policy.Condition {
	not, suffix := g.oneOf("", "Not"), g.oneOf("", "", "IfExists")
	switch g.IntN(7) {
	case 0:
		operator := "String" + not + g.oneOf("Equals", "EqualsIgnoreCase", "Like") + suffix
		return policy.Condition{Operator: operator, Key: "text", Values: g.list(g.pattern)}
	case 1:
		arn := func() string {
			return g.oneOf("a", "*", "?") + "::::" + g.oneOf("a", "b", "*") + ":" + g.oneOf("a:a", "*", "a*")
		}
		return policy.Condition{Operator: "Arn" + not + "Like" + suffix, Key: "arn", Values: g.list(arn)}
	case 2:
		operator := g.oneOf("ForAllValues:", "ForAnyValue:") + "String" + not + g.oneOf("Equals", "Like")
		return policy.Condition{Operator: operator, Key: "texts", Values: g.list(g.pattern)}
	case 3:
		number := func() string { return g.oneOf("1", "2", "3") }
		relation := g.oneOf("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
		return policy.Condition{Operator: "Numeric" + relation + suffix, Key: "number", Values: g.list(number)}
	case 4:
		address := func() string { return g.oneOf("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "0.0.0.0/0", "::/0") }
		return policy.Condition{Operator: not + "IpAddress" + suffix, Key: "address", Values: g.list(address)}
	case 5:
		return policy.Condition{Operator: "Bool" + suffix, Key: "bool", Values: []string{g.oneOf("true", "false")}}
	}
	return policy.Condition{Operator: "Null", Key: g.oneOf("text", "texts", "number", "bool"), Values: []string{g.oneOf("true", "false")}}
}

func (g generator) statement(ofResource bool) policy.Statement {
	s := policy.Statement{Deny: g.IntN(3) == 0, Actions: g.element()}
	if g.IntN(3) > 0 {
		s.Resources = g.element()
	}
	if ofResource {
		principal := func() string { return g.oneOf("AWS:1:*", "AWS:1:a", "Service:a", "*") }
		s.Principals = policy.Element{Not: g.IntN(6) == 0, Patterns: g.list(principal)}
	}
	for range g.IntN(3) {
		s.Conditions = append(s.Conditions, g.condition())
	}
	return s
}

func (g generator) document(ofResource bool) (d policy.Document) {
	for range 1 + g.IntN(4) {
		d.Statements = append(d.Statements, g.statement(ofResource))
	}
	return d
}

// variant returns a policy that has most statements of another one, some changed.
func (g generator) variant(d policy.Document, ofResource bool) (variant policy.Document) {
	for _, s := range d.Statements {
		switch g.IntN(6) {
		case 0:
			continue
		case 1:
			s.Conditions = append(s.Conditions[:len(s.Conditions):len(s.Conditions)], g.condition())
		case 2:
			s.Actions = policy.Element{Not: s.Actions.Not, Patterns: append(s.Actions.Patterns[:1:1], g.pattern())}
		case 3:
			s.Conditions = nil
		}
		variant.Statements = append(variant.Statements, s)
	}
	if len(variant.Statements) == 0 {
		return g.document(ofResource)
	}
	return variant
}

func texts(longest int, characters ...string) []string {
	all, last := []string{""}, []string{""}
	for range longest {
		var longer []string
		for _, text := range last {
			for _, c := range characters {
				longer = append(longer, text+c)
			}
		}
		all, last = append(all, longer...), longer
	}
	return all
}

// context returns one with a value for most keys.
func (g generator) context() map[string][]string {
	context := map[string][]string{}
	set := func(key string, values ...string) {
		if g.IntN(4) > 0 {
			context[key] = values
		}
	}
	text := func() string { return g.oneOf(texts(3, "a", "b", "A", "x")...) }
	set("text", text())
	set("texts", g.list(text)...)
	set("arn", g.oneOf("a", "b", "c")+"::::"+g.oneOf("a", "b", "c")+":"+g.oneOf("a:a", "a", "c"))
	set("number", g.oneOf("0", "1", "1.5", "2", "2.5", "3", "4"))
	set("address", g.oneOf("10.0.0.1", "10.1.0.1", "10.1.2.3", "192.0.2.1", "::1"))
	set("bool", g.oneOf("true", "false"))
	return context
}

// requireAgreement checks that the examples of all widenings are wider by one request at a
// time, and that without a widening no request is.
func requireAgreement(t *testing.T, g generator, old, updated policy.Document) {
	t.Helper()
	found := policy.Wider(old, updated)
	for _, widening := range found {
		require.Falsef(t, widening.Unsure, "%s", widening)
		require.Truef(t, wider(old, updated, widening.Example), "%s: %+v\n%+v\n%+v", widening, widening.Example, old, updated)
	}
	if len(found) > 0 {
		return
	}
	actions, resources := texts(3, "a", "b", "x"), texts(3, "a", "b", "x")
	for range 300 {
		request := policy.Request{
			Principal: g.oneOf("AWS:1:a", "AWS:1:b", "AWS:2:a", "Service:a"),
			Action:    g.oneOf(actions...), Resource: g.oneOf(resources...), Context: g.context(),
		}
		require.Falsef(t, wider(old, updated, request), "%+v\n%+v\n%+v", request, old, updated)
	}
}

func TestTheComparisonAgreesWithOneRequestAtATime(t *testing.T) {
	none := 0
	for seed := range uint64(2000) {
		g := newGenerator(seed)
		ofResource := seed%2 == 0
		old := g.document(ofResource)
		updated := g.variant(old, ofResource)
		requireAgreement(t, g, old, updated)
		if len(policy.Wider(old, updated)) == 0 {
			none++
		}
	}
	require.Greater(t, none, 200, "policies that are no wider")
}
