package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Schema is a JSON schema for documents, as editors read it, too.
type Schema struct {
	validator *jsonschema.Schema
	root      *property
}

// MustCompile returns the schema, and panics if it is not a valid one.
func MustCompile(content []byte) *Schema {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	compiler := jsonschema.NewCompiler()
	root := new(property)
	if err := errors.Join(err, compiler.AddResource("schema.json", parsed), json.Unmarshal(content, root)); err != nil {
		panic(err)
	}
	return &Schema{compiler.MustCompile("schema.json"), root}
}

// Check adds a mistake for each value that the schema refuses, and takes these
// values out of the document.
func (d *Document) Check(schema *Schema) {
	var invalid *jsonschema.ValidationError
	if d.values == nil || !errors.As(schema.validator.Validate(d.values), &invalid) {
		return
	}
	locations := map[string][]string{}
	for _, leaf := range leaves(invalid) {
		for _, location := range wrong(leaf) {
			locations[d.path(location)] = location
		}
	}
	unreadable := map[string]bool{} // refused for its text before its value
	for _, mistake := range d.Errors {
		unreadable[mistake.Field] = true
	}
	for field, location := range locations {
		if !unreadable[field] {
			d.explain(schema.root, field, location)
		}
	}
	for _, location := range locations {
		d.remove(location)
	}
}

func leaves(invalid *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(invalid.Causes) == 0 {
		return []*jsonschema.ValidationError{invalid}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range invalid.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

// wrong returns the locations of the refused values. For unknown keys the
// validator gives the location of the mapping around them.
func wrong(leaf *jsonschema.ValidationError) [][]string {
	unknown, ok := leaf.ErrorKind.(*kind.AdditionalProperties)
	if !ok {
		return [][]string{leaf.InstanceLocation}
	}
	var locations [][]string
	for _, key := range unknown.Properties {
		locations = append(locations, append(slices.Clone(leaf.InstanceLocation), key))
	}
	return locations
}

func (d *Document) explain(schema *property, field string, location []string) {
	at := d.fields[field]
	if known := schema.unknownKey(location); known != nil {
		d.Refuse(field, at.Line, "an unknown key", Nearest(location[len(location)-1], known))
		return
	}
	allowed := schema.want(location)
	if at.Text == leftOpen {
		allowed += schema.leftOut(location)
	}
	d.Refuse(field, at.Line, at.Text, allowed)
}

// path returns the path of a location as messages show it: "network.zones[1]".
func (d *Document) path(location []string) string {
	path, value := "", any(d.values)
	for _, token := range location {
		switch container := value.(type) {
		case map[string]any:
			path, value = Join(path, token), container[token]
		case []any:
			index, _ := strconv.Atoi(token)
			path, value = fmt.Sprintf("%s[%d]", path, index), container[index]
		}
	}
	return path
}

// remove takes a value out, with the whole list if it is in one.
func (d *Document) remove(location []string) {
	values := d.values
	for i, token := range location {
		child, inside := values[token].(map[string]any)
		if !inside || i == len(location)-1 {
			d.refused[d.path(location[:i+1])] = true
			delete(values, token)
			return
		}
		values = child
	}
}
