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
	want, err := json.MarshalIndent(reflected(t), "", "  ")
	require.NoError(t, err)
	want = append(want, '\n')
	got, err := os.ReadFile(schemaFile)
	if *update && !bytes.Equal(got, want) { // for a newer file make would compile everything anew
		got, err = want, os.WriteFile(schemaFile, want, 0o644)
	}
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got),
		"config/%s is not that of the types, their comments and defaults: run go generate ./config, and look at git diff", schemaFile)
}

// reflected returns the schema of the types, their comments, formats and defaults.
func reflected(t *testing.T) *jsonschema.Schema {
	t.Helper()
	reflector := jsonschema.Reflector{Anonymous: true, DoNotReference: true, RequiredFromJSONSchemaTags: true}
	addComments(t, &reflector)
	schema := reflector.Reflect(config.Config{})
	schema.Title = "An environment of the catalog API"
	addFormats(t, schema, reflect.TypeFor[config.Config]())
	addDefaults(t, schema)
	return schema
}

// sources are compiled in: whoever reads the directory also sees when an operator
// adds a file below it.
//
//go:embed *.go
var sources embed.FS

// addComments takes them from a copy of the package, which has nothing below.
func addComments(t *testing.T, reflector *jsonschema.Reflector) {
	t.Helper()
	copied := t.TempDir()
	require.NoError(t, os.CopyFS(copied, sources))
	require.NoError(t, reflector.AddGoComments("", copied))
	for name, comment := range maps.Clone(reflector.CommentMap) {
		reflector.CommentMap[strings.Replace(name, copied, "catalog-infra/config", 1)] = comment
	}
}

// addFormats adds what the formats say to the properties of a struct's fields.
func addFormats(t *testing.T, schema *jsonschema.Schema, of reflect.Type) {
	t.Helper()
	for _, field := range reflect.VisibleFields(of) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Type.Kind() == reflect.Struct {
			addFormats(t, property(schema, name), field.Type)
		}
		if field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct {
			addFormats(t, property(schema, name).Items, field.Type.Elem())
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
	schema.Pattern, schema.Examples = format.Pattern, format.Examples
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
	t.Helper()
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
	schema := reflected(t)
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

// The examples are offered by editors, and tried on running environments by the
// test of transitions.
func TestEveryFormatHasExamplesThatItsFieldsAccept(t *testing.T) {
	schema := reflected(t)
	for name, format := range config.Formats {
		require.NotEmpty(t, slices.Concat(format.Examples, format.Choices), name)
	}
	for _, path := range fields(schema, nil) {
		field := property(schema, path...)
		element, written := field, "%s"
		if field.Items != nil {
			element, written = field.Items, "[%s]"
		}
		for _, example := range element.Examples {
			value, err := json.Marshal(example)
			require.NoError(t, err)
			require.NotContains(t, refusal(path, fmt.Sprintf(written, value)), field.Extras["errorMessage"], path)
		}
	}
}

// A field that is left open holds null, which no field takes.
func TestEveryFieldLeftOpenSaysHowToLeaveItOut(t *testing.T) {
	paths := fields(reflected(t), nil)
	require.Greater(t, len(paths), 80)
	for _, path := range paths {
		t.Run(strings.Join(path, "."), func(t *testing.T) {
			require.Regexp(t, `^`+regexp.QuoteMeta(place(path))+`: got nothing, want .+, or the key left out$`, refusal(path, ""))
		})
	}
}

// The limits are in the tags, and a change of one shows in the schema. Where a
// field has a message of its own, it is refused in refused_test.go.
func TestEveryLimitIsHeldOnBothSides(t *testing.T) {
	schema, refused := reflected(t), 0
	for _, path := range fields(schema, nil) {
		values, want := beyond(property(schema, path...))
		for _, value := range values {
			require.Contains(t, refusal(path, fmt.Sprint(value)), fmt.Sprintf("%s: got %v, want %s", place(path), value, want))
			refused++
		}
	}
	require.Greater(t, refused, 80)
}

// beyond returns values beyond the limits of a property, and what is accepted.
func beyond(p *jsonschema.Schema) (values []any, want string) {
	number := func(limit json.Number) float64 {
		value, _ := limit.Float64() // zero if there is no such limit
		return value
	}
	least, most := number(p.Minimum), number(p.Maximum)
	switch {
	case p.Extras["errorMessage"] != nil:
		return nil, ""
	case p.Enum != nil:
		return []any{true, 3.5}, "one of " + strings.Trim(strings.ReplaceAll(fmt.Sprint(p.Enum), " ", ", "), "[]")
	case p.Type == "integer":
		return []any{int(least) - 1, int(most) + 1, least + 0.5}, fmt.Sprintf("a whole number from %s to %s", p.Minimum, p.Maximum)
	case p.MultipleOf != "":
		return []any{least - 0.5, most + 0.5, least + 0.2},
			fmt.Sprintf("a number from %s to %s in steps of %s", p.Minimum, p.Maximum, p.MultipleOf)
	case p.Type == "number":
		return []any{number(p.ExclusiveMinimum), most + 1}, fmt.Sprintf("a number above %s and up to %s", p.ExclusiveMinimum, p.Maximum)
	case p.Type == "boolean":
		return []any{1}, "true or false"
	}
	return nil, ""
}

// refusal returns what Load says of a file with one value.
func refusal(path []string, value string) string {
	var content strings.Builder
	for depth, key := range path {
		content.WriteString("\n" + strings.Repeat("  ", depth) + key + ":")
	}
	_, _, err := files{"dev": content.String()[1:] + " " + value + "\n"}.load("dev", "")
	if err == nil {
		return "nothing"
	}
	return err.Error()
}

// place returns how a message begins that is about the value.
func place(path []string) string {
	return fmt.Sprintf("config/environments/dev.yaml:%d: %s", len(path), strings.Join(path, "."))
}

// fields are the paths of all fields in a schema, sections too.
func fields(schema *jsonschema.Schema, path []string) (paths [][]string) {
	for pair := schema.Properties.Oldest(); pair != nil; pair = pair.Next() {
		inner := append(slices.Clone(path), pair.Key)
		paths = append(append(paths, inner), fields(pair.Value, inner)...)
	}
	return paths
}
