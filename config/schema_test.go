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
	addChoices(schema)
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

// addChoices adds the enumerations that are too long for a struct tag.
func addChoices(schema *jsonschema.Schema) {
	property(schema, "region").Enum = values(config.Regions)
	property(schema, "backup", "copyToRegion").Enum = values(append([]string{""}, config.Regions...))
	property(schema, "network", "interfaceEndpoints").Items.Enum = values(config.Endpoints)
	property(schema, "edge", "countries").Items.Enum = values(config.Countries)
	property(schema, "logs", "retentionDays").Enum = values(config.RetentionDays)
}

func values[T any](list []T) []any {
	all := make([]any, len(list))
	for i, value := range list {
		all[i] = value
	}
	return all
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

// A field that is left open holds null, which no field takes.
func TestEveryFieldLeftOpenSaysHowToLeaveItOut(t *testing.T) {
	content, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	var schema jsonschema.Schema
	require.NoError(t, json.Unmarshal(content, &schema))
	paths := fields(&schema, nil)
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
