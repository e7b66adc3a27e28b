package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"catalog-infra/config/source"
)

// maxTags leaves room among the 50 tags of a resource for those that a subnet has
// anyway: its name, CDK's two, and the environment's two.
const maxTags = 50 - 5

// ownTags are the keys that the stacks set, in lower case, and the resources.
var ownTags = map[string]string{
	"project":     "every resource",
	"environment": "every resource",
	"incident":    "clusters that a runbook restores",
	"rto-hours":   "the weekly restore test",
}

func checkTags(c Config) []problem {
	var problems []problem
	first := map[string]string{} // the key that came first, by how IAM sees it
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		field, folded := source.Join("tags", key), strings.ToLower(key)
		problems = append(problems, slices.Concat(
			unless(ownTags[folded] == "", field, "another key, regardless of capitals: the stacks set this one on %s", ownTags[folded]),
			unless(first[folded] == "", field, "another key than %s: to IAM they differ in capitals only, so they are the same",
				source.Join("tags", first[folded])),
			unless(!ofAWS(key), field, "a key that does not start with aws: or rds:"),
			unless(!ofAWS(c.Tags[key]), field, "a value that does not start with aws: or rds:"),
			unless(tagText(key, 1, 127), field, "a key of 1 to 127 letters, digits, spaces and _.:/=+-@"),
			unless(tagText(c.Tags[key], 0, 256), field, "at most 256 letters, digits, spaces and _.:/=+-@"),
		)...)
		first[folded] = cmp.Or(first[folded], key)
	}
	if len(c.Tags) > maxTags {
		want := fmt.Sprintf("at most %d, since AWS takes 50 and some resources have 5 anyway", maxTags)
		problems = append(problems, problem{"tags", fmt.Sprintf("%d tags", len(c.Tags)), want})
	}
	return problems
}

// ofAWS reports whether a tag's key or value has a prefix that is reserved for ECS or
// RDS.
func ofAWS(text string) bool {
	text = strings.ToLower(text)
	return strings.HasPrefix(text, "aws:") || strings.HasPrefix(text, "rds:")
}

func tagText(text string, least, most int) bool {
	length := utf8.RuneCountInString(text)
	return length >= least && length <= most && strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _.:/=+-@", r)
	}) < 0
}
