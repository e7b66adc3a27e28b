package config_test

import (
	"bytes"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

var update = flag.Bool("update", false, "write the schema anew")

const schemaFile = "environments/schema.json"

func TestSchemaIsThatOfTheTypes(t *testing.T) {
	want := generate(t)
	got, err := os.ReadFile(schemaFile)
	if *update && !bytes.Equal(got, want) { // for a newer file make would compile everything anew
		got, err = want, os.WriteFile(schemaFile, want, 0o644)
	}
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "config/%s is not that of the types, their comments and defaults: run go generate ./config, and look at git diff", schemaFile)
}

func generate(t *testing.T) []byte {
	reflector := jsonschema.Reflector{Anonymous: true, DoNotReference: true, RequiredFromJSONSchemaTags: true}
	addComments(t, &reflector)
	schema := reflector.Reflect(config.Config{})
	schema.Title = "An environment of the catalog API"
	addFormats(t, schema, reflect.TypeFor[config.Config]())
	addDefaults(t, schema)
	content, err := json.MarshalIndent(schema, "", "  ")
	require.NoError(t, err)
	return append(content, '\n')
}

// sources are compiled in: whoever reads the directory also sees when an operator
// adds a file below it.
//
//go:embed *.go
var sources embed.FS

// addComments takes them from a copy of the package, which has nothing below.
func addComments(t *testing.T, reflector *jsonschema.Reflector) {
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, sources))
	require.NoError(t, reflector.AddGoComments("", copied))
	for name, comment := range maps.Clone(reflector.CommentMap) {
		reflector.CommentMap[strings.Replace(name, copied, "catalog-infra/config", 1)] = comment
	}
}

// addFormats adds what the formats say to the properties of a struct's fields.
func addFormats(t *testing.T, schema *jsonschema.Schema, of reflect.Type) {
	for _, field := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Type.Kind() == reflect.Struct {
			addFormats(t, property(schema, name), field.Type)
		}
		if named := field.Tag.Get("format"); named != "" {
			format, known := config.Formats[named]
			require.True(t, known, "%s has no format %q", field.Name, named)
			addFormat(property(schema, name), format)
		}
	}
}

// addFormat adds a format to a property, or to the elements of a list. The message
// is the list's, since it says how many there may be.
func addFormat(schema *jsonschema.Schema, format config.Format) {
	if format.Want != "" {
		schema.Extras = map[string]any{"errorMessage": "want " + config.Message(format)}
	}
	if schema.Items != nil {
		schema = schema.Items
	}
	schema.Pattern = format.Pattern
	if format.Choices != nil {
		schema.Enum = format.Choices
	}
	if length := uint64(format.MaxLength); length > 0 {
		schema.MaxLength = &length
	}
}

func property(schema *jsonschema.Schema, path ...string) *jsonschema.Schema {
	for _, name := range path {
		schema = schema.Properties.Value(name)
	}
	return schema
}

func addDefaults(t *testing.T, schema *jsonschema.Schema) {
	content, err := json.Marshal(config.Defaults())
	require.NoError(t, err)
	var defaults map[string]any
	require.NoError(t, json.Unmarshal(content, &defaults))
	setDefaults(schema, defaults)
}

// setDefaults leaves out empty defaults, which editors would offer as values.
func setDefaults(schema *jsonschema.Schema, defaults map[string]any) {
	for name, value := range defaults {
		field := property(schema, name)
		if inner, ok := value.(map[string]any); ok && field.Properties.Len() > 0 {
			setDefaults(field, inner)
		} else if !empty(reflect.ValueOf(value)) {
			field.Default = value
		}
	}
}

func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

// The defaults are in defaults.go; comments, which people read, repeat them.
func TestEachCommentNamesTheDefaultOfItsField(t *testing.T) {
	schema := readSchema(t)
	content, err := json.Marshal(config.Defaults())
	require.NoError(t, err)
	var defaults any
	require.NoError(t, json.Unmarshal(content, &defaults))
	for _, path := range fields(schema, nil) {
		field, value := property(schema, path...), defaults
		for _, key := range path {
			value = value.(map[string]any)[key]
		}
		if field.Properties.Len() == 0 {
			require.Regexp(t, `\sDefault:\s`+regexp.QuoteMeta(inWords(path, value))+`(,\s|[.]$)`, field.Description, path)
		}
	}
}

// inWords returns a default as comments write it: as YAML, or in words.
func inWords(path []string, value any) string {
	switch v := reflect.ValueOf(value); {
	case slices.Equal(path, []string{"network", "natGateways"}):
		return "one for each zone"
	case !v.IsValid(), v.Kind() == reflect.String && v.Len() == 0, v.Kind() == reflect.Map, v.Kind() == reflect.Slice && v.Len() == 0:
		return "none"
	case v.Kind() == reflect.Slice:
		return strings.ReplaceAll(fmt.Sprint(value), " ", ", ")
	}
	return fmt.Sprint(value)
}

func TestExamplesOfFormatsAreAccepted(t *testing.T) {
	for name, format := range config.Formats {
		if format.Example != "" && format.Choices == nil {
			require.Regexp(t, format.Pattern, format.Example, name)
		} else if format.Example != "" {
			require.Contains(t, format.Choices, any(format.Example), name)
		}
	}
}

// A field that is left open holds null, which no field takes.
func TestEveryFieldLeftOpenSaysHowToLeaveItOut(t *testing.T) {
	paths := fields(readSchema(t), nil)
	require.Greater(t, len(paths), 80)
	for _, path := range paths {
		field := strings.Join(path, ".")
		t.Run(field, func(t *testing.T) {
			var content strings.Builder
			for depth, key := range path {
				content.WriteString(strings.Repeat("  ", depth) + key + ":\n")
			}
			_, _, err := files{"dev": content.String()}.load("dev", "")
			require.Regexp(t, fmt.Sprintf(`^config/environments/dev.yaml:%d: %s: got nothing, want .+, or the key left out$`, len(path), regexp.QuoteMeta(field)), err.Error())
		})
	}
}

// fields are the paths of all fields in a schema, sections too.
func fields(schema *jsonschema.Schema, path []string) (paths [][]string) {
	for pair := schema.Properties.Oldest(); pair != nil; pair = pair.Next() {
		inner := append(slices.Clone(path), pair.Key)
		paths = append(append(paths, inner), fields(pair.Value, inner)...)
	}
	return paths
}

func readSchema(t *testing.T) *jsonschema.Schema {
	content, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	schema := new(jsonschema.Schema)
	require.NoError(t, json.Unmarshal(content, schema))
	return schema
}
