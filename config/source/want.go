package source

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// property is a part of the schema, with the keywords that messages are made from.
type property struct {
	Type             string
	ErrorMessage     string
	Pattern          string
	Enum             []any
	Minimum          json.Number
	ExclusiveMinimum json.Number
	Maximum          json.Number
	MultipleOf       json.Number
	Items            *property
	Properties       map[string]*property

	// PatternProperties are by the pattern that their keys match.
	PatternProperties map[string]*property
}

// unknownKey returns the keys to choose from if the last one of a location is not
// among them.
func (p *property) unknownKey(location []string) []string {
	last := len(location) - 1
	parent, _ := p.lookup(location[:last])
	if parent.Properties == nil || parent.Properties[location[last]] != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(parent.Properties))
}

// want returns what the schema accepts at a location: the message that the field
// has in the schema, or else its limits.
func (p *property) want(location []string) string {
	at, message := p.lookup(location)
	if message != "" {
		return strings.TrimPrefix(message, "want ")
	}
	return at.limits()
}

// lookup returns the part of the schema for a location, and the nearest message
// on the way to it.
func (p *property) lookup(location []string) (at *property, message string) {
	at = p
	for _, token := range location {
		next := at.child(token)
		if next == nil {
			break
		}
		at, message = next, cmp.Or(next.ErrorMessage, message)
	}
	return at, message
}

// child returns the part of the schema for a key or an index, nil if there is none.
func (p *property) child(token string) *property {
	if p.Items != nil {
		return p.Items
	}
	for pattern, child := range p.PatternProperties {
		if matched, err := regexp.MatchString(pattern, token); err == nil && matched {
			return child
		}
	}
	return p.Properties[token]
}

// leftOut continues what want returns, for a key without a value.
func (p *property) leftOut(location []string) string {
	at, _ := p.lookup(location)
	parent, _ := p.lookup(location[:len(location)-1])
	switch {
	case parent.Items != nil:
		return ", or the element left out"
	case at.takesEmpty():
		return `, "" for none, or the key left out`
	}
	return ", or the key left out"
}

// takesEmpty reports whether "", for no value, is accepted.
func (p *property) takesEmpty() bool {
	if p.Enum != nil {
		return slices.Contains(p.Enum, any(""))
	}
	unset, err := regexp.MatchString(p.Pattern, "")
	return p.Type == "string" && err == nil && unset
}

func (p *property) limits() string {
	switch {
	case p.Enum != nil:
		return "one of " + List(p.Enum)
	case p.Type == "integer":
		return fmt.Sprintf("a whole number from %s to %s", p.Minimum, p.Maximum)
	case p.Type == "number" && p.MultipleOf != "":
		return fmt.Sprintf("a number from %s to %s in steps of %s", p.Minimum, p.Maximum, p.MultipleOf)
	case p.Type == "number":
		return fmt.Sprintf("a number above %s and up to %s", p.ExclusiveMinimum, p.Maximum)
	case p.Type == "boolean":
		return "true or false"
	case p.Type == "array":
		return "a list, each value once"
	case p.Type == "object":
		return "a mapping"
	}
	return "text"
}
