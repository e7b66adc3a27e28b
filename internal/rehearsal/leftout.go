package rehearsal

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"catalog-infra/internal/resourcespec"
)

// leftOut returns what the rehearsal of a stack does not know.
func (d deployment) leftOut() []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, found := range d.changes {
		if found.after == nil {
			continue
		}
		all = append(all, notInSchemas(found)...)
		if found.after.Condition != "" {
			add("whether the condition %s of stack %s holds: it counts as true", found.after.Condition, d.after.ID)
		}
	}
	if d.followed() == nil {
		add("cuts while stack %s is deployed, which changes more than %d listeners, rules and services", d.after.ID, mostFollowed)
	}
	if macro := d.after.Template.Transform; macro != nil && len(d.changes) > 0 {
		add("what the macro %s makes of stack %s", text(macro), d.after.ID)
	}
	for _, name := range sortedKeys(d.after.Template.Parameters) {
		// https://github.com/aws/aws-cdk/issues/7611
		if old, there := d.before.Template.Parameters[name]; there && !reflect.DeepEqual(old, d.after.Template.Parameters[name]) {
			add("the change of parameter %s of stack %s: cdk deploy hands over the value that the stack has", name, d.after.ID)
		}
	}
	return all
}

// notInSchemas returns the type, or the properties, of a resource that AWS's schemas lack.
func notInSchemas(found change) []string {
	known, ok := resourcespec.Lookup(found.after.Type)
	if !ok && (found.before != nil || strings.HasPrefix(found.after.Type, "AWS::")) {
		return []string{found.after.Type + ", which AWS's schemas lack: a change may replace it"}
	}
	var all []string
	for _, property := range sortedKeys(found.after.Properties) {
		if ok && !slices.Contains(known.Properties, property) {
			all = append(all, found.after.Type+"."+property+", which AWS's schemas lack")
		}
	}
	return all
}
