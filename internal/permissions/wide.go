package permissions

import (
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/iamspec"
	"catalog-infra/internal/policy"
)

// Width is a resource of a statement that stands for more than one, and why.
type Width struct{ Resource, Why string }

// Wide returns the resources of a statement that are more than one resource. It is empty
// for a Deny.
func Wide(s policy.Statement) []Width {
	if s.Deny {
		return nil
	}
	if s.Resources.Not {
		return []Width{{s.Resources.String(), "it names what it leaves out"}}
	}
	var all []Width
	for _, resource := range s.Resources.Patterns {
		switch {
		case resource == "*":
			all = append(all, everything(s)...)
		case strings.ContainsAny(resource, "*?"):
			all = append(all, Width{resource, why(resource)})
		}
	}
	return all
}

// everything returns why actions are allowed on everything.
func everything(s policy.Statement) []Width {
	var free, others []string
	for _, pattern := range s.Actions.Patterns {
		switch actions := policy.KnownActions(pattern); {
		case slices.ContainsFunc(actions, hasTypes):
			others = append(others, pattern)
		case len(actions) > 0:
			free = append(free, pattern)
		}
	}
	var all []Width
	if len(free) > 0 {
		all = append(all, Width{"*", "AWS cannot limit to a resource: " + strings.Join(free, ", ")})
	}
	switch {
	case s.Actions.Not:
		all = append(all, Width{"*", "it names the actions that it leaves out"})
	case len(others) > 0 && len(s.Conditions) > 0:
		all = append(all, Width{"*", "only its conditions limit: " + strings.Join(others, ", ")})
	case len(others) > 0:
		all = append(all, Width{"*", "nothing limits: " + strings.Join(others, ", ")})
	}
	return all
}

// hasTypes reports whether AWS can limit the action to a resource.
func hasTypes(action string) bool {
	prefix, name, _ := strings.Cut(action, ":")
	service, _ := iamspec.Lookup(prefix)
	return len(service.Actions[name].Types) > 0
}

// unknown matches what only a deployment knows, which may have colons.
var unknown = regexp.MustCompile(`\$\{[^}]*\}`)

// why says what a pattern with a wildcard stands for.
func why(pattern string) string {
	const parts = 6
	name := unknown.ReplaceAllString(pattern, "$")
	if split := strings.SplitN(name, ":", parts); len(split) == parts {
		if strings.ContainsAny(strings.Join(split[:parts-1], ""), "*?") {
			return "in more than one region, account or service"
		}
		name = split[parts-1]
	}
	before := name[:strings.IndexAny(name, "*?")]
	kind := strings.IndexAny(before, ":/") + 1 // the type of the resource ends there, if it has one
	switch {
	case strings.Trim(before[kind:], "/") == "" && !strings.HasPrefix(before, "$"):
		return "all that there are, now or later"
	case strings.HasSuffix(before, "/") || strings.HasSuffix(before, ":"):
		return "what is below one name"
	}
	return "all whose names begin so: AWS completes the name, or it exists only later"
}
