// Command generate extracts from the database of @aws-cdk/aws-service-spec what
// CloudFormation does when a property changes:
//
//	go generate ./internal/resourcespec
//
// The database is AWS's published resource schemas, and the older specification
// where a schema says less. It has 15 MB; the extract is read at each start.
package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"catalog-infra/internal/resourcespec"
)

const (
	database = "../../node_modules/@aws-cdk/aws-service-spec/db.json.gz"
	extract  = "types.json"
)

// macro begins the types of AWS SAM. They have no schema of their own, and the database
// says that every property replaces them. The macro makes other types of them, such as
// AWS::CloudFormation::Stack of an application, which is updated in place:
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
const macro = "AWS::Serverless::"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run() error {
	file, err := os.Open(database)
	if err != nil {
		return fmt.Errorf("%w (npm ci installs it)", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := Extract(file)
	if err != nil {
		return fmt.Errorf("%s: %w", database, err)
	}
	return os.WriteFile(extract, content, 0o644) //nolint:gosec // a file of the repository
}

// db is what is read of the database.
type db struct {
	Schema struct {
		Resource       struct{ Entities []resource }
		TypeDefinition struct{ Entities []definition }
	}
}

type resource struct {
	CloudFormationType string
	Name               string
	PrimaryIdentifier  []string
	IsStateful         bool
	Properties         map[string]property
}

type definition struct {
	ID         string `json:"$id"`
	Properties map[string]property
}

type property struct {
	Type              valueType
	CausesReplacement string
}

// valueType is the type of a property: a scalar, a reference to a definition, or
// a list or map of such.
type valueType struct {
	Type      string
	Reference struct {
		Ref string `json:"$ref"`
	}
	Element *valueType
	Types   []valueType
}

// Extract returns one line for each resource type.
func Extract(compressed io.Reader) ([]byte, error) {
	reader, err := gzip.NewReader(compressed)
	if err != nil {
		return nil, err
	}
	var read db
	if err := json.NewDecoder(reader).Decode(&read); err != nil {
		return nil, err
	}
	walk := walker{map[string]definition{}}
	for _, found := range read.Schema.TypeDefinition.Entities {
		walk.definitions[found.ID] = found
	}
	types := map[string]resourcespec.Type{}
	for _, found := range read.Schema.Resource.Entities {
		types[found.CloudFormationType] = walk.extract(found)
	}
	return lines(types)
}

func lines(types map[string]resourcespec.Type) ([]byte, error) {
	var text []string
	for _, name := range slices.Sorted(maps.Keys(types)) {
		line, err := json.Marshal(types[name])
		if err != nil {
			return nil, err
		}
		text = append(text, fmt.Sprintf("%q: %s", name, line))
	}
	return []byte("{\n" + strings.Join(text, ",\n") + "\n}\n"), nil
}

// walker follows the types of properties.
type walker struct{ definitions map[string]definition }

func (w walker) extract(found resource) resourcespec.Type {
	extracted := resourcespec.Type{
		Properties: slices.Sorted(maps.Keys(found.Properties)),
		Stateful:   found.IsStateful,
		Names:      names(found),
		Importable: identifier(found) != nil,
	}
	w.properties(found.Properties, "", nil, func(path, causes string) {
		if strings.HasPrefix(found.CloudFormationType, macro) {
			return
		}
		switch causes {
		case "yes":
			extracted.Replaces = append(extracted.Replaces, path)
		case "maybe":
			extracted.MayReplace = append(extracted.MayReplace, path)
		}
	})
	slices.Sort(extracted.Replaces)
	slices.Sort(extracted.MayReplace)
	return extracted
}

// properties calls tell for each property below a path, however deep.
func (w walker) properties(properties map[string]property, at string, seen []string, tell func(path, causes string)) {
	for name, found := range properties {
		path := strings.TrimPrefix(at+"."+name, ".")
		tell(path, found.CausesReplacement)
		for _, id := range found.Type.definitions() {
			if !slices.Contains(seen, id) {
				w.properties(w.definitions[id].Properties, path, append(slices.Clip(seen), id), tell)
			}
		}
	}
}

func (t valueType) definitions() []string {
	var ids []string
	if t.Reference.Ref != "" {
		ids = append(ids, t.Reference.Ref)
	}
	if t.Element != nil {
		ids = append(ids, t.Element.definitions()...)
	}
	for _, one := range t.Types {
		ids = append(ids, one.definitions()...)
	}
	return ids
}

// identifier returns the properties that identify the resource; none where AWS makes up
// one of them.
func identifier(found resource) []string {
	for _, name := range found.PrimaryIdentifier {
		if _, settable := found.Properties[name]; !settable {
			return nil
		}
	}
	return slices.Sorted(slices.Values(found.PrimaryIdentifier))
}

// names returns the properties that name the resource: its identifier, or where AWS
// makes up a part of that, Name, or for an AWS::SNS::Topic TopicName, with the other
// parts.
func names(found resource) []string {
	if all := identifier(found); all != nil {
		return all
	}
	var all []string
	named := false
	for name, property := range found.Properties {
		own := strings.TrimSuffix(name, "Name")
		isName := name == "Name" || own != name && strings.HasSuffix(found.Name, own)
		if property.CausesReplacement == "yes" && (isName || slices.Contains(found.PrimaryIdentifier, name)) {
			all = append(all, name)
			named = named || isName
		}
	}
	if !named {
		return nil
	}
	slices.Sort(all)
	return all
}
