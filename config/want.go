package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// property is the part of the schema from which messages are made.
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
	at, words := lookup(location)
	if words != "" {
		return strings.TrimPrefix(words, "want ")
	}
	return at.limits()
}

// lookup returns the part of the schema for a location, and the nearest words
// on the way to it.
func lookup(location []string) (at *property, words string) {
	at = properties()
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
	return at, words
}

// leftOut goes on where want ends, for a value that was left open.
func leftOut(location []string) string {
	at, _ := lookup(location)
	parent, _ := lookup(location[:len(location)-1])
	switch {
	case parent.Items != nil:
		return ", or the element left out"
	case at.takesEmpty():
		return `, "" for none, or the key left out`
	}
	return ", or the key left out"
}

// takesEmpty reports whether the schema has "" for a text that is unset.
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
// close: one slip is forgiven for each three letters, as compilers do.
func nearest(key string, known []string) string {
	best := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(key, a), distance(key, b)) })
	if distance(key, best) <= max(1, len(key)/3) {
		return best
	}
	return "one of " + list(known)
}

// distance is how many letters must be added, dropped, changed or swapped with
// their neighbour to get from one key to the other, whatever their case
// (Damerau's and Levenshtein's, of which no letter is moved twice).
func distance(from, to string) int {
	from, to = strings.ToLower(shorten(from)), strings.ToLower(to)
	rows := [3][]int{make([]int, len(to)+1), make([]int, len(to)+1), make([]int, len(to)+1)}
	for j := range rows[2] {
		rows[2][j] = j
	}
	for i := range len(from) {
		rows = [3][]int{rows[1], rows[2], rows[0]}
		swapped, above, row := rows[0], rows[1], rows[2]
		row[0] = i + 1
		for j := range len(to) {
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+changed(from[i] != to[j]))
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], swapped[j-1]+1)
			}
		}
	}
	return rows[2][len(to)]
}

func changed(differs bool) int {
	if differs {
		return 1
	}
	return 0
}
