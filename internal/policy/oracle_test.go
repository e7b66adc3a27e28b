package policy_test

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"catalog-infra/internal/policy"
)

// oracle decides about one request at a time, as IAM's documents say: nothing of it is in
// the comparison, which decides about all of them.
type oracle struct{ document policy.Document }

// matching reports whether a statement with the effect is about the request.
func (o oracle) matching(request policy.Request, deny bool) bool {
	return slices.ContainsFunc(o.document.Statements, func(s policy.Statement) bool {
		return s.Deny == deny && matches(s.Principals, request.Principal, "") && matches(s.Actions, request.Action, "(?i)") &&
			matches(s.Resources, request.Resource, "") &&
			!slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool { return !holds(c, request.Context[c.Key]) })
	})
}

// wider reports whether the request is allowed and was not, or no longer denied in the
// policy of a resource.
func wider(old, updated policy.Document, request policy.Request) bool {
	before, after := oracle{old}, oracle{updated}
	allowed := after.matching(request, false) || ofResource(old) || ofResource(updated)
	return after.matching(request, false) && !after.matching(request, true) && !before.matching(request, false) ||
		allowed && !after.matching(request, true) && before.matching(request, true)
}

func ofResource(d policy.Document) bool {
	return slices.ContainsFunc(d.Statements, func(s policy.Statement) bool { return s.Principals.Not || s.Principals.Patterns != nil })
}

func matches(e policy.Element, text, flags string) bool {
	if !e.Not && len(e.Patterns) == 0 {
		return true
	}
	return slices.ContainsFunc(e.Patterns, func(p string) bool { return like(text, p, flags) }) != e.Not
}

var expressions = map[string]*regexp.Regexp{}

func like(text, glob, flags string) bool {
	key := flags + glob
	if expressions[key] == nil {
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(glob))
		expressions[key] = regexp.MustCompile(flags + "^(?s:" + quoted + ")$")
	}
	return expressions[key].MatchString(text)
}

func holds(c policy.Condition, values []string) bool {
	operator := c.Operator
	if operator == "Null" {
		return slices.Contains(c.Values, strconv.FormatBool(len(values) == 0))
	}
	operator, forAll := strings.CutPrefix(operator, "ForAllValues:")
	operator, forAny := strings.CutPrefix(operator, "ForAnyValue:")
	operator, ifExists := strings.CutSuffix(operator, "IfExists")
	one := func(value string) bool {
		matched := slices.ContainsFunc(c.Values, func(want string) bool {
			return compare(strings.Replace(operator, "Not", "", 1), value, want)
		})
		return matched != strings.Contains(operator, "Not")
	}
	switch {
	case forAll:
		return !slices.ContainsFunc(values, func(v string) bool { return !one(v) })
	case forAny:
		return slices.ContainsFunc(values, one)
	case len(values) == 0:
		return ifExists || strings.Contains(operator, "Not")
	}
	return one(values[0])
}

func compare(operator, value, want string) bool {
	switch operator {
	case "StringEquals":
		return value == want
	case "StringEqualsIgnoreCase", "Bool":
		return strings.EqualFold(value, want)
	case "StringLike":
		return like(value, want, "")
	case "ArnLike", "ArnEquals":
		parts, patterns := strings.SplitN(value, ":", 6), strings.SplitN(want, ":", 6)
		return len(parts) == len(patterns) && !slices.ContainsFunc(indices(parts), func(i int) bool { return !like(parts[i], patterns[i], "") })
	case "IpAddress":
		address, err := netip.ParseAddr(value)
		return err == nil && netip.MustParsePrefix(want).Contains(address)
	}
	return compareNumbers(operator, atof(value), atof(want))
}

func compareNumbers(operator string, number, limit float64) bool {
	switch operator {
	case "NumericEquals":
		return number == limit
	case "NumericLessThan":
		return number < limit
	case "NumericLessThanEquals":
		return number <= limit
	case "NumericGreaterThan":
		return number > limit
	case "NumericGreaterThanEquals":
		return number >= limit
	}
	panic(fmt.Sprintf("the oracle does not know %s", operator))
}

func indices(list []string) []int {
	all := make([]int, len(list))
	for i := range all {
		all[i] = i
	}
	return all
}

// atof returns a number, which no other is less than, greater or equal to if it is none.
func atof(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return n
}
