package rehearsal

import (
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/resourcespec"
)

// nameOf returns the name that the template gives a resource, as one text; empty
// where CloudFormation makes one up. A name that refers to another resource of the
// template is its own in each stack, so it is none here.
func nameOf(resource assembly.Resource) string {
	known, _ := resourcespec.Lookup(resource.Type)
	var parts []string
	for _, property := range known.Names {
		value, has := resource.Properties[property]
		if !has || refersToResource(value) {
			return ""
		}
		parts = append(parts, text(value))
	}
	return strings.Join(parts, " ")
}

func refersToResource(value any) bool {
	for target := range references(value) {
		if !strings.HasPrefix(target, "AWS::") {
			return true
		}
	}
	return false
}

// importable reports whether cdk deploy --import-existing-resources takes over what
// has the resource's name already. CloudFormation wants a name in the template and
// a deletion policy that keeps the resource:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
func importable(resource assembly.Resource) bool {
	return nameOf(resource) != "" && (resource.DeletionPolicy == "Retain" || resource.DeletionPolicy == "RetainExceptOnCreate")
}
