// Package resourcespec knows what CloudFormation does to a resource when one of
// its properties changes, by AWS's published resource schemas.
package resourcespec

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./generate

//go:embed types.json
var extract []byte

var types = sync.OnceValue(func() map[string]Type {
	var read map[string]Type
	if err := json.Unmarshal(extract, &read); err != nil {
		panic(err) // only if generate wrote something else than JSON
	}
	return read
})

// Type is a resource type.
type Type struct {
	// Properties are the names of all properties on the first level.
	Properties []string `json:"properties"`

	// Replaces are the properties whose change replaces the resource, MayReplace
	// those which do so under conditions. A path such as
	// NetworkConfiguration.AwsvpcConfiguration leads into the value, and through
	// lists.
	Replaces   []string `json:"replaces,omitempty"`
	MayReplace []string `json:"mayReplace,omitempty"`

	// Names are the properties that name the resource: no two can have the same.
	Names []string `json:"names,omitempty"`

	// Importable reports whether CloudFormation finds a resource by its names alone.
	Importable bool `json:"importable,omitempty"`

	// Stateful reports whether AWS counts the resource among those that hold data.
	Stateful bool `json:"stateful,omitempty"`
}

// Lookup returns a resource type such as AWS::S3::Bucket, and whether the schemas
// have it. Custom resources and AWS::CloudFormation::Init are not in them.
func Lookup(name string) (Type, bool) {
	found, ok := types()[name]
	return found, ok
}

// Replacement says whether a change of a property replaces the resource.
type Replacement string

// The three that AWS's documents call no interruption (or some), some
// interruptions, and replacement.
const (
	Never     Replacement = "never"
	Sometimes Replacement = "sometimes"
	Always    Replacement = "always"
)

// Replacement returns what a change at the path does. A property replaces the
// resource wherever below it the change is.
func (t Type) Replacement(path []string) Replacement {
	switch {
	case covers(t.Replaces, path):
		return Always
	case covers(t.MayReplace, path):
		return Sometimes
	}
	return Never
}

func covers(properties, path []string) bool {
	for end := range path {
		if _, found := slices.BinarySearch(properties, strings.Join(path[:end+1], ".")); found {
			return true
		}
	}
	return false
}
