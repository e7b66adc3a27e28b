package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// Attached is a policy with the resource that has it.
type Attached struct {
	Stack    assembly.Stack
	Resource assembly.Resource

	// Path leads to the policy, such as Properties.PolicyDocument.
	Path string

	Document Document
}

// All returns the policies of an assembly, of whatever type the resource is, in the order
// of the stacks. An error has a line for each mistake; what has none is returned all the
// same.
func All(synthesized *assembly.Assembly) ([]Attached, error) {
	var all []Attached
	var mistakes []error
	for _, stack := range synthesized.Stacks {
		for _, id := range slices.Sorted(maps.Keys(stack.Template.Resources)) {
			finder := finder{scope: Scope{synthesized, stack}, resource: stack.Template.Resources[id]}
			finder.find()
			all = append(all, finder.found...)
			mistakes = append(mistakes, finder.mistakes...)
		}
	}
	return all, errors.Join(mistakes...)
}

type finder struct {
	scope    Scope
	resource assembly.Resource
	found    []Attached
	mistakes []error
}

// documents are the properties that are a policy, whatever they hold. Elsewhere a policy
// is an object with statements.
var documents = strings.Fields("PolicyDocument AssumeRolePolicyDocument KeyPolicy RepositoryPolicyText ResourcePolicy AccessPolicy")

func (f *finder) find() {
	switch {
	case strings.HasPrefix(f.resource.Type, "AWS::WAF"): // its statements are not about permissions
	case f.resource.Type == "AWS::Lambda::Permission":
		f.read("Properties", OfPermission(f.resource.Properties))
	default:
		f.walk("Properties", map[string]any(f.resource.Properties))
	}
}

func (f *finder) walk(path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		if value["Statement"] != nil {
			f.read(path, value)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if slices.Contains(documents, key) {
				f.read(path+"."+key, value[key])
			} else {
				f.walk(path+"."+key, value[key])
			}
		}
	case []any:
		for i, element := range value {
			f.walk(fmt.Sprintf("%s[%d]", path, i), element)
		}
	}
}

func (f *finder) read(path string, value any) {
	document, err := Read(f.scope, fmt.Sprintf("%s: Resources.%s.%s", f.scope.Stack.Name, f.resource.ID, path), value)
	f.found = append(f.found, Attached{f.scope.Stack, f.resource, path, document})
	if err != nil {
		f.mistakes = append(f.mistakes, err)
	}
}

// OfPermission returns the policy that an AWS::Lambda::Permission adds to that of its
// function, by its properties.
func OfPermission(properties map[string]any) map[string]any {
	text, _ := properties["Principal"].(string)
	kind := "AWS"
	if strings.HasSuffix(text, ".amazonaws.com") {
		kind = "Service"
	}
	conditions := map[string]any{}
	for property, condition := range map[string][2]string{
		"SourceAccount": {"StringEquals", "aws:SourceAccount"}, "PrincipalOrgID": {"StringEqualsIgnoreCase", "aws:PrincipalOrgID"},
		"SourceArn": {"ArnLike", "aws:SourceArn"}, "FunctionUrlAuthType": {"StringLike", "lambda:FunctionUrlAuthType"},
	} {
		if properties[property] != nil {
			conditions[condition[0]] = map[string]any{condition[1]: properties[property]}
		}
	}
	return map[string]any{"Statement": map[string]any{
		"Effect": "Allow", "Principal": map[string]any{kind: properties["Principal"]}, "Action": properties["Action"],
		"Resource": properties["FunctionName"], "Condition": conditions,
	}}
}
