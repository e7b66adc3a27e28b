package controls

import (
	"reflect"
	"slices"

	"catalog-infra/internal/assembly"
)

// verdict is the result of a control for a resource.
type verdict int

const (
	passes verdict = iota
	fails
	exempt // the control does not judge such a resource
)

// check judges a resource of a control's type.
type check func(*environment, resource) verdict

// checks judge by control. Each file adds those of some services.
var checks = merged(
	accountChecks, balancerChecks, bucketChecks, containerChecks, databaseChecks, edgeChecks, metricFilterChecks(), networkChecks,
	permissionChecks,
)

func merged(all ...map[string]check) map[string]check {
	merged := map[string]check{}
	for _, some := range all {
		for id, one := range some {
			if merged[id] != nil {
				panic("controls: two checks of " + id) // found when any test starts
			}
			merged[id] = one
		}
	}
	return merged
}

// holds returns passes or fails.
func holds(is bool) verdict {
	if is {
		return passes
	}
	return fails
}

// property checks that a property has one of the values.
func property(path string, allowed ...any) check {
	return func(_ *environment, r resource) verdict { return holds(isOneOf(r.at(path), allowed)) }
}

// each checks that in every element of a list the property has one of the values.
func each(list, path string, allowed ...any) check {
	return func(_ *environment, r resource) verdict {
		return holds(!slices.ContainsFunc(assembly.AsList(r.at(list)), func(element any) bool { return !isOneOf(at(element, path), allowed) }))
	}
}

// set checks that a property has a value.
func set(path string) check {
	return func(_ *environment, r resource) verdict { return holds(r.at(path) != nil) }
}

// all checks that a resource passes every one. It is exempt if one exempts it.
func all(checks ...check) check {
	return func(e *environment, r resource) verdict {
		worst := passes
		for _, one := range checks {
			worst = max(worst, one(e, r))
		}
		return worst
	}
}

// anyOf checks that a resource passes one of the checks.
func anyOf(checks ...check) check {
	return func(e *environment, r resource) verdict {
		return holds(slices.ContainsFunc(checks, func(one check) bool { return one(e, r) == passes }))
	}
}

// not fails what the check passes, and passes what it fails.
func not(one check) check {
	return func(e *environment, r resource) verdict {
		verdict := one(e, r)
		if verdict == exempt {
			return exempt
		}
		return holds(verdict == fails)
	}
}

// onlyIf exempts resources that fail a condition.
func onlyIf(condition, one check) check {
	return func(e *environment, r resource) verdict {
		if condition(e, r) != passes {
			return exempt
		}
		return one(e, r)
	}
}

// atLeastOne is for controls of an account: where one resource passes, the others of
// its type are exempt.
func atLeastOne(one check) check {
	return func(e *environment, r resource) verdict {
		verdict := one(e, r)
		if verdict == fails && slices.ContainsFunc(e.byType[r.Type], func(other resource) bool { return one(e, other) == passes }) {
			return exempt
		}
		return verdict
	}
}

// isOneOf compares values of JSON. Numbers are float64 there.
func isOneOf(value any, allowed []any) bool {
	return slices.ContainsFunc(allowed, func(one any) bool { return reflect.DeepEqual(value, one) })
}
