// Package iamspec knows which actions IAM has, on which resources they act, and which
// condition keys they have, by AWS's Service Authorization Reference.
package iamspec

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./generate

// extract has a line for each service: its prefix, a tab, and a Service in JSON.
//
//go:embed services.gz
var extract []byte

var lines = sync.OnceValue(func() map[string][]byte {
	reader, err := gzip.NewReader(bytes.NewReader(extract))
	if err != nil {
		panic(err) // only if generate wrote something else
	}
	all := map[string][]byte{}
	scanner := bufio.NewScanner(reader)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		prefix, line, _ := bytes.Cut(scanner.Bytes(), []byte("\t"))
		all[string(prefix)] = bytes.Clone(line)
	}
	return all
})

// Service is a service, as the actions of policies name it.
type Service struct {
	// Actions are by name, without the prefix of the service.
	Actions map[string]Action `json:"actions"`

	// Types are its types of resources, by name.
	Types map[string]ResourceType `json:"types,omitempty"`

	// Keys are those of all services, only for the prefix Global.
	Keys []string `json:"keys,omitempty"`
}

// Action is an action.
type Action struct {
	// Level is AWS's access level: Read, List or Write, and with one of these Tagging or
	// Permissions management.
	Level string `json:"level"`

	// Types are the types of resources on which it acts. Without one it can only be allowed
	// on all resources.
	Types []string `json:"types,omitempty"`

	// Keys are condition keys of the action, beside those of its types and the global ones.
	Keys []string `json:"keys,omitempty"`
}

// ResourceType is a type of resource.
type ResourceType struct {
	// ARN has ${Name} for what differs.
	ARN string `json:"arn"`

	Keys []string `json:"keys,omitempty"`
}

var services = struct {
	sync.Mutex
	known map[string]Service
}{known: map[string]Service{}}

// Lookup returns the service with a prefix such as s3, in lower case, and whether there
// is one.
func Lookup(prefix string) (Service, bool) {
	if prefix == Global {
		return Service{}, false
	}
	return lookup(prefix)
}

// Global is the prefix of the line that has the condition keys of all services.
const Global = "*"

func lookup(prefix string) (Service, bool) {
	services.Lock()
	defer services.Unlock()
	line, ok := lines()[prefix]
	found, known := services.known[prefix]
	if ok && !known {
		if err := json.Unmarshal(line, &found); err != nil {
			panic(err) // only if generate wrote something else
		}
		services.known[prefix] = found
	}
	return found, ok
}

// Matching returns the names of the actions that a pattern with * and ? matches, in
// whatever case.
func (s Service) Matching(pattern string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.Actions)) {
		if Overlap(strings.ToLower(name), strings.ToLower(pattern)) {
			names = append(names, name)
		}
	}
	return names
}

// variables matches what differs in an ARN or a condition key.
var variables = regexp.MustCompile(`\$\{[^}]*\}|<[^>]*>|tag-key$|tagKey$`)

// ActsOn reports whether the action acts on resources with the ARN, which may have
// wildcards.
func (s Service) ActsOn(action, arn string) bool {
	return slices.ContainsFunc(s.Actions[action].Types, func(name string) bool {
		pattern := s.Types[name].ARN
		if strings.HasSuffix(pattern, "${BucketName}") && strings.Contains(arn, "/") {
			return false // names of other types may have a slash
		}
		return overlapByPart(variables.ReplaceAllString(pattern, "*"), arn)
	})
}

// overlapByPart is Overlap for two ARNs, in which no wildcard goes beyond its part.
func overlapByPart(a, b string) bool {
	const parts = 6
	as, bs := strings.SplitN(a, ":", parts), strings.SplitN(b, ":", parts)
	if len(as) < parts || len(bs) < parts {
		return Overlap(a, b)
	}
	for i := range as {
		if !Overlap(as[i], bs[i]) {
			return false
		}
	}
	return true
}

// ARNs returns the ARNs of the types on which the action acts, with names in capitals for
// what differs.
func (s Service) ARNs(action string) []string {
	var all []string
	for _, name := range s.Actions[action].Types {
		arn := variables.ReplaceAllStringFunc(s.Types[name].ARN, func(found string) string {
			return strings.ToUpper(strings.Trim(found, "${}"))
		})
		all = append(all, strings.Replace(arn, "PARTITION", "aws", 1))
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// HasKey reports whether a request for the action can have the condition key.
func (s Service) HasKey(action, key string) bool {
	everywhere, _ := lookup(Global)
	all := slices.Concat(everywhere.Keys, s.Actions[action].Keys)
	for _, name := range s.Actions[action].Types {
		all = append(all, s.Types[name].Keys...)
	}
	return slices.ContainsFunc(all, func(pattern string) bool {
		return Overlap(strings.ToLower(variables.ReplaceAllString(pattern, "*")), strings.ToLower(key))
	})
}

// Overlap reports whether two patterns with * and ? match a text in common.
func Overlap(a, b string) bool {
	for a != "" && b != "" && !isWild(a[0]) && !isWild(b[0]) { // most differ soon
		if a[0] != b[0] {
			return false
		}
		a, b = a[1:], b[1:]
	}
	// row[j] says whether the part of a so far and b[:j] have one in common.
	row := make([]bool, len(b)+1)
	row[0] = true
	for j := range len(b) {
		row[j+1] = row[j] && b[j] == '*'
	}
	for i := range len(a) {
		row = rowAfter(row, a[i], b)
	}
	return row[len(b)]
}

// rowAfter returns the row of Overlap with one more character of a.
func rowAfter(row []bool, character byte, b string) []bool {
	next := make([]bool, len(row))
	next[0] = row[0] && character == '*'
	for j := range len(b) {
		if character == '*' || b[j] == '*' {
			next[j+1] = row[j+1] || next[j] // it stands for nothing, or for one character more
		} else {
			next[j+1] = row[j] && (character == b[j] || character == '?' || b[j] == '?')
		}
	}
	return next
}

func isWild(character byte) bool { return character == '*' || character == '?' }
