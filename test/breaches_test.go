package test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// breaches are what breaks a rule, and the environments in which it does: a
// failure tells of each once.
type breaches map[string][]string

func (b breaches) add(env *environment, what string) {
	if !slices.Contains(b[what], env.Suffix) {
		b[what] = append(b[what], env.Suffix)
	}
}

// fail says of each breach what the rule is and what to do, or nothing where
// there is none.
func (b breaches) fail(t *testing.T, rule string) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(b)) {
		t.Errorf("%s, in %s: %s", what, strings.Join(b[what], ", "), rule)
	}
}
