package review

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Action says what a change does to a resource.
type Action string

// The actions. CloudFormation deletes a renamed or moved resource and makes another one,
// unless the rehearsal says otherwise.
const (
	Added   Action = "added"
	Removed Action = "removed"
	Changed Action = "changed"
	Renamed Action = "renamed"
	Moved   Action = "moved" // to another stack
)

// Change is what a change does to one resource.
type Change struct {
	Stack    string `json:"stack"`
	Resource string `json:"resource"`
	Type     string `json:"type"`
	Action   Action `json:"action"`

	// From is the stack and logical id that it had, where it has another one now.
	From string `json:"from,omitempty"`

	// Properties are the paths that have another value.
	Properties []string `json:"properties,omitempty"`
}

// list adds what changes, and what is only written otherwise.
func (c *comparison) list() {
	for _, one := range c.pairs {
		change := Change{Stack: one.either().stack.ID, Resource: one.either().ID, Type: one.either().Type}
		switch {
		case one.before == nil:
			change.Action = Added
		case one.after == nil:
			change.Action = Removed
		default:
			change.compare(one)
		}
		switch {
		case change.Action != "":
			c.report.Changes = append(c.report.Changes, change)
		case !reflect.DeepEqual(one.before.Properties, one.after.Properties):
			c.report.Rewritten = append(c.report.Rewritten, one.after.key)
		}
	}
}

func (c *Change) compare(one pair) {
	c.Properties = differences(one.before.values, one.after.values, "")
	for name, differs := range map[string]bool{
		"DeletionPolicy":      one.before.DeletionPolicy != one.after.DeletionPolicy,
		"UpdateReplacePolicy": one.before.UpdateReplacePolicy != one.after.UpdateReplacePolicy,
		"Condition":           one.before.Condition != one.after.Condition,
	} {
		if differs {
			c.Properties = append(c.Properties, name)
		}
	}
	slices.Sort(c.Properties)
	c.Properties = slices.Compact(c.Properties)
	switch {
	case one.before.stack.ID != one.after.stack.ID:
		c.Action, c.From = Moved, one.before.key
	case one.before.ID != one.after.ID:
		c.Action, c.From = Renamed, one.before.key
	case len(c.Properties) > 0:
		c.Action = Changed
	}
}

// differences returns the paths at which two values differ. They lead through lists
// without a number.
func differences(before, after any, at string) []string {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	switch old := before.(type) {
	case map[string]any:
		if young, ok := after.(map[string]any); ok {
			keys := maps.Clone(old)
			maps.Copy(keys, young)
			var all []string
			for _, key := range slices.Sorted(maps.Keys(keys)) {
				all = append(all, differences(old[key], young[key], strings.TrimPrefix(at+"."+key, "."))...)
			}
			return all
		}
	case []any:
		if young, ok := after.([]any); ok && len(old) == len(young) {
			var all []string
			for i := range old {
				all = append(all, differences(old[i], young[i], at)...)
			}
			return all
		}
	}
	return []string{at}
}
