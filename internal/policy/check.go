package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/iamspec"
)

// Mistakes returns why statements allow or deny less than they say, by AWS's Service
// Authorization Reference: actions that IAM does not have, or that act on none of the
// resources, resources on which no action acts, and conditions that no request for an action
// meets.
func (d Document) Mistakes() []string {
	var all []string
	for i, s := range d.Statements {
		name := cmp.Or(s.Sid, fmt.Sprintf("statement %d", i+1))
		for _, mistake := range s.mistakes() {
			all = append(all, name+": "+mistake)
		}
	}
	return all
}

func (s Statement) mistakes() []string {
	var mistakes []string
	left := budget(100_000) // many times what a condition takes
	if _, found, _ := newBox(s).clauses.sample(&left); !found {
		mistakes = append(mistakes, "no request meets all of its conditions")
	}
	if s.Actions.Not {
		return mistakes // it is about all actions there will be
	}
	known := map[string]bool{}
	for _, pattern := range s.Actions.Patterns {
		actions := KnownActions(pattern)
		if len(actions) == 0 {
			mistakes = append(mistakes, pattern+" is no action")
		} else if !slices.ContainsFunc(actions, func(a string) bool { return actsOnOne(a, s.Resources) }) {
			mistakes = append(mistakes, fmt.Sprintf("%s acts on none of %s", pattern, s.Resources))
		}
		for _, action := range actions {
			known[action] = true
		}
	}
	if len(known) == 0 {
		return mistakes
	}
	return slices.Concat(mistakes, s.idleResources(known), s.unknownKeys(known))
}

// KnownActions returns the actions that a pattern matches, such as s3:GetObject.
func KnownActions(pattern string) []string {
	prefix, name, ok := strings.Cut(pattern, ":")
	service, known := iamspec.Lookup(strings.ToLower(prefix))
	if !ok || !known {
		return nil
	}
	var all []string
	for _, each := range service.Matching(name) {
		all = append(all, strings.ToLower(prefix)+":"+each)
	}
	return all
}

// actsOnOne reports whether an action acts on a resource of the element, as far as its
// texts say it. An action without types of resources acts on *.
func actsOnOne(action string, resources Element) bool {
	if resources.Not || resources.all() {
		return true
	}
	prefix, name, _ := strings.Cut(action, ":")
	service, _ := iamspec.Lookup(prefix)
	return slices.ContainsFunc(resources.Patterns, func(arn string) bool {
		return arn == "*" || service.ActsOn(name, variable.ReplaceAllString(arn, "*"))
	})
}

func (s Statement) idleResources(actions map[string]bool) []string {
	var mistakes []string
	for _, each := range s.Resources.each() {
		acted := false
		for action := range actions {
			acted = acted || actsOnOne(action, each)
		}
		if !acted {
			mistakes = append(mistakes, "no action acts on "+each.String())
		}
	}
	return mistakes
}

// unknownKeys leaves out Null, which may ask that there is no such key.
func (s Statement) unknownKeys(actions map[string]bool) []string {
	var mistakes []string
	for _, condition := range s.Conditions {
		for _, action := range slices.Sorted(maps.Keys(actions)) {
			prefix, name, _ := strings.Cut(action, ":")
			service, _ := iamspec.Lookup(prefix)
			if condition.Operator != "Null" && !service.HasKey(name, condition.Key) {
				mistakes = append(mistakes, fmt.Sprintf("no request for %s has %s", action, condition.Key))
			}
		}
	}
	return mistakes
}
