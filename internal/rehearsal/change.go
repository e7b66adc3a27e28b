package rehearsal

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/resourcespec"
)

// change says what a new template does to one resource.
type change struct {
	id string

	// before is nil for a resource that is new, after for one that is gone.
	before, after *assembly.Resource

	// properties are the paths that differ, each also with those that differ because
	// they name a resource which is replaced.
	properties []string

	// replacement is Always, too, where another type has the id.
	replacement resourcespec.Replacement

	// because is the replaced resource that this one is replaced for, if it is.
	because string
}

// changes returns what the new template does, in the order in which CloudFormation
// does it: what is made or changed by dependency, then what is removed.
func changes(before, after assembly.Template) []change {
	made := map[string]change{}
	for id, resource := range after.Resources {
		if found, ok := compare(before, id, resource); ok {
			made[id] = found
		}
	}
	ordered := order(after)
	passOn(after, ordered, made)
	var all []change
	for _, id := range ordered {
		if found, ok := made[id]; ok {
			all = append(all, found)
		}
	}
	for _, id := range slices.Backward(order(before)) {
		if _, stays := after.Resources[id]; !stays {
			gone := before.Resources[id]
			all = append(all, change{id: id, before: &gone})
		}
	}
	return all
}

// compare returns what happens to a resource of the new template, and whether
// anything does.
func compare(before assembly.Template, id string, resource assembly.Resource) (change, bool) {
	old, there := before.Resources[id]
	switch {
	case !there:
		return change{id: id, after: &resource}, true
	case old.Type != resource.Type:
		return change{id: id, before: &old, after: &resource, replacement: resourcespec.Always}, true
	}
	found := change{id: id, before: &old, after: &resource, replacement: resourcespec.Never}
	for _, path := range differences(map[string]any(old.Properties), map[string]any(resource.Properties), nil) {
		found.add(path)
	}
	return found, len(found.properties) > 0
}

// add records a property that differs.
func (c *change) add(path []string) {
	name := strings.Join(path, ".")
	if slices.Contains(c.properties, name) {
		return
	}
	c.properties = append(c.properties, name)
	slices.Sort(c.properties)
	c.replacement = worse(c.replacement, replacementOf(*c.after, path))
}

func worse(a, b resourcespec.Replacement) resourcespec.Replacement {
	rank := []resourcespec.Replacement{resourcespec.Never, resourcespec.Sometimes, resourcespec.Always}
	return rank[max(slices.Index(rank, a), slices.Index(rank, b))]
}

// replacementOf returns what a change of the property does. A type that AWS's
// schemas lack, such as a custom resource, decides that itself.
func replacementOf(resource assembly.Resource, path []string) resourcespec.Replacement {
	known, ok := resourcespec.Lookup(resource.Type)
	if !ok {
		return resourcespec.Sometimes
	}
	if sure, ok := decided(resource, path); ok {
		return sure
	}
	return known.Replacement(path)
}

// decided returns the replacement where a condition decides that the schemas do not have.
func decided(resource assembly.Resource, path []string) (resourcespec.Replacement, bool) {
	// "If you specify NewVersion ... no replacement":
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-document.html#cfn-ssm-document-updatemethod
	newVersion := resource.Type == "AWS::SSM::Document" && resource.Properties["UpdateMethod"] == "NewVersion"
	if newVersion && path[0] != "Name" && path[0] != "DocumentType" {
		return resourcespec.Never, true
	}
	return "", false
}

// passOn makes changes of the properties that name a resource which is replaced:
// they have another value afterwards. By dependency once is enough, unless resources wait
// for each other.
func passOn(after assembly.Template, ordered []string, made map[string]change) {
	for again := true; again; {
		again = false
		for _, id := range ordered {
			if passOnTo(id, after.Resources[id], made) {
				again = true
			}
		}
	}
}

// passOnTo reports whether the resource changes in a way that it did not before.
func passOnTo(id string, resource assembly.Resource, made map[string]change) bool {
	found, changes := made[id]
	if changes && found.before == nil {
		return false // it is new
	}
	if !changes {
		found = change{id: id, before: &resource, after: &resource, replacement: resourcespec.Never}
	}
	known := len(found.properties)
	for _, named := range referencesAt(resource) {
		if replaced, ok := made[named.target]; !ok || named.target == id || !replaced.isReplaced() {
			continue
		}
		was := found.isReplaced()
		found.add(named.path)
		if found.isReplaced() && !was {
			found.because = named.target
		}
	}
	if len(found.properties) == known {
		return false
	}
	made[id] = found
	return true
}

// causes returns those of the properties for which the resource is replaced.
func (c change) causes() []string {
	var all []string
	for _, name := range c.properties {
		if replacementOf(*c.after, strings.Split(name, ".")) == c.replacement {
			all = append(all, name)
		}
	}
	return all
}

func (c change) isReplaced() bool { return c.before != nil && c.replacement == resourcespec.Always }

// differences returns the paths at which two values differ. Paths lead through
// lists without a number; what is only known on deploy differs as a whole.
func differences(before, after any, at []string) [][]string {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	switch old := before.(type) {
	case map[string]any:
		if young, ok := after.(map[string]any); ok && !isIntrinsic(old) && !isIntrinsic(young) {
			return inObject(old, young, at)
		}
	case []any:
		if young, ok := after.([]any); ok && len(old) == len(young) {
			return inList(old, young, at)
		}
	}
	return [][]string{at}
}

func inObject(before, after map[string]any, at []string) [][]string {
	keys := map[string]any{}
	maps.Copy(keys, before)
	maps.Copy(keys, after)
	var all [][]string
	for _, key := range sortedKeys(keys) {
		all = append(all, differences(before[key], after[key], append(slices.Clip(at), key))...)
	}
	return all
}

func inList(before, after []any, at []string) [][]string {
	var all [][]string
	for i := range before {
		all = append(all, differences(before[i], after[i], at)...)
	}
	return all
}

// order returns the logical ids by dependency, each after what it refers to or
// names in DependsOn. Ids that wait for each other come last: CloudFormation
// refuses such a template.
func order(template assembly.Template) []string {
	var all []string
	state := map[string]bool{} // true once it has its place
	var visit func(id string)
	visit = func(id string) {
		if _, seen := state[id]; seen {
			return
		}
		state[id] = false
		for _, before := range dependencies(template, id) {
			visit(before)
		}
		state[id] = true
		all = append(all, id)
	}
	for _, id := range sortedKeys(template.Resources) {
		visit(id)
	}
	return all
}

// dependencies returns the resources of the template that one waits for, sorted. It
// has the resource itself if that waits for itself.
func dependencies(template assembly.Template, id string) []string {
	ids := namedBy(template.Resources[id])
	for target := range ids {
		if _, ok := template.Resources[target]; !ok {
			delete(ids, target) // a parameter, or one of AWS's
		}
	}
	return sortedKeys(ids)
}
