// Package eventbridge evaluates event patterns and cron expressions as EventBridge
// documents them. What it does not support fails the test.
package eventbridge

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type object = map[string]any

// Matches reports whether the pattern matches the event. All fields of the pattern
// must match. Of an array, one element must match the whole pattern.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
func Matches(tb testing.TB, pattern object, event any) bool {
	tb.Helper()
	if elements, ok := event.([]any); ok {
		return slices.ContainsFunc(elements, func(element any) bool { return Matches(tb, pattern, element) })
	}
	fields, ok := event.(object)
	if !ok {
		return false
	}
	for key, want := range pattern {
		if !matchesField(tb, key, want, fields) {
			return false
		}
	}
	return true
}

func matchesField(tb testing.TB, key string, want any, fields object) bool {
	tb.Helper()
	got, present := fields[key]
	switch want := want.(type) {
	case object:
		return Matches(tb, want, got)
	case []any:
		if key == "$or" {
			return slices.ContainsFunc(want, func(one any) bool { return Matches(tb, one.(object), fields) })
		}
		return slices.ContainsFunc(want, func(one any) bool { return matchesLeaf(tb, one, got, present) })
	}
	tb.Fatalf("%s: want a list in the pattern, got %v", key, want)
	return false
}

// matchesLeaf compares one value of a pattern with a field, or with any element
// of it.
func matchesLeaf(tb testing.TB, want, got any, present bool) bool {
	tb.Helper()
	if condition, ok := want.(object); ok && condition["exists"] != nil {
		return present == condition["exists"]
	}
	if elements, ok := got.([]any); ok {
		return slices.ContainsFunc(elements, func(element any) bool { return matchesLeaf(tb, want, element, true) })
	}
	if !present {
		return false
	}
	condition, ok := want.(object)
	if !ok {
		return want == got
	}
	require.Len(tb, condition, 1)
	for operator, argument := range condition {
		return matchesCondition(tb, operator, argument, got)
	}
	return false
}

func matchesCondition(tb testing.TB, operator string, argument, got any) bool {
	tb.Helper()
	text, isText := got.(string)
	switch operator {
	case "prefix":
		return isText && strings.HasPrefix(text, argument.(string))
	case "anything-but":
		return !isOneOf(argument, got)
	case "numeric":
		number, isNumber := got.(float64)
		return isNumber && inRange(tb, argument.([]any), number)
	}
	tb.Fatalf("the operator %s is not supported", operator)
	return false
}

func inRange(tb testing.TB, bounds []any, number float64) bool {
	tb.Helper()
	for pair := range slices.Chunk(bounds, 2) {
		bound := pair[1].(float64)
		holds := map[string]bool{
			"=": number == bound, "<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound,
		}
		require.Contains(tb, holds, pair[0])
		if !holds[pair[0].(string)] {
			return false
		}
	}
	return true
}

// isOneOf reports whether the value is in the argument, a list or a single value.
func isOneOf(argument, value any) bool {
	list, ok := argument.([]any)
	if !ok {
		return argument == value
	}
	return slices.Contains(list, value)
}
