package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// matchesEvent says whether a pattern matches, as EventBridge documents it: all
// fields of a pattern must match, and of an array one element that matches the
// whole of what is asked of it is enough.
func matchesEvent(t *testing.T, pattern props, event any) bool {
	t.Helper()
	if elements, ok := event.([]any); ok {
		return slices.ContainsFunc(elements, func(element any) bool { return matchesEvent(t, pattern, element) })
	}
	fields, ok := event.(props)
	if !ok {
		return false
	}
	for key, want := range pattern {
		if !matchesField(t, key, want, fields) {
			return false
		}
	}
	return true
}

func matchesField(t *testing.T, key string, want any, fields props) bool {
	t.Helper()
	got, present := fields[key]
	switch want := want.(type) {
	case props:
		return matchesEvent(t, want, got)
	case []any:
		if key == "$or" {
			return slices.ContainsFunc(want, func(one any) bool { return matchesEvent(t, one.(props), fields) })
		}
		return slices.ContainsFunc(want, func(one any) bool { return matchesLeaf(t, one, got, present) })
	}
	t.Fatalf("%s: a pattern has lists, got %v", key, want)
	return false
}

// matchesLeaf compares one value of a pattern with a field, or with any element
// of it.
func matchesLeaf(t *testing.T, want, got any, present bool) bool {
	t.Helper()
	if condition, ok := want.(props); ok && condition["exists"] != nil {
		return present == condition["exists"]
	}
	if elements, ok := got.([]any); ok {
		return slices.ContainsFunc(elements, func(element any) bool { return matchesLeaf(t, want, element, true) })
	}
	if !present {
		return false
	}
	condition, ok := want.(props)
	if !ok {
		return want == got
	}
	require.Len(t, condition, 1)
	for operator, argument := range condition {
		return matchesCondition(t, operator, argument, got)
	}
	panic("unreachable")
}

func matchesCondition(t *testing.T, operator string, argument, got any) bool {
	t.Helper()
	text, isText := got.(string)
	switch operator {
	case "prefix":
		return isText && strings.HasPrefix(text, argument.(string))
	case "anything-but":
		return !slices.Contains(asList(argument), got)
	case "numeric":
		number, isNumber := got.(float64)
		return isNumber && inRange(t, argument.([]any), number)
	}
	t.Fatalf("the test does not know %s", operator)
	return false
}

func inRange(t *testing.T, bounds []any, number float64) bool {
	t.Helper()
	for pair := range slices.Chunk(bounds, 2) {
		bound := pair[1].(float64)
		holds := map[string]bool{
			"=": number == bound, "<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound,
		}
		require.Contains(t, holds, pair[0])
		if !holds[pair[0].(string)] {
			return false
		}
	}
	return true
}

func TestPatternsMatchAsEventBridgeDocumentsIt(t *testing.T) {
	list := func(values ...any) []any { return values }
	event := props{"kind": "a", "size": 7.0, "tags": list("x", "y"), "parts": list(
		props{"name": "left", "state": "off"}, props{"name": "right", "state": "on"},
	)}
	for name, c := range map[string]struct {
		pattern props
		want    bool
	}{
		"a value":                          {props{"kind": list("b", "a")}, true},
		"another value":                    {props{"kind": list("b")}, false},
		"all fields":                       {props{"kind": list("a"), "size": list(8.0)}, false},
		"a missing field":                  {props{"other": list("a")}, false},
		"an element":                       {props{"tags": list("y")}, true},
		"an object in an array":            {props{"parts": props{"name": list("right")}}, true},
		"two objects in an array":          {props{"parts": props{"name": list("left"), "state": list("on")}}, false},
		"a prefix":                         {props{"kind": list(props{"prefix": "a"})}, true},
		"another prefix":                   {props{"kind": list(props{"prefix": "b"})}, false},
		"a number at the bound":            {props{"size": list(props{"numeric": list(">=", 7.0)})}, true},
		"a number below the bound":         {props{"size": list(props{"numeric": list(">=", 7.1)})}, false},
		"a number in a range":              {props{"size": list(props{"numeric": list(">", 6.0, "<", 7.0)})}, false},
		"a text where a number is wanted":  {props{"kind": list(props{"numeric": list(">=", 0.0)})}, false},
		"anything but others":              {props{"kind": list(props{"anything-but": list("b", "c")})}, true},
		"anything but this":                {props{"kind": list(props{"anything-but": "a"})}, false},
		"anything but, of a missing field": {props{"other": list(props{"anything-but": "a"})}, false},
		"presence":                         {props{"kind": list(props{"exists": true})}, true},
		"absence":                          {props{"kind": list(props{"exists": false})}, false},
		"one of two":                       {props{"$or": list(props{"kind": list("b")}, props{"size": list(7.0)})}, true},
		"none of two":                      {props{"$or": list(props{"kind": list("b")}, props{"size": list(8.0)})}, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, matchesEvent(t, c.pattern, event)) })
	}
}
