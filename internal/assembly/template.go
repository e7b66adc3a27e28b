package assembly

import (
	"fmt"
	"io/fs"
	"slices"
)

// Template is a CloudFormation template.
type Template struct {
	// Resources are by logical id.
	Resources map[string]Resource

	// Outputs include what other stacks import.
	Outputs map[string]Output

	Parameters, Mappings, Conditions map[string]any

	// Transform names the macros that CloudFormation applies to the template before
	// it reads it; nil where it has none.
	Transform any

	// Size is the size of the file in bytes.
	Size int
}

func readTemplate(files fs.FS, dir, name string) (Template, error) {
	return open(files, dir, name, "the template that manifest.json names").template()
}

// ParseTemplate reads a template in JSON. An error names it as if it were a file.
func ParseTemplate(name string, content []byte) (Template, error) {
	doc := &document{file: name}
	doc.parse(content)
	return doc.template()
}

func (d *document) template() (Template, error) {
	if d.err != nil {
		return Template{}, d.err
	}
	root := take[map[string]any](d, "", d.root, "a template, an object with Resources")
	d.refuseNulls()
	template := Template{
		Resources: map[string]Resource{}, Outputs: map[string]Output{},
		Parameters: takeIfAny[map[string]any](d, "", root, "Parameters", "an object"),
		Mappings:   takeIfAny[map[string]any](d, "", root, "Mappings", "an object"),
		Conditions: takeIfAny[map[string]any](d, "", root, "Conditions", "an object"),
		Transform:  root["Transform"], Size: d.size,
	}
	for id, value := range sorted(takeIfAny[map[string]any](d, "", root, "Resources", "an object")) {
		template.Resources[id] = d.resource(id, value)
	}
	for id, value := range sorted(takeIfAny[map[string]any](d, "", root, "Outputs", "an object")) {
		template.Outputs[id] = d.output(join("Outputs", id), value)
	}
	return template, d.err
}

func (d *document) resource(id string, value any) Resource {
	at := join("Resources", id)
	content := take[map[string]any](d, at, value, "an object")
	return Resource{
		ID:                  id,
		Type:                take[string](d, join(at, "Type"), content["Type"], "a type, such as AWS::S3::Bucket"),
		Properties:          takeIfAny[map[string]any](d, at, content, "Properties", "an object"),
		DependsOn:           d.dependsOn(at, content),
		DeletionPolicy:      takeIfAny[string](d, at, content, "DeletionPolicy", "text"),
		UpdateReplacePolicy: takeIfAny[string](d, at, content, "UpdateReplacePolicy", "text"),
		Condition:           takeIfAny[string](d, at, content, "Condition", "the name of a condition"),
	}
}

// dependsOn returns logical ids: CloudFormation takes one or a list.
func (d *document) dependsOn(at string, content map[string]any) []string {
	if one, ok := content["DependsOn"].(string); ok {
		return []string{one}
	}
	var ids []string
	for i, id := range takeIfAny[[]any](d, at, content, "DependsOn", "a logical id or a list of them") {
		ids = append(ids, take[string](d, fmt.Sprintf("%s[%d]", join(at, "DependsOn"), i), id, "a logical id"))
	}
	return ids
}

func (d *document) output(at string, value any) Output {
	content := take[map[string]any](d, at, value, "an object")
	output := Output{Value: content["Value"], Condition: takeIfAny[string](d, at, content, "Condition", "the name of a condition")}
	output.Export.Name = takeIfAny[map[string]any](d, at, content, "Export", "an object")["Name"]
	return output
}

// OfType returns the resources of a type such as AWS::EC2::EIP, by logical id.
func (t Template) OfType(name string) []Resource {
	var ids []string
	for id, resource := range t.Resources {
		if resource.Type == name {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	var resources []Resource
	for _, id := range ids {
		resources = append(resources, t.Resources[id])
	}
	return resources
}

// Resource is one resource of a template.
type Resource struct {
	// ID is the logical id.
	ID string

	Type       string
	Properties Object

	// DependsOn are the logical ids that the template names beside its references.
	DependsOn []string

	// DeletionPolicy and UpdateReplacePolicy are empty where the template has none:
	// CloudFormation then deletes, or for some types makes a snapshot.
	DeletionPolicy, UpdateReplacePolicy string

	// Condition names the condition without which the resource is not made; empty
	// where there is none.
	Condition string
}

// Output is one output of a template.
type Output struct {
	Value any

	// Condition is like that of a resource.
	Condition string

	Export struct {
		// Name is unique in a region; nil where nothing is exported.
		Name any
	}
}

// Object is a JSON object. Where a value is only known on deploy, it has an
// intrinsic function, such as {"Ref": "Vpc"}, in its place.
type Object map[string]any

// At returns the value that the keys lead to, nil where there is none.
func (o Object) At(keys ...string) any {
	var value any = map[string]any(o)
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// Text returns the text that the keys lead to, empty where there is none.
func (o Object) Text(keys ...string) string {
	text, _ := o.At(keys...).(string)
	return text
}

// Int returns the whole number that the keys lead to, 0 where there is none.
func (o Object) Int(keys ...string) int {
	number, _ := o.At(keys...).(float64)
	return int(number)
}

// List returns the list that the keys lead to, empty where there is none.
func (o Object) List(keys ...string) []any {
	list, _ := o.At(keys...).([]any)
	return list
}

// Objects returns the objects in the list that the keys lead to.
func (o Object) Objects(keys ...string) []Object {
	var objects []Object
	for _, element := range o.List(keys...) {
		if object, ok := element.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

// AsList returns a list, or a list of the one value: where a property takes several, AWS
// accepts one without brackets. It returns nil for no value.
func AsList(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	}
	return []any{value}
}
