package config

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// schemaJSON holds what can be said about one field alone. It is generated from
// the types and read by editors too, so that both refuse the same values.
//
//go:embed environments/schema.json
var schemaJSON []byte

var schema = sync.OnceValue(func() *jsonschema.Schema {
	content, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", content); err != nil {
		panic(err)
	}
	return compiler.MustCompile("schema.json")
})

// checkSchema reports the values that the schema refuses and takes them out of
// the document.
func (d *document) checkSchema() {
	var invalid *jsonschema.ValidationError
	if d.values == nil || !errors.As(schema().Validate(d.values), &invalid) {
		return
	}
	locations := map[string][]string{}
	for _, leaf := range leaves(invalid) {
		for _, location := range wrong(leaf) {
			locations[d.field(location)] = location
		}
	}
	unreadable := map[string]bool{} // what was refused for its text before its value
	for _, mistake := range d.errors {
		unreadable[mistake.Field] = true
	}
	for field, location := range locations {
		if !unreadable[field] {
			d.explain(field, location)
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

// wrong returns where the wrong values are: for unknown keys the schema names
// the mapping around them.
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

func (d *document) explain(field string, location []string) {
	at := d.sources[field]
	if known := unknownKey(location); known != nil {
		d.refuse(field, at.line, "an unknown key", nearest(location[len(location)-1], known))
		return
	}
	allowed := want(location)
	if at.text == leftOpen {
		allowed += leftOut(location)
	}
	d.refuse(field, at.line, at.text, allowed)
}

// field returns the path as it is shown: "network.zones[1]".
func (d *document) field(location []string) string {
	path, value := "", any(d.values)
	for _, token := range location {
		switch container := value.(type) {
		case map[string]any:
			path, value = join(path, token), container[token]
		case []any:
			index, _ := strconv.Atoi(token)
			path, value = fmt.Sprintf("%s[%d]", path, index), container[index]
		}
	}
	return path
}

// remove takes a value out, with the whole list if it is in one.
func (d *document) remove(location []string) {
	values := d.values
	for i, token := range location {
		child, inside := values[token].(map[string]any)
		if !inside || i == len(location)-1 {
			d.refused[d.field(location[:i+1])] = true
			delete(values, token)
			return
		}
		values = child
	}
}
