package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// property is the part of the schema from which messages are made.
type property struct {
	Type             string
	ErrorMessage     string
	Enum             []any
	Minimum          json.Number
	ExclusiveMinimum json.Number
	Maximum          json.Number
	MultipleOf       json.Number
	Items            *property
	Properties       map[string]*property
}

var properties = sync.OnceValue(func() *property {
	root := new(property)
	if err := json.Unmarshal(schemaJSON, root); err != nil {
		panic(err)
	}
	return root
})

// unknownKey returns the keys to choose from if the last one is not among them.
func unknownKey(location []string) []string {
	parent := properties()
	for _, token := range location[:len(location)-1] {
		if parent = parent.Properties[token]; parent == nil {
			return nil
		}
	}
	if parent.Properties == nil || parent.Properties[location[len(location)-1]] != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(parent.Properties))
}

// want returns what the schema allows at a location: the words that the field
// has been given, or else its limits.
func want(location []string) string {
	at, words := properties(), ""
	for _, token := range location {
		next := at.Properties[token]
		if at.Items != nil {
			next = at.Items
		}
		if next == nil {
			break
		}
		at, words = next, cmp.Or(next.ErrorMessage, words)
	}
	if words != "" {
		return strings.TrimPrefix(words, "want ")
	}
	return at.limits()
}

func (p *property) limits() string {
	switch {
	case p.Enum != nil:
		return "one of " + list(p.Enum)
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

func list[T any](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprint(value)
	}
	return strings.Join(texts, ", ")
}

// nearest guesses which of the known keys was meant, and names all when none is
// close.
func nearest(key string, known []string) string {
	best := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(key, a), distance(key, b)) })
	if distance(key, best) <= max(2, len(best)/3) {
		return best
	}
	return "one of " + list(known)
}

// distance is how many letters must be added, dropped or changed to get from
// one key to the other, whatever their case (Levenshtein's).
func distance(from, to string) int {
	from, to = strings.ToLower(shorten(from)), strings.ToLower(to)
	row := make([]int, len(to)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(from) {
		diagonal := row[0]
		row[0]++
		for j := range len(to) {
			change := diagonal
			if from[i] != to[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
