package config_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestArgumentsAreRefused(t *testing.T) {
	const allowed = ", want 1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen"
	cases := map[string]struct{ name, from, want string }{
		"capitals":                   {"Dev", "", `environmentSuffix: got "Dev"` + allowed},
		"a space":                    {"d ev", "", `environmentSuffix: got "d ev"` + allowed},
		"13 characters":              {"abcdefghijklm", "", `environmentSuffix: got "abcdefghijklm"` + allowed},
		"a trailing hyphen":          {"dev-", "", `environmentSuffix: got "dev-"` + allowed},
		"two hyphens in a row":       {"pr--17", "dev", `environmentSuffix: got "pr--17"` + allowed},
		"a digit first":              {"1dev", "", `environmentSuffix: got "1dev"` + allowed},
		"nothing":                    {"", "", `environmentSuffix: got ""` + allowed},
		"a line break":               {"dev\n", "", `environmentSuffix: got "dev\n"` + allowed},
		"a path":                     {"../dev", "", `environmentSuffix: got "../dev"` + allowed},
		"a name that has no file":    {"prdo", "", `environmentSuffix: got "prdo", want one of dev, prod, or for a short-lived one its base environment: make ... FROM=dev, or -c environmentFrom=dev`},
		"a base that has no file":    {"pr-17", "prdo", `environmentFrom: got "prdo", want one of dev, prod`},
		"a base that is a path":      {"pr-17", "../dev", `environmentFrom: got "../dev", want one of dev, prod`},
		"a base for one with a file": {"prod", "dev", `environmentFrom: got "dev", want none, since config/environments/prod.yaml exists`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := files{"dev": "{}", "prod": "{}"}.load(c.name, c.from)
			requireRefused(t, err, c.want)
		})
	}
}

func TestChainsOfFilesAreRefused(t *testing.T) {
	cases := map[string]struct {
		files files
		want  string
	}{
		"from an environment that does not exist": {
			files{"dev": "region: eu-north-1\nfrom: prdo\n", "prod": "{}"},
			`config/environments/dev.yaml:2: from: got "prdo", want one of dev, prod`,
		},
		"from itself": {
			files{"dev": "from: dev\n"},
			`config/environments/dev.yaml:1: from: got "dev", want an environment that does not itself start from this one`,
		},
		"in a circle": {
			files{"dev": "from: prod\n", "prod": "\nfrom: dev\n"},
			`config/environments/prod.yaml:2: from: got "dev", want an environment that does not itself start from this one`,
		},
		"in a circle further up": {
			files{"dev": "from: prod\n", "prod": "from: base\n", "base": "from: prod\n"},
			`config/environments/base.yaml:1: from: got "prod", want an environment that does not itself start from this one`,
		},
		"from a path": {
			files{"dev": "from: ../dev\n"},
			`config/environments/dev.yaml:1: from: got "../dev", want the name of another environment`,
		},
		"from a file that is broken": {
			files{"dev": "from: prod\nservice: {memory: 512}\n", "prod": "- a\n"},
			`config/environments/prod.yaml:1: got ["a"], want a mapping of fields`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := c.files.load("dev", "")
			requireRefused(t, err, c.want)
		})
	}
}

// In the tables below a message is what follows "config/environments/dev.yaml".
type refused map[string]struct{ content, want string }

func (r refused) run(t *testing.T) {
	for name, c := range r {
		t.Run(name, func(t *testing.T) {
			_, _, err := files{"dev": c.content}.load("dev", "")
			var want []string
			for line := range strings.SplitSeq(c.want, "\n") {
				want = append(want, "config/environments/dev.yaml"+line)
			}
			requireRefused(t, err, want...)
		})
	}
}

func TestFilesAreRefused(t *testing.T) {
	refused{
		"an empty file":             {"", `:1: got an empty file, want a mapping of fields`},
		"a file of comments":        {"# nothing\n", `:1: got an empty file, want a mapping of fields`},
		"a list":                    {"- a\n- 1\n", `:1: got ["a", 1], want a mapping of fields`},
		"a text":                    {"\nregion\n", `:2: got "region", want a mapping of fields`},
		"an alias":                  {"*a\n", `:1: got an anchor, alias or tag, want plain values, written out`},
		"a bracket left open":       {"region: x\nnetwork: [\n", `:2: got text that is not YAML (did not find expected node content)` + brackets},
		"two colons on a line":      {"a: b: c\n", `:1: got text that is not YAML (mapping values are not allowed in this context)` + neighbours},
		"a second document":         {"region: eu-north-1\n---\nregion: eu-west-1\n", `:3: got a second document, want one document`},
		"an anchor and its alias":   {"account: &a \"\"\nregion: *a\n", ":1: account: got an anchor, alias or tag, want plain values, written out\n:2: region: got an anchor, alias or tag, want plain values, written out"},
		"a merge key":               {"tags: {a: b}\nnetwork:\n  <<: {cidr: 10.0.0.0/16}\n", `:3: network: got a key that is not plain text, want plain keys, written out`},
		"a tag":                     {"region: !!str eu-north-1\n", `:1: region: got an anchor, alias or tag, want plain values, written out`},
		"a bomb of aliases":         {"tags: &a {x: y}\nnetwork: &b [*a, *a, *a]\nservice: [*b, *b, *b]\n", ":1: tags: got an anchor, alias or tag, want plain values, written out\n:2: network: got an anchor, alias or tag, want plain values, written out\n:3: service: got […, …, …], want a mapping\n:3: service[0]: got an anchor, alias or tag, want plain values, written out\n:3: service[1]: got an anchor, alias or tag, want plain values, written out\n:3: service[2]: got an anchor, alias or tag, want plain values, written out"},
		"a list of the deepest":     {strings.Repeat("[", 60000), `:1: got deeply nested values, want at most 20 levels`},
		"a mapping of the deepest":  {strings.Repeat("{a: ", 15000), `:1: got deeply nested values, want at most 20 levels`},
		"65 KiB":                    {strings.Repeat("#", 65<<10), `: got 66560 bytes, want at most 64 KiB`},
		"bytes that are not text":   {"region: \xff\n", `: got bytes that are not text, want UTF-8`},
		"the same key twice":        {"region: eu-north-1\nregion: eu-west-1\n", `:2: region: got the key a second time, want it once (line 1)`},
		"the same key twice inside": {"service:\n  port: 3000\n  cpu: 256\n  port: 3001\n", `:4: service.port: got the key a second time, want it once (line 2)`},
	}.run(t)
}

// Editors and people see other text in these than YAML does, or none at all.
func TestTextThatSeemsToSaySomethingElseIsRefused(t *testing.T) {
	const unseen = `, which cannot be seen, want it left out, or as "\uXXXX" in double quotes`
	refused{
		"two colons in braces":            {"tags: {a: b: c}\n", `:1: got text that is not YAML (did not find expected ',' or '}')` + brackets},
		"a key of AWS in braces":          {"tags: {aws:x: y}\n", `:1: tags.aws:x: got "y", want a key that does not start with aws: or rds:`},
		"a key without a space in braces": {"tags: {a:b}\n", `:1: tags.a:b: got nothing, want keys with text as values, or the key left out`},
		"a question mark in braces":       {"tags: {a: b?}\n", `:1: got text that is not YAML (did not find expected ',' or '}')` + brackets},
		"a tab as indentation":            {"region: eu-north-1\nnetwork:\n\tcidr: 10.0.0.0/16\n", `:3: got a tab as indentation, want spaces`},
		"a tab after spaces":              {"network:\n  cidr: 10.0.0.0/16\n \t natGateways: 1\n", `:3: got a tab as indentation, want spaces`},
		"a mark inside the text":          {"region: eu-north-1\n\ufefflogs: {}\n", `:2: got the character U+FEFF` + unseen},
		"a control character":             {"region: eu-north-1\n# \x1b[31m\n", `:2: got the character U+001B` + unseen},
		"a null character":                {"tags: {a: \"\x00\"}\n", `:1: got the character U+0000` + unseen},
		"a line break of Unicode":         {"region: eu-north-1\r\nlogs: {}\u2028\n", `:2: got the character U+2028` + unseen},
		"text from right to left":         {"region: eu-north-1\rtags: {a: \u202eb}\n", `:2: got the character U+202E` + unseen},
		"a key deeper than its field":     {"network:\n  cidr: 10.0.0.0/16\n  natGateways: 1\n    zones: [a, b]\nregion: eu-north-1\n", `:4: got text that is not YAML (mapping values are not allowed in this context)` + neighbours},
		"a key less deep than the others": {"logs: {}\nnetwork:\n    cidr: 10.0.0.0/16\n  natGateways: 1\n", `:4: got text that is not YAML (did not find expected key)` + neighbours},
		"text after quotes":               {"region: eu-north-1\nnetwork:\n  cidr: \"10.0.0.0/16\" x\n\n  # the rest\n\n  natGateways: 1\n", `:3: got text that is not YAML (did not find expected key)` + neighbours},
		"text after a comment":            {"account: &a \"\"\n# *b\nregion: *b\n", `:3: got an anchor, alias or tag, want plain values, written out`},
		"a key after a list":              {"# list\n- a\n- b\n\nc: d\n", `:5: got text that is not YAML (did not find expected '-' indicator), want YAML`},
		"a bracket not closed":            {"logs: {}\nnetwork: {cidr: 10.0.0.0/16\nservice:\n  port: 3000\n", `:2: got text that is not YAML (did not find expected ',' or '}')` + brackets},
		"a slip after an open bracket":    {"tags: {a: b,\n  c: d: e,\n  f: g}\n", `:1: got text that is not YAML (did not find expected ',' or '}')` + brackets},
		"a comma too many":                {"logs: {}\ntags: {a: b,\n  , c: d}\n", `:3: got text that is not YAML (did not find expected node content)` + brackets},
		"a bracket open to the end":       {"logs: {}\nnetwork: {zones: [a,\n  b,\n  c\n\n# end\n", `:2: got text that is not YAML (did not find expected ',' or ']')` + brackets},
		"a quote not closed":              {"logs: {}\nregion: 'eu-north-1\nservice:\n  port: 3000\n", `:2: got text that is not YAML (found unexpected end of stream), want YAML: each quote closed`},
		"text that starts with a sign":    {"logs: {}\nregion: @x\n", `:2: got text that is not YAML (found character that cannot start any token), want YAML: quotes around text that starts with @, % or a backtick`},
		"a version of YAML":               {"%YAML 1.2\n---\nlogs: {}\n", `:1: got a line that names a version of YAML, want no such line`},
		"a number with a zero first":      {"service: {port: 03000}\n", `:1: service.port: got 03000, want a whole number from 1024 to 65535`},
		"a number with an underscore":     {"service: {port: 3_000}\n", `:1: service.port: got 3_000, want a whole number from 1024 to 65535`},
		"a number as text of a tag":       {"tags: {a: 0777}\n", `:1: tags.a: got 0777, want keys with text as values`},
		"a list of dashes":                {strings.Repeat("- ", 22) + "a\n", `:1: got deeply nested values, want at most 20 levels`},
		"the deepest list of dashes":      {strings.Repeat("- ", 30000), `:1: got deeply nested values, want at most 20 levels`},
		"the deepest list of questions":   {strings.Repeat("? ", 30000), `:1: got deeply nested values, want at most 20 levels`},
		"the deepest indentation":         {indented(300), `:21: got deeply nested values, want at most 20 levels`},
	}.run(t)
}

func TestByteOrderMarkIsSkipped(t *testing.T) {
	require.Equal(t, "eu-west-1", with(t, "\ufeffregion: eu-west-1\n").Region)
}

// neighbours and brackets are the ways out of the commonest slips.
const (
	neighbours = `, want YAML: the indentation of its neighbours, quotes around text with a colon, comma or bracket`
	brackets   = `, want YAML: a comma between two values, brackets closed, quotes around text with a colon, comma or bracket`
)

func TestKeysAndTypesAreRefused(t *testing.T) {
	const sections = "one of account, alarms, audit, backup, database, edge, encryption, from, incidentResponse, lifecycle, logs, network, region, residency, service, slo, tags"
	refused{
		"an unknown section":             {"colour: red\n", `:1: colour: got an unknown key, want ` + sections},
		"a section misspelt":             {"\nnetwrok: {}\n", `:2: netwrok: got an unknown key, want network`},
		"a field misspelt":               {"network:\n  cdir: 10.0.0.0/16\n", `:2: network.cdir: got an unknown key, want cidr`},
		"a field in lower case":          {"network:\n  natgateways: 1\n", `:2: network.natgateways: got an unknown key, want natGateways`},
		"a section far from all":         {"foo: 1\n", `:1: foo: got an unknown key, want ` + sections},
		"a section with a letter more":   {"llogs: {}\n", `:1: llogs: got an unknown key, want logs`},
		"a field far from all":           {"network:\n  ipv6: true\n", `:2: network.ipv6: got an unknown key, want one of cidr, interfaceEndpoints, natGateways, zones`},
		"a field of Config, not of YAML": {"Environment: dev\nshortLived: true\n", ":1: Environment: got an unknown key, want " + sections + "\n:2: shortLived: got an unknown key, want " + sections},
		"a key with a line break":        {"\"a\\nb\": 1\n", `:1: "a\nb": got an unknown key, want ` + sections},
		"a number for a text":            {"region: 5\n", `:1: region: got 5, want a region of AWS, such as eu-north-1`},
		"a text for a number":            {"service: {port: \"3000\"}\n", `:1: service.port: got "3000", want a whole number from 1024 to 65535`},
		"a fraction for a number":        {"service: {port: 3000.5}\n", `:1: service.port: got 3000.5, want a whole number from 1024 to 65535`},
		"a text for a list":              {"network: {zones: a}\n", `:1: network.zones: got "a", want two or three different letters from a to f`},
		"a text for a section":           {"network: a\n", `:1: network: got "a", want a mapping`},
		"a list for a section":           {"logs: [a]\n", `:1: logs: got ["a"], want a mapping`},
		"a mapping for a number":         {"logs: {accessLogRetentionDays: {a: 1}}\n", `:1: logs.accessLogRetentionDays: got a mapping, want a whole number from 1 to 3653`},
		"nothing for a section":          {"network:\nlogs: {accessLogRetentionDays: 9}\n", `:1: network: got nothing, want a mapping, or the key left out`},
		"nothing for a text that may be": {"backup:\n  copyToRegion:\n", `:2: backup.copyToRegion: got nothing, want a region of AWS, such as eu-central-1, "" for none, or the key left out`},
		"nothing in a list":              {"network:\n  zones:\n    - a\n    -\n", `:4: network.zones[1]: got nothing, want two or three different letters from a to f, or the element left out`},
		"nothing for a text":             {"region:\n", `:1: region: got nothing, want a region of AWS, such as eu-north-1, or the key left out`},
		"not a number":                   {"service: {port: .nan}\n", `:1: service.port: got .nan, want a whole number from 1024 to 65535`},
		"not a number for a fraction":    {"alarms: {errorRatePercent: .NaN}\n", `:1: alarms.errorRatePercent: got .NaN, want a number above 0 and up to 100`},
		"infinity":                       {"database: {maxCapacity: .inf}\n", `:1: database.maxCapacity: got .inf, want a number from 1 to 256 in steps of 0.5`},
		"minus infinity":                 {"database: {minCapacity: -.inf}\n", `:1: database.minCapacity: got -.inf, want a number from 0.5 to 256 in steps of 0.5`},
		"a number too large for a word":  {"service: {port: 99999999999999999999}\n", `:1: service.port: got 99999999999999999999, want a whole number from 1024 to 65535`},
		"a number too large for a float": {"service: {port: 1e999999999}\n", `:1: service.port: got 1e999999999, want a whole number from 1024 to 65535`},
		"a long text":                    {"region: " + strings.Repeat("x", 101) + "\n", `:1: region: got "` + strings.Repeat("x", 100) + `…", want a region of AWS, such as eu-north-1`},
	}.run(t)
}

func TestAccountAndTagsAreRefused(t *testing.T) {
	const text = " letters, digits, spaces and _.:/=+-@"
	refused{
		"a region that does not exist":        {"region: eu-north-9\n", `:1: region: got "eu-north-9", want a region of AWS, such as eu-north-1`},
		"a region outside residency":          {"region: us-east-1\n", `:1: region: got "us-east-1", want one of eu-central-1, eu-north-1, eu-west-1, eu-west-3, or residency none`},
		"London":                              {"residency: eu\nregion: eu-west-2\n", `:2: region: got "eu-west-2", want one of eu-central-1, eu-north-1, eu-west-1, eu-west-3, or residency none`},
		"an unknown encryption":               {"encryption: cmk\n", `:1: encryption: got "cmk", want one of aws-managed, customer-managed`},
		"an encryption that is off":           {"encryption: off\n", `:1: encryption: got "off", want one of aws-managed, customer-managed`},
		"an encryption that is true":          {"encryption: true\n", `:1: encryption: got true, want one of aws-managed, customer-managed`},
		"an unknown residency":                {"residency: se\n", `:1: residency: got "se", want one of eu, none`},
		"an unknown lifecycle":                {"lifecycle: Protected\n", `:1: lifecycle: got "Protected", want one of protected, retained, disposable`},
		"an account of 11 digits":             {"account: \"12345678901\"\n", `:1: account: got "12345678901", want twelve digits, in quotes`},
		"an account without quotes":           {"account: 123456789012\n", `:1: account: got 123456789012, want twelve digits, in quotes`},
		"a reserved tag":                      {"tags:\n  project: x\n  environment: y\n", ":2: tags.project: got \"x\", want another key, in capitals or not: this one is set for every resource\n:3: tags.environment: got \"y\", want another key, in capitals or not: this one is set for every resource"},
		"a reserved tag in capitals":          {"tags:\n  Project: x\n  ENVIRONMENT: y\n", ":2: tags.Project: got \"x\", want another key, in capitals or not: this one is set for every resource\n:3: tags.ENVIRONMENT: got \"y\", want another key, in capitals or not: this one is set for every resource"},
		"a tag of the incident":               {"tags: {Incident: x}\n", `:1: tags.Incident: got "x", want another key, in capitals or not: this one is set for what a runbook restores`},
		"a tag of the restore test":           {"tags: {RTO-hours: \"4\"}\n", `:1: tags.RTO-hours: got "4", want another key, in capitals or not: this one is set for the weekly restore test`},
		"tags that differ in capitals":        {"tags:\n  Team: a\n  team: b\n", `:3: tags.team: got "b", want another key than tags.Team: IAM does not tell capitals from small letters`},
		"46 tags":                             {"region: eu-north-1\ntags:\n" + tags(46), `:2: tags: got 46 tags, want at most 45, as some resources have 5 of their own and AWS takes 50`},
		"a tag of AWS":                        {"tags:\n  AWS:x: y\n", `:2: tags.AWS:x: got "y", want a key that does not start with aws: or rds:`},
		"a tag of RDS":                        {"tags: {rds:x: y}\n", `:1: tags.rds:x: got "y", want a key that does not start with aws: or rds:`},
		"a tag's value of AWS":                {"tags: {x: Aws:y}\n", `:1: tags.x: got "Aws:y", want a value that does not start with aws: or rds:`},
		"a tag without a name":                {"tags: {\"\": x}\n", `:1: tags."": got "x", want a key of 1 to 127` + text},
		"a tag of 128 characters":             {"tags: {" + strings.Repeat("ä", 128) + ": x}\n", `:1: tags."` + strings.Repeat("ä", 100) + `…": got "x", want a key of 1 to 127` + text},
		"a tag's value of 257 characters":     {"tags: {a: " + strings.Repeat("x", 257) + "}\n", `:1: tags.a: got "` + strings.Repeat("x", 100) + `…", want at most 256` + text},
		"a tag with an exclamation mark":      {"tags: {a!: x}\n", `:1: tags.a!: got "x", want a key of 1 to 127` + text},
		"a tag's value with a question mark":  {"tags: {a: 'x?'}\n", `:1: tags.a: got "x?", want at most 256` + text},
		"a tag's value that is not text":      {"tags: {a: 1}\n", `:1: tags.a: got 1, want keys with text as values`},
		"tags as a list":                      {"tags: [a]\n", `:1: tags: got ["a"], want keys with text as values`},
		"a tag with a dot and an empty value": {"tags: {a.b!: \"\"}\n", `:1: tags."a.b!": got "", want a key of 1 to 127` + text},
	}.run(t)
}

// tags are lines for a mapping of that many.
func tags(count int) string {
	var lines strings.Builder
	for i := range count {
		fmt.Fprintf(&lines, "  tag-%d: x\n", i)
	}
	return lines.String()
}

// IAM compares what all files say together.
func TestTagsOfSeveralFilesAreComparedAndCounted(t *testing.T) {
	_, _, err := files{"base": "tags: {Team: a}\n", "dev": "from: base\ntags: {team: b}\n"}.load("dev", "")
	requireRefused(t, err, `config/environments/dev.yaml:2: tags.team: got "b", want another key than tags.Team: IAM does not tell capitals from small letters`)

	_, _, err = files{"base": "tags: {own: a}\n", "dev": "from: base\ntags:\n" + tags(45)}.load("dev", "")
	requireRefused(t, err, `config/environments/dev.yaml:2: tags: got 46 tags, want at most 45, as some resources have 5 of their own and AWS takes 50`)

	require.Len(t, with(t, "tags:\n"+tags(45)).Tags, 45)
}

func TestNetworksAreRefused(t *testing.T) {
	const private = `, want a private range (RFC 1918) from /16 to /24`
	const letters = `, want two or three different letters from a to f`
	refused{
		"a public range":           {"network: {cidr: 8.8.0.0/16}\n", `:1: network.cidr: got "8.8.0.0/16"` + private},
		"a range beside 172.16/12": {"network: {cidr: 172.32.0.0/16}\n", `:1: network.cidr: got "172.32.0.0/16"` + private},
		"a /15":                    {"network: {cidr: 10.0.0.0/15}\n", `:1: network.cidr: got "10.0.0.0/15"` + private},
		"a /25":                    {"network: {cidr: 10.0.0.0/25}\n", `:1: network.cidr: got "10.0.0.0/25"` + private},
		"an octet of 256":          {"network: {cidr: 10.256.0.0/16}\n", `:1: network.cidr: got "10.256.0.0/16"` + private},
		"three octets":             {"network: {cidr: 10.0.0/16}\n", `:1: network.cidr: got "10.0.0/16"` + private},
		"an address":               {"network: {cidr: 10.0.0.0}\n", `:1: network.cidr: got "10.0.0.0"` + private},
		"a range of IPv6":          {"network: {cidr: \"fd00::/16\"}\n", `:1: network.cidr: got "fd00::/16"` + private},
		"host bits":                {"network: {cidr: 10.1.2.0/16}\n", `:1: network.cidr: got "10.1.2.0/16", want "10.1.0.0/16", the start of that range`},
		"one zone":                 {"network: {zones: [a]}\n", `:1: network.zones: got ["a"]` + letters},
		"four zones":               {"network: {zones: [a, b, c, d]}\n", `:1: network.zones: got ["a", "b", "c", "d"]` + letters},
		"a zone twice":             {"network: {zones: [a, a]}\n", `:1: network.zones: got ["a", "a"]` + letters},
		"zones with the region":    {"network:\n  zones:\n    - a\n    - eu-north-1b\n", `:4: network.zones[1]: got "eu-north-1b"` + letters},
		"a capital zone":           {"network: {zones: [A, b]}\n", `:1: network.zones[0]: got "A"` + letters},
		"no NAT gateway":           {"network: {natGateways: 0}\n", `:1: network.natGateways: got 0, want a whole number from 1 to 3`},
		"more gateways than zones": {"network:\n  natGateways: 3\n", `:2: network.natGateways: got 3, want at most 2, the number of zones`},
		"an endpoint twice":        {"network: {interfaceEndpoints: [kms, kms]}\n", `:1: network.interfaceEndpoints: got ["kms", "kms"], want a list, each value once`},
		"an unknown endpoint":      {"network: {interfaceEndpoints: [ecr]}\n", `:1: network.interfaceEndpoints[0]: got "ecr", want one of ec2, ec2messages, ecr.api, ecr.dkr, ecs, ecs-agent, ecs-telemetry, elasticloadbalancing, events, guardduty-data, kms, lambda, logs, monitoring, rds, rds-data, secretsmanager, sns, sqs, ssm, ssmmessages, states, sts, xray`},
	}.run(t)
}

func TestDatabasesAreRefused(t *testing.T) {
	const letters = `, want 1 to 63 letters, digits and _, the first a letter`
	const taken = `, want a name that PostgreSQL and Aurora do not reserve`
	const window = `, want a day and a time in UTC, such as tue:03:30`
	const version = `, want MAJOR.MINOR in quotes, MAJOR from 14 to 18, MINOR from 0 to 29`
	const units = `, want a number from 0.5 to 256 in steps of 0.5`
	refused{
		"user admin":                   {"database: {username: admin}\n", `:1: database.username: got "admin"` + taken},
		"user RDSadmin":                {"database: {username: RDSadmin}\n", `:1: database.username: got "RDSadmin"` + taken},
		"user pg_x":                    {"database: {username: pg_x}\n", `:1: database.username: got "pg_x"` + taken},
		"user table":                   {"database: {username: table}\n", `:1: database.username: got "table"` + taken},
		"user 1a":                      {"database: {username: 1a}\n", `:1: database.username: got "1a"` + letters},
		"a user with a hyphen":         {"database: {username: a-b}\n", `:1: database.username: got "a-b"` + letters},
		"a user of 64 letters":         {"database: {username: " + strings.Repeat("u", 64) + "}\n", `:1: database.username: got "` + strings.Repeat("u", 64) + `"` + letters},
		"no user":                      {"database: {username: \"\"}\n", `:1: database.username: got ""` + letters},
		"a name with a hyphen":         {"database: {name: my-db}\n", `:1: database.name: got "my-db"` + letters},
		"name template1":               {"database: {name: template1}\n", `:1: database.name: got "template1"` + taken},
		"name select":                  {"database: {name: SELECT}\n", `:1: database.name: got "SELECT"` + taken},
		"a window without a day":       {"database: {maintenanceWindow: \"03:30\"}\n", `:1: database.maintenanceWindow: got "03:30"` + window},
		"a window without a time":      {"database: {maintenanceWindow: tue}\n", `:1: database.maintenanceWindow: got "tue"` + window},
		"a window with an end":         {"database: {maintenanceWindow: tue:03:30-tue:04:00}\n", `:1: database.maintenanceWindow: got "tue:03:30-tue:04:00"` + window},
		"a window at 24 o'clock":       {"database: {maintenanceWindow: tue:24:00}\n", `:1: database.maintenanceWindow: got "tue:24:00"` + window},
		"a version without a minor":    {"database: {engineVersion: \"16\"}\n", `:1: database.engineVersion: got "16"` + version},
		"a version of three numbers":   {"database: {engineVersion: \"16.8.1\"}\n", `:1: database.engineVersion: got "16.8.1"` + version},
		"major version 12":             {"database: {engineVersion: \"12.9\"}\n", `:1: database.engineVersion: got "12.9"` + version},
		"minor version 99":             {"database: {engineVersion: \"17.99\"}\n", `:1: database.engineVersion: got "17.99"` + version},
		"minor version 08":             {"database: {engineVersion: \"16.08\"}\n", `:1: database.engineVersion: got "16.08"` + version},
		"major version 19":             {"database: {engineVersion: \"19.1\"}\n", `:1: database.engineVersion: got "19.1"` + version},
		"a version without quotes":     {"database: {engineVersion: 16.10}\n", `:1: database.engineVersion: got 16.10` + version},
		"a minimum above the maximum":  {"database:\n  maxCapacity: 2\n  minCapacity: 4\n", `:3: database.minCapacity: got 4, want at most maxCapacity, which is 2`},
		"a minimum above the default":  {"database:\n  minCapacity: 2.5\n", `:2: database.minCapacity: got 2.5, want at most maxCapacity, which is 2`},
		"a capacity of 0":              {"database: {minCapacity: 0}\n", `:1: database.minCapacity: got 0` + units},
		"a capacity of 0.7":            {"database: {minCapacity: 0.7}\n", `:1: database.minCapacity: got 0.7` + units},
		"a capacity of 256.5":          {"database: {minCapacity: 256.5}\n", `:1: database.minCapacity: got 256.5` + units},
		"a maximum of 0.5":             {"database: {maxCapacity: 0.5}\n", `:1: database.maxCapacity: got 0.5, want a number from 1 to 256 in steps of 0.5`},
		"minus one reader":             {"database: {readers: -1}\n", `:1: database.readers: got -1, want a whole number from 0 to 15`},
		"16 readers":                   {"database: {readers: 16}\n", `:1: database.readers: got 16, want a whole number from 0 to 15`},
		"no backups":                   {"database: {backupRetentionDays: 0}\n", `:1: database.backupRetentionDays: got 0, want a whole number from 1 to 35`},
		"36 days of backups":           {"database: {backupRetentionDays: 36}\n", `:1: database.backupRetentionDays: got 36, want a whole number from 1 to 35`},
		"a password older than 90 day": {"database: {rotationDays: 91}\n", `:1: database.rotationDays: got 91, want a whole number from 1 to 90`},
	}.run(t)
}

func TestRestoresAreRefused(t *testing.T) {
	const identifier = `, want the identifier of a cluster in this account and region`
	const time = `, want latest or a time in UTC, such as 2026-11-24T10:00:00Z`
	const source = "database:\n  restoreFrom:\n    cluster: catalog-api-prod\n"
	refused{
		"a cluster by its ARN":       {"database: {restoreFrom: {time: latest, cluster: \"arn:aws:rds:eu-north-1:1:cluster:x\"}}\n", `:1: database.restoreFrom.cluster: got "arn:aws:rds:eu-north-1:1:cluster:x"` + identifier},
		"two hyphens in a row":       {"database: {restoreFrom: {time: latest, cluster: a--b}}\n", `:1: database.restoreFrom.cluster: got "a--b"` + identifier},
		"64 letters":                 {"database: {restoreFrom: {time: latest, cluster: " + strings.Repeat("a", 64) + "}}\n", `:1: database.restoreFrom.cluster: got "` + strings.Repeat("a", 64) + `"` + identifier},
		"a cluster without fields":   {"database: {restoreFrom: catalog-api-prod}\n", `:1: database.restoreFrom: got "catalog-api-prod", want a mapping`},
		"a snapshot":                 {"database: {restoreFrom: {snapshot: x}}\n", `:1: database.restoreFrom.snapshot: got an unknown key, want one of cluster, time`},
		"no time":                    {source, `:3: database.restoreFrom.cluster: got "catalog-api-prod", want database.restoreFrom.time beside it, latest or a time in UTC`},
		"no cluster":                 {"database: {restoreFrom: {time: latest}}\n", `:1: database.restoreFrom.time: got "latest", want database.restoreFrom.cluster beside it, the cluster to restore`},
		"a day":                      {source + "    time: 2026-11-24\n", `:4: database.restoreFrom.time: got "2026-11-24"` + time},
		"a time of Stockholm":        {source + "    time: 2026-11-24T10:00:00+01:00\n", `:4: database.restoreFrom.time: got "2026-11-24T10:00:00+01:00"` + time},
		"a time without the zone":    {source + "    time: 2026-11-24T10:00:00\n", `:4: database.restoreFrom.time: got "2026-11-24T10:00:00"` + time},
		"an hour ago":                {source + "    time: 1h\n", `:4: database.restoreFrom.time: got "1h"` + time},
		"the 30th of February":       {source + "    time: 2026-02-30T10:00:00Z\n", `:4: database.restoreFrom.time: got "2026-02-30T10:00:00Z", want a time that exists`},
		"a time that is yet to come": {source + "    time: 2199-11-24T10:00:00Z\n", `:4: database.restoreFrom.time: got "2199-11-24T10:00:00Z", want a time in the past`},
		"the environment over itself": {
			"database:\n  restoreFrom: {cluster: " + config.Project + "-dev, time: latest}\n",
			`:2: database.restoreFrom.cluster: got "` + config.Project + `-dev", want another cluster than the environment's own, or a new suffix for what is restored`,
		},
	}.run(t)
}

func TestBackupsAreRefused(t *testing.T) {
	const days = `, want a whole number from 1 to 3653`
	const every = `, want one of 4, 6, 8, 12, 24`
	const hours = `, want a whole number from 8 to 168`
	const fewer = `, or fewer of those, or backup.enabled false`
	const inTheEU = `, want one of eu-central-1, eu-north-1, eu-south-1, eu-south-2, eu-west-1, eu-west-3, or residency none`
	refused{
		"a word for a switch":                          {"backup: {enabled: daily}\n", `:1: backup.enabled: got "daily", want true or false`},
		"recovery points kept for 0 days":              {"database: {backupRetentionDays: 1}\nbackup: {retentionDays: 0}\n", `:2: backup.retentionDays: got 0` + days},
		"recovery points kept for 3654 days":           {"backup: {retentionDays: 3654}\n", `:1: backup.retentionDays: got 3654` + days},
		"a backup every hour":                          {"backup: {everyHours: 1}\n", `:1: backup.everyHours: got 1` + every},
		"a backup every other day":                     {"backup: {everyHours: 48}\n", `:1: backup.everyHours: got 48` + every},
		"a loss of 7 hours":                            {"backup: {everyHours: 4, rpoHours: 7}\n", `:1: backup.rpoHours: got 7` + hours},
		"a loss of more than a week":                   {"backup: {rpoHours: 169}\n", `:1: backup.rpoHours: got 169` + hours},
		"a backup a day for 27 hours":                  {"backup:\n  rpoHours: 27\n", `:2: backup.rpoHours: got 27, want at least 28, since a backup job starts every 24 hours and may take 4, or fewer backup.everyHours`},
		"backups too far apart":                        {"backup:\n  everyHours: 12\n  rpoHours: 15\n", `:3: backup.rpoHours: got 15, want at least 16, since a backup job starts every 12 hours and may take 4, or fewer backup.everyHours`},
		"recovery points deleted before the objective": {"database: {backupRetentionDays: 1}\nbackup:\n  retentionDays: 1\n", `:3: backup.retentionDays: got 1, want at least 2, to outlast the 28 hours of backup.rpoHours, or fewer of those`},
		"recovery points deleted within the week":      {"database: {backupRetentionDays: 1}\nbackup:\n  rpoHours: 168\n  retentionDays: 6\n", `:4: backup.retentionDays: got 6, want at least 7, to outlast the 168 hours of backup.rpoHours, or fewer of those`},
		"a second region that is none":                 {"backup: {copyToRegion: eu-central-9}\n", `:1: backup.copyToRegion: got "eu-central-9", want a region of AWS, such as eu-central-1`},
		"a second region that is a switch":             {"backup: {copyToRegion: true}\n", `:1: backup.copyToRegion: got true, want a region of AWS, such as eu-central-1`},
		"the same region a second time":                {"backup: {copyToRegion: eu-north-1}\n", `:1: backup.copyToRegion: got "eu-north-1", want another region than the environment's, or none`},
		"a copy to London":                             {"backup: {copyToRegion: eu-west-2}\n", `:1: backup.copyToRegion: got "eu-west-2"` + inTheEU},
		"a copy to Virginia":                           {"residency: eu\nbackup:\n  copyToRegion: us-east-1\n", `:3: backup.copyToRegion: got "us-east-1"` + inTheEU},
		"a copy of no recovery point":                  {"backup:\n  enabled: false\n  copyToRegion: eu-west-1\n", `:3: backup.copyToRegion: got "eu-west-1", want "", since there are no recovery points to copy with backup.enabled false, or backup.enabled true`},
		"a recovery in no time":                        {"backup: {rtoHours: 0}\n", `:1: backup.rtoHours: got 0, want a whole number from 1 to 72`},
		"a recovery in 73 hours":                       {"backup: {rtoHours: 73}\n", `:1: backup.rtoHours: got 73, want a whole number from 1 to 72`},
		"recovery points deleted before own backups":   {"database:\n  backupRetentionDays: 14\nbackup:\n  retentionDays: 13\n", `:4: backup.retentionDays: got 13, want at least database.backupRetentionDays, which is 14` + fewer},
		"recovery points deleted before the default":   {"backup: {retentionDays: 34}\n", `:1: backup.retentionDays: got 34, want at least database.backupRetentionDays, which is 35` + fewer},
		"a backup of what is disposable":               {"lifecycle: disposable\nbackup: {enabled: true}\n", `:2: backup.enabled: got true, want false with lifecycle disposable, which keeps nothing, or lifecycle retained`},
		"the default backup of what is disposable":     {"lifecycle: disposable\n", `:1: backup.enabled: got the default true, want false with lifecycle disposable, which keeps nothing, or lifecycle retained`},
	}.run(t)
}

func TestServicesAreRefused(t *testing.T) {
	const repository = `, want up to ten private repositories, each once, such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com/NAME`
	const path = `, want a path that starts with / and has no spaces`
	const image = `, want an image with its tag or digest, without https://`
	refused{
		"too much memory":              {"service:\n  cpu: 256\n  memory: 4096\n", `:3: service.memory: got 4096, want one of 512, 1024, 2048, which Fargate offers with cpu 256`},
		"memory between two steps":     {"service:\n  cpu: 8192\n  memory: 17408\n", `:3: service.memory: got 17408, want 16384 to 61440 in steps of 4096, which Fargate offers with cpu 8192`},
		"memory between steps of 8192": {"service:\n  cpu: 16384\n  memory: 36864\n", `:3: service.memory: got 36864, want 32768 to 122880 in steps of 8192, which Fargate offers with cpu 16384`},
		"the default memory":           {"service:\n  cpu: 4096\n", `:2: service.memory: got the default 2048, want 8192 to 30720 in steps of 1024, which Fargate offers with cpu 4096`},
		"cpu 1000":                     {"service: {cpu: 1000}\n", `:1: service.cpu: got 1000, want one of 256, 512, 1024, 2048, 4096, 8192, 16384`},
		"a start of 9 seconds":         {"service: {startSeconds: 9}\n", `:1: service.startSeconds: got 9, want a whole number from 10 to 900`},
		"a start of 901 seconds":       {"service: {startSeconds: 901}\n", `:1: service.startSeconds: got 901, want a whole number from 10 to 900`},
		"a repository with a tag":      {"service: {formerRepositories: [\"123456789012.dkr.ecr.eu-north-1.amazonaws.com/a:v1\"]}\n", `:1: service.formerRepositories[0]: got "123456789012.dkr.ecr.eu-north-1.amazonaws.com/a:v1"` + repository},
		"a public repository":          {"service: {formerRepositories: [public.ecr.aws/docker/library/node]}\n", `:1: service.formerRepositories[0]: got "public.ecr.aws/docker/library/node"` + repository},
		"a repository by name":         {"service: {formerRepositories: [catalog]}\n", `:1: service.formerRepositories[0]: got "catalog"` + repository},
		"a repository twice": {
			"service:\n  formerRepositories:\n    - 123456789012.dkr.ecr.eu-north-1.amazonaws.com/a\n    - 123456789012.dkr.ecr.eu-north-1.amazonaws.com/a\n",
			`:2: service.formerRepositories: got ["123456789012.dkr.ecr.eu-north-1.amazonaws.com/a", "123456789012.dkr.ecr.eu-north-1.amazonaws.com/a…` + repository,
		},
		"port 0":                       {"service: {port: 0}\n", `:1: service.port: got 0, want a whole number from 1024 to 65535`},
		"port 80":                      {"service: {port: 80}\n", `:1: service.port: got 80, want a whole number from 1024 to 65535`},
		"port 70000":                   {"service: {port: 70000}\n", `:1: service.port: got 70000, want a whole number from 1024 to 65535`},
		"a relative path":              {"service: {healthCheckPath: health}\n", `:1: service.healthCheckPath: got "health"` + path},
		"a path with a space":          {"service: {healthCheckPath: /a b}\n", `:1: service.healthCheckPath: got "/a b"` + path},
		"an empty path":                {"service: {healthCheckPath: \"\"}\n", `:1: service.healthCheckPath: got ""` + path},
		"an image without a tag":       {"service: {image: nginx}\n", `:1: service.image: got "nginx"` + image},
		"an image with a scheme":       {"service: {image: \"https://x/y:1\"}\n", `:1: service.image: got "https://x/y:1"` + image},
		"an image in capitals":         {"service: {image: \"x/Y:1\"}\n", `:1: service.image: got "x/Y:1"` + image},
		"an image with an empty part":  {"service: {image: \"x//y:1\"}\n", `:1: service.image: got "x//y:1"` + image},
		"an image with a dot too many": {"service: {image: \"x/a..b:1\"}\n", `:1: service.image: got "x/a..b:1"` + image},
		"an image that ends in a dash": {"service: {image: \"x/y-:1\"}\n", `:1: service.image: got "x/y-:1"` + image},
		"an image with a port of text": {"service: {image: \"x:port/y:1\"}\n", `:1: service.image: got "x:port/y:1"` + image},
		"an image with half a digest":  {"service: {image: \"y@sha256:0123\"}\n", `:1: service.image: got "y@sha256:0123"` + image},
		"an image with a long tag":     {"service: {image: \"y:" + strings.Repeat("t", 129) + "\"}\n", `:1: service.image: got "y:` + strings.Repeat("t", 98) + `…"` + image},
		"an image with a space":        {"service: {image: \"nginx: 1\"}\n", `:1: service.image: got "nginx: 1"` + image},
		"no tasks":                     {"service: {minTasks: 0}\n", `:1: service.minTasks: got 0, want a whole number from 1 to 100`},
		"101 tasks":                    {"service: {maxTasks: 101}\n", `:1: service.maxTasks: got 101, want a whole number from 1 to 100`},
		"a minimum above the maximum":  {"service:\n  minTasks: 5\n  maxTasks: 4\n", `:2: service.minTasks: got 5, want at most maxTasks, which is 4`},
		"a maximum below the default":  {"service:\n  maxTasks: 1\n", `:2: service.minTasks: got the default 2, want at most maxTasks, which is 1`},
		"a target of 95 percent":       {"service: {cpuTargetPercent: 95}\n", `:1: service.cpuTargetPercent: got 95, want a whole number from 10 to 90`},
		"no requests":                  {"service: {requestsPerTarget: 0}\n", `:1: service.requestsPerTarget: got 0, want a whole number from 1 to 1000000`},
		"an unknown architecture":      {"service: {architecture: amd64}\n", `:1: service.architecture: got "amd64", want one of x86_64, arm64`},
	}.run(t)
}

const (
	usEast1  = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
	euNorth1 = "arn:aws:acm:eu-north-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
)

func TestEdgesAreRefused(t *testing.T) {
	const viewer = `, want the ARN of an ACM certificate in us-east-1`
	const domain = `, want a domain name in lower case`
	const zone = `, want the id of a hosted zone of Route 53, such as Z0123456789ABCDEFGHIJ`
	refused{
		"a domain without its certificate": {"edge:\n  domain: a.example.com\n", `:2: edge.viewerCertificateArn: got nothing` + viewer + ` that covers a.example.com, or no edge.domain`},
		"its certificate without a domain": {"edge:\n  viewerCertificateArn: " + usEast1 + "\n", `:2: edge.domain: got nothing, want the name that edge.viewerCertificateArn is for, or no certificate`},
		"an origin without a certificate":  {"edge:\n  originDomain: a.example.com\n", `:2: edge.originCertificateArn: got nothing, want the ARN of an ACM certificate in eu-north-1 that covers a.example.com, or edge.hostedZoneId to create it in, or no edge.originDomain`},
		"a certificate without an origin":  {"edge:\n  originCertificateArn: " + euNorth1 + "\n", `:2: edge.originDomain: got nothing, want the name that edge.originCertificateArn is for, or no certificate`},
		"a viewer's of the wrong region":   {"edge:\n  domain: a.example.com\n  viewerCertificateArn: " + euNorth1 + "\n", `:3: edge.viewerCertificateArn: got "` + euNorth1 + `"` + viewer},
		"an origin's of the wrong region":  {"edge:\n  originDomain: a.example.com\n  originCertificateArn: " + usEast1 + "\n", `:3: edge.originCertificateArn: got "` + usEast1 + `", want the ARN of an ACM certificate in eu-north-1, where the load balancer is`},
		"an ARN of something else":         {"edge:\n  domain: a.example.com\n  viewerCertificateArn: arn:aws:iam::123456789012:role/x\n", `:3: edge.viewerCertificateArn: got "arn:aws:iam::123456789012:role/x"` + viewer},
		"an ARN that is none":              {"edge:\n  originDomain: a.example.com\n  originCertificateArn: mine\n", `:3: edge.originCertificateArn: got "mine", want the ARN of an ACM certificate in the environment's region`},
		"a zone beside a certificate":      {"edge:\n  hostedZoneId: Z0123456789\n  originDomain: a.example.com\n  originCertificateArn: " + euNorth1 + "\n", `:4: edge.originCertificateArn: got "` + euNorth1 + `", want none, since one is created in edge.hostedZoneId, or no hosted zone`},
		"a zone without an origin":         {"edge:\n  hostedZoneId: Z0123456789\n", `:2: edge.originDomain: got nothing, want a name in edge.hostedZoneId for the load balancer, such as origin.example.com, or no hosted zone`},
		"a zone without certificates": {
			"edge:\n  hostedZoneId: Z0123456789\n  domain: a.example.com\n",
			`:2: edge.originDomain: got nothing, want a name in edge.hostedZoneId for the load balancer, such as origin.example.com, or no hosted zone` + "\n" +
				`:3: edge.viewerCertificateArn: got nothing` + viewer + ` that covers a.example.com, or no edge.domain`,
		},
		"two domains in two zones":         {"edge:\n  hostedZoneId: Z0123456789\n  originDomain: a.example.org\n  domain: a.example.com\n  viewerCertificateArn: " + usEast1 + "\n", `:3: edge.originDomain: got "a.example.org", want a name in the hosted zone of edge.domain, which is a.example.com, or no edge.hostedZoneId`},
		"one domain at both ends":          {"edge:\n  hostedZoneId: Z0123456789\n  originDomain: a.example.com\n  domain: a.example.com\n  viewerCertificateArn: " + usEast1 + "\n", `:3: edge.originDomain: got "a.example.com", want another name than edge.domain, which leads to CloudFront`},
		"a zone by name":                   {"edge: {hostedZoneId: example.com}\n", `:1: edge.hostedZoneId: got "example.com"` + zone},
		"a zone with its path":             {"edge: {hostedZoneId: /hostedzone/Z0123456789}\n", `:1: edge.hostedZoneId: got "/hostedzone/Z0123456789"` + zone},
		"logs to where none are delivered": {"residency: none\nregion: ap-east-1\nedge:\n  accessLogs: true\n  originPrefixList: pl-0123456789abcdef0\n", `:4: edge.accessLogs: got true, want false, since CloudFront delivers none to ap-east-1, or another region`},
		"the default logs to there":        {"residency: none\nregion: me-south-1\nedge: {originPrefixList: pl-0123456789abcdef0}\n", `:2: edge.accessLogs: got the default true, want false, since CloudFront delivers none to me-south-1, or another region`},
		"logs in words":                    {"edge: {accessLogs: daily}\n", `:1: edge.accessLogs: got "daily", want true or false`},
		"a Shield in words":                {"edge: {shieldAdvanced: 3000 USD}\n", `:1: edge.shieldAdvanced: got "3000 USD", want true or false`},
		"a domain with a scheme":           {"edge: {domain: \"https://example.com\"}\n", `:1: edge.domain: got "https://example.com"` + domain},
		"a domain of one label":            {"edge: {domain: localhost}\n", `:1: edge.domain: got "localhost"` + domain},
		"a domain in capitals":             {"edge: {domain: Example.com}\n", `:1: edge.domain: got "Example.com"` + domain},
		"an origin domain with a hyphen":   {"edge: {originDomain: -a.example.com}\n", `:1: edge.originDomain: got "-a.example.com"` + domain},
	}.run(t)
}

func TestIngressesAreRefused(t *testing.T) {
	const id = `, want the id of a prefix list, such as pl-fab65393`
	const codes = `, want ISO 3166-1 alpha-2 codes of countries, such as SE, each once`
	const find = `, want the id of com.amazonaws.global.cloudfront.origin-facing in ap-east-1 (aws ec2 describe-managed-prefix-lists), or edge.ingress internet`
	refused{
		"an unknown ingress":                                {"edge: {ingress: vpc}\n", `:1: edge.ingress: got "vpc", want one of internet, cloudfront, vpc-origin`},
		"a region whose prefix list is unknown":             {"residency: none\nregion: ap-east-1\nedge: {accessLogs: false}\n", `:2: edge.originPrefixList: got nothing` + find},
		"the same with the ingress written":                 {"residency: none\nregion: ap-east-1\nedge:\n  accessLogs: false\n  ingress: cloudfront\n", `:5: edge.originPrefixList: got nothing` + find},
		"a prefix list for an open ingress":                 {"edge:\n  ingress: internet\n  originPrefixList: pl-fab65393\n  waf: {mode: off}\n", `:3: edge.originPrefixList: got "pl-fab65393", want none with edge.ingress internet, or edge.ingress cloudfront`},
		"a prefix list of another region, for an interface": {"edge:\n  ingress: vpc-origin\n  originPrefixList: pl-a3a144ca\n", `:3: edge.originPrefixList: got "pl-a3a144ca", want none, as in eu-north-1 it is pl-fab65393`},
		"a VPC origin of the internet":                      {"edge: {ingress: [vpc-origin, internet]}\n", `:1: edge.ingress: got ["vpc-origin", "internet"], want one of internet, cloudfront, vpc-origin`},
		"a prefix list of another region":                   {"edge:\n  originPrefixList: pl-a3a144ca\n", `:2: edge.originPrefixList: got "pl-a3a144ca", want none, as in eu-north-1 it is pl-fab65393`},
		"a prefix list by name":                             {"edge: {originPrefixList: com.amazonaws.global.cloudfront.origin-facing}\n", `:1: edge.originPrefixList: got "com.amazonaws.global.cloudfront.origin-facing"` + id},
		"a prefix list's id in capitals":                    {"edge: {originPrefixList: PL-FAB65393}\n", `:1: edge.originPrefixList: got "PL-FAB65393"` + id},
		"a prefix list's id of 7 digits":                    {"edge: {originPrefixList: pl-fab6539}\n", `:1: edge.originPrefixList: got "pl-fab6539"` + id},
		"an origin that may take 0 seconds":                 {"edge: {originTimeoutSeconds: 0}\n", `:1: edge.originTimeoutSeconds: got 0, want a whole number from 1 to 60`},
		"an origin that may take 61 seconds":                {"edge: {originTimeoutSeconds: 61}\n", `:1: edge.originTimeoutSeconds: got 61, want a whole number from 1 to 60`},
		"version 0 of the header":                           {"edge: {originHeaderVersion: 0}\n", `:1: edge.originHeaderVersion: got 0, want a whole number from 1 to 10000`},
		"a header's version in words":                       {"edge: {originHeaderVersion: two}\n", `:1: edge.originHeaderVersion: got "two", want a whole number from 1 to 10000`},
		"a country that does not exist":                     {"edge: {countries: [SE, UK]}\n", `:1: edge.countries[1]: got "UK"` + codes},
		"a country in lower case":                           {"edge: {countries: [se]}\n", `:1: edge.countries[0]: got "se"` + codes},
		"a country by name":                                 {"edge: {countries: Sweden}\n", `:1: edge.countries: got "Sweden"` + codes},
		"a country twice":                                   {"edge: {countries: [SE, SE]}\n", `:1: edge.countries: got ["SE", "SE"]` + codes},
		"countries that an open ingress ignores":            {"edge:\n  ingress: internet\n  countries: [SE]\n  waf: {mode: off}\n", `:3: edge.countries: got ["SE"], want none with edge.ingress internet, which leads around CloudFront, or edge.ingress cloudfront`},
	}.run(t)
}

func TestFirewallsAreRefused(t *testing.T) {
	const (
		rules  = `one of common, ip-reputation, known-bad-inputs, rate-limit, sql-injection`
		around = ` with edge.ingress internet, which leads around CloudFront, or edge.ingress cloudfront`
		reason = `the reason, in up to 200 characters`
		path   = `a path below /, without a slash at its end, of letters, digits and . _ ~ -, up to 200 characters`
	)
	paths := func(n int) (text string) {
		for i := range n {
			text += fmt.Sprintf("/v%d: uploads, ", i)
		}
		return text
	}
	refused{
		"an unknown mode":                  {"edge: {waf: {mode: allow}}\n", `:1: edge.waf.mode: got "allow", want one of off, count, block`},
		"a mode that is false":             {"edge: {waf: {mode: false}}\n", `:1: edge.waf.mode: got false, want one of off, count, block`},
		"a firewall that is off":           {"edge: {waf: off}\n", `:1: edge.waf: got "off", want a mapping`},
		"an unknown field of the firewall": {"edge: {waf: {rate: 5}}\n", `:1: edge.waf.rate: got an unknown key, want one of countOnly, countParts, exemptPaths, mode, rateLimit`},
		"9 requests":                       {"edge: {waf: {rateLimit: 9}}\n", `:1: edge.waf.rateLimit: got 9, want a whole number from 10 to 2000000000`},
		"2000000001 requests":              {"edge: {waf: {rateLimit: 2000000001}}\n", `:1: edge.waf.rateLimit: got 2000000001, want a whole number from 10 to 2000000000`},
		"a rule that does not exist":       {"edge: {waf: {countOnly: {botcontrol: too dear}}}\n", `:1: edge.waf.countOnly.botcontrol: got an unknown key, want ` + rules},
		"a rule misspelt":                  {"edge: {waf: {countOnly: {sqlinjection: searches}}}\n", `:1: edge.waf.countOnly.sqlinjection: got an unknown key, want sql-injection`},
		"rules without reasons":            {"edge: {waf: {countOnly: [common]}}\n", `:1: edge.waf.countOnly: got ["common"], want a mapping`},
		"a rule without a reason":          {"edge:\n  waf:\n    countOnly:\n      common:\n", `:4: edge.waf.countOnly.common: got nothing, want the reason, or the key left out`},
		"an empty reason":                  {"edge: {waf: {countOnly: {common: \"\"}}}\n", `:1: edge.waf.countOnly.common: got "", want the reason`},
		"a reason of blanks":               {"edge: {waf: {countOnly: {rate-limit: \"  \"}}}\n", `:1: edge.waf.countOnly.rate-limit: got "  ", want the reason`},
		"a reason that is true":            {"edge: {waf: {countOnly: {known-bad-inputs: true}}}\n", `:1: edge.waf.countOnly.known-bad-inputs: got true, want the reason`},
		"a firewall that many come around": {"edge:\n  ingress: internet\n", `:2: edge.waf.mode: got the default "block", want off` + around},
		"one that only counts those":       {"edge:\n  ingress: internet\n  waf:\n    mode: count\n", `:4: edge.waf.mode: got "count", want off` + around},
		"a part that does not exist": {
			"edge:\n  waf:\n    countParts:\n      SizeRestrictions: uploads\n      SizeRestriction_BODY: uploads\n",
			`:4: edge.waf.countParts.SizeRestrictions: got "uploads", want SizeRestrictions_BODY` + "\n" +
				`:5: edge.waf.countParts.SizeRestriction_BODY: got "uploads", want SizeRestrictions_BODY`,
		},
		"a part without a reason": {"edge: {waf: {countParts: {SQLi_BODY: \" \"}}}\n", `:1: edge.waf.countParts.SQLi_BODY: got " ", want ` + reason},
		"a part with a long reason": {
			"edge: {waf: {countParts: {SQLi_BODY: " + strings.Repeat("x", 201) + "}}}\n",
			`:1: edge.waf.countParts.SQLi_BODY: got "` + strings.Repeat("x", 100) + `…", want ` + reason,
		},
		"parts without reasons":        {"edge: {waf: {countParts: [SQLi_BODY]}}\n", `:1: edge.waf.countParts: got ["SQLi_BODY"], want names of rules in AWS's groups, each with the reason`},
		"a part that counts by itself": {"edge: {waf: {mode: count, countParts: {SQLi_BODY: a}}}\n", `:1: edge.waf.countParts.SQLi_BODY: got "a", want none, since edge.waf.mode count blocks nothing, or edge.waf.mode block`},
		"a path for the rate limit":    {"edge: {waf: {exemptPaths: {rate-limit: {/a: b}}}}\n", `:1: edge.waf.exemptPaths.rate-limit: got an unknown key, want one of common, ip-reputation, known-bad-inputs, sql-injection`},
		"all paths":                    {"edge: {waf: {exemptPaths: {common: {/: uploads}}}}\n", `:1: edge.waf.exemptPaths.common./: got "uploads", want ` + path},
		"a path with a star":           {"edge: {waf: {exemptPaths: {common: {/v1/*: uploads}}}}\n", `:1: edge.waf.exemptPaths.common./v1/*: got "uploads", want ` + path},
		"a path that goes up":          {"edge: {waf: {exemptPaths: {common: {/v1/../admin: uploads}}}}\n", `:1: edge.waf.exemptPaths.common."/v1/../admin": got "uploads", want ` + path},
		"a path of 201 characters": {
			"edge: {waf: {exemptPaths: {common: {/" + strings.Repeat("x", 200) + ": uploads}}}}\n",
			`:1: edge.waf.exemptPaths.common./` + strings.Repeat("x", 200) + `: got "uploads", want ` + path,
		},
		"a path without a reason":           {"edge: {waf: {exemptPaths: {common: {/v1: \"\"}}}}\n", `:1: edge.waf.exemptPaths.common./v1: got "", want ` + reason},
		"a path where there is no rule":     {"edge: {waf: {mode: off, exemptPaths: {common: {/v1: a}}}}\n", `:1: edge.waf.exemptPaths.common./v1: got "a", want none, since edge.waf.mode off blocks nothing, or edge.waf.mode block`},
		"more paths than there is room for": {"edge: {waf: {exemptPaths: {common: {" + paths(21) + "}}}}\n", `:1: edge.waf.exemptPaths: got 21 paths, want at most 20`},
		"exceptions where all rules count": {
			"edge:\n  waf:\n    mode: count\n    countOnly:\n      common: uploads\n      ip-reputation: a partner\n",
			`:5: edge.waf.countOnly.common: got "uploads", want none, since edge.waf.mode count blocks nothing, or edge.waf.mode block` + "\n" +
				`:6: edge.waf.countOnly.ip-reputation: got "a partner", want none, since edge.waf.mode count blocks nothing, or edge.waf.mode block`,
		},
		"exceptions where there is no rule": {
			"edge:\n  waf:\n    mode: off\n    countOnly: {common: uploads}\n",
			`:4: edge.waf.countOnly.common: got "uploads", want none, since edge.waf.mode off blocks nothing, or edge.waf.mode block`,
		},
	}.run(t)
}

func TestLogsAuditAndAlarmsAreRefused(t *testing.T) {
	const emails = `, want e-mail addresses, each once`
	refused{
		"8 days of logs":              {"logs: {retentionDays: 8}\n", `:1: logs.retentionDays: got 8, want one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653`},
		"no days of access logs":      {"logs: {accessLogRetentionDays: 0}\n", `:1: logs.accessLogRetentionDays: got 0, want a whole number from 1 to 3653`},
		"a trail that is true":        {"audit: {trail: true}\n", `:1: audit.trail: got true, want one of create, existing, off`},
		"a GuardDuty of true":         {"audit: {guardDuty: true}\n", `:1: audit.guardDuty: got true, want one of create, existing, off`},
		"an unknown plan":             {"audit: {guardDutyPlans: [S3_LOGS]}\n", `:1: audit.guardDutyPlans[0]: got "S3_LOGS", want one of S3_DATA_EVENTS, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS, EBS_MALWARE_PROTECTION, EKS_AUDIT_LOGS`},
		"a plan twice":                {"audit: {guardDutyPlans: [RDS_LOGIN_EVENTS, RDS_LOGIN_EVENTS]}\n", `:1: audit.guardDutyPlans: got ["RDS_LOGIN_EVENTS", "RDS_LOGIN_EVENTS"], want a list, each value once`},
		"a hub that is on":            {"audit: {securityHub: on}\n", `:1: audit.securityHub: got "on", want one of create, existing, off`},
		"an unknown standard":         {"audit: {securityHubStandards: [cis]}\n", `:1: audit.securityHubStandards[0]: got "cis", want one of foundational, cis-1.4, cis-3.0, nist-800-53, pci-dss-4.0`},
		"a standard twice":            {"audit: {securityHubStandards: [cis-3.0, cis-3.0]}\n", `:1: audit.securityHubStandards: got ["cis-3.0", "cis-3.0"], want a list, each value once`},
		"a Config that is none":       {"audit: {config: none}\n", `:1: audit.config: got "none", want one of create, existing, off`},
		"a hub without Config":        {"audit:\n  securityHub: create\n  config: off\n", `:3: audit.config: got "off", want create or existing: Security Hub checks what Config records`},
		"the hub without Config":      {"audit:\n  config: off\n", `:2: audit.config: got "off", want create or existing: Security Hub checks what Config records`},
		"an analyzer that is yes":     {"audit: {accessAnalyzer: yes}\n", `:1: audit.accessAnalyzer: got "yes", want one of create, existing, off`},
		"unused access in words":      {"audit: {unusedAccess: create}\n", `:1: audit.unusedAccess: got "create", want true or false`},
		"an inspector of 1":           {"audit: {inspector: 1}\n", `:1: audit.inspector: got 1, want one of create, existing, off`},
		"a trail of a month":          {"audit: {retentionDays: 30}\n", `:1: audit.retentionDays: got 30, want a whole number from 365 to 3653`},
		"an e-mail that is none":      {"alarms: {emails: [\"bob\"]}\n", `:1: alarms.emails[0]: got "bob"` + emails},
		"an e-mail without a domain":  {"alarms: {emails: [a@b]}\n", `:1: alarms.emails[0]: got "a@b"` + emails},
		"an e-mail with a name":       {"alarms: {emails: [\"Bob <bob@example.com>\"]}\n", `:1: alarms.emails[0]: got "Bob <bob@example.com>"` + emails},
		"an e-mail with a line break": {"alarms: {emails: [\"a\\n@example.com\"]}\n", `:1: alarms.emails[0]: got "a\n@example.com"` + emails},
		"an e-mail with two dots":     {"alarms: {emails: [a..b@example.com]}\n", `:1: alarms.emails[0]: got "a..b@example.com"` + emails},
		"an e-mail with an umlaut":    {"alarms: {emails: [ä@example.com]}\n", `:1: alarms.emails[0]: got "ä@example.com"` + emails},
		"65 characters before the @":  {"alarms:\n  emails:\n    - b@example.com\n    - " + strings.Repeat("a", 65) + "@example.com\n", `:4: alarms.emails[1]: got "` + strings.Repeat("a", 65) + `@example.com", want at most 64 characters before the @`},
		"255 characters of e-mail":    {"alarms: {emails: [" + strings.Repeat("a", 63) + "@" + strings.Repeat("b.", 94) + "com]}\n", `:1: alarms.emails[0]: got "` + strings.Repeat("a", 63) + "@" + strings.Repeat("b.", 18) + `…"` + emails},
		"an e-mail twice":             {"alarms: {emails: [a@example.com, a@example.com]}\n", `:1: alarms.emails: got ["a@example.com", "a@example.com"]` + emails},
		"an error rate of 0":          {"alarms: {errorRatePercent: 0}\n", `:1: alarms.errorRatePercent: got 0, want a number above 0 and up to 100`},
		"an error rate of 101":        {"alarms: {errorRatePercent: 101}\n", `:1: alarms.errorRatePercent: got 101, want a number above 0 and up to 100`},
		"no requests a minute":        {"alarms: {requestsPerMinute: 0}\n", `:1: alarms.requestsPerMinute: got 0, want a whole number from 1 to 10000000`},
		"no database failures":        {"alarms: {databaseFailures: 0}\n", `:1: alarms.databaseFailures: got 0, want a whole number from 1 to 10000`},
		"no failed sign-ins":          {"alarms: {authFailures: 0}\n", `:1: alarms.authFailures: got 0, want a whole number from 1 to 100000`},
		"half an injection":           {"alarms: {sqlInjections: 0.5}\n", `:1: alarms.sqlInjections: got 0.5, want a whole number from 1 to 100000`},
		"answers at once":             {"alarms: {responseSeconds: 0}\n", `:1: alarms.responseSeconds: got 0, want a number above 0 and up to 60`},
		"answers after an hour":       {"alarms: {responseSeconds: 3600}\n", `:1: alarms.responseSeconds: got 3600, want a number above 0 and up to 60`},
		"a probe of a path":           {"alarms: {probe: /health}\n", `:1: alarms.probe: got "/health", want true or false`},
		"a probe that is not let in":  {"edge:\n  countries: [SE, IE]\nalarms:\n  probe: true\n", `:4: alarms.probe: got true, want false, or US among edge.countries: the probe comes from there`},
		"a probe by default":          {"edge:\n  countries: [SE]\n", `:2: alarms.probe: got the default true, want false, or IE and US among edge.countries: the probe comes from there`},
		"more alarms in words":        {"alarms: {extended: all}\n", `:1: alarms.extended: got "all", want true or false`},
		"availability of 100":         {"slo: {availabilityPercent: 100}\n", `:1: slo.availabilityPercent: got 100, want a percentage from 95 to 99.99`},
		"availability of a half":      {"slo: {availabilityPercent: 0.999}\n", `:1: slo.availabilityPercent: got 0.999, want a percentage from 95 to 99.99`},
		"availability in words":       {"slo: {availabilityPercent: three nines}\n", `:1: slo.availabilityPercent: got "three nines", want a percentage from 95 to 99.99`},
		"an SLO of no request":        {"slo: {minRequests: 0}\n", `:1: slo.minRequests: got 0, want a whole number from 1 to 1000000`},
		"one failure of too few":      {"slo: {availabilityPercent: 99.99}\n", `:1: slo.minRequests: got the default 300, want at least 695 with slo.availabilityPercent 99.99: with fewer, one failed request takes a deployment back`},
		"one failure of 69":           {"slo: {minRequests: 69}\n", `:1: slo.minRequests: got 69, want at least 70 with slo.availabilityPercent 99.9: with fewer, one failed request takes a deployment back`},
		"a latency objective":         {"slo: {latencyMs: 300}\n", `:1: slo.latencyMs: got an unknown key, want one of availabilityPercent, minRequests`},
	}.run(t)
}

func TestResponsesAreRefused(t *testing.T) {
	const approvers = `, want up to nine ARNs of IAM roles or users, each once`
	refused{
		"evidence for no day":          {"incidentResponse: {evidenceRetentionDays: 0}\n", `:1: incidentResponse.evidenceRetentionDays: got 0, want a whole number from 1 to 3653`},
		"an approver by name":          {"incidentResponse: {approvers: [anna]}\n", `:1: incidentResponse.approvers[0]: got "anna"` + approvers},
		"a group as approver":          {"incidentResponse: {approvers: ['arn:aws:iam::123456789012:group/ops']}\n", `:1: incidentResponse.approvers[0]: got "arn:aws:iam::123456789012:group/ops"` + approvers},
		"approvers that are everybody": {"incidentResponse: {approvers: ['arn:aws:iam::123456789012:role/*']}\n", `:1: incidentResponse.approvers[0]: got "arn:aws:iam::123456789012:role/*"` + approvers},
		"an approver twice":            {"incidentResponse:\n  approvers: [arn:aws:iam::123456789012:role/a, arn:aws:iam::123456789012:role/a]\n", `:2: incidentResponse.approvers: got ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/a"]` + approvers},
	}.run(t)
}

// AWS refuses a second one in an account and region.
func TestServicesOwnedTwiceAreRefused(t *testing.T) {
	const want = `, want existing or off, or another account or region: config/environments/`
	const there = ` creates it in this one`
	const off = "securityHub: off, config: off, accessAnalyzer: off, inspector: off"
	cases := map[string]struct {
		files files
		want  string
	}{
		"as written in both files": {
			files{"dev": "audit:\n  guardDuty: create\n  notifyFindings: false\n  " + strings.ReplaceAll(off, ", ", "\n  "), "prod": "\naudit: {guardDuty: create, " + off + "}\n"},
			`config/environments/dev.yaml:2: audit.guardDuty: got "create"` + want + `prod.yaml:2` + there,
		},
		"in one account": {
			files{"dev": "account: \"123456789012\"\naudit: {notifyFindings: false, " + off + "}\n", "prod": "account: \"123456789012\"\naudit: {guardDuty: create}\n"},
			`config/environments/dev.yaml: audit.guardDuty: got the default "create"` + want + `prod.yaml:2` + there,
		},
		"by the model": {
			files{"dev": "region: eu-north-1\nfrom: prod\n", "prod": "audit:\n  guardDuty: create\n  notifyFindings: false\n  " + strings.ReplaceAll(off, ", ", "\n  "), "test": "audit: {guardDuty: existing}\naccount: \"123456789012\"\n"},
			`config/environments/dev.yaml:2: audit.guardDuty: got "create" (config/environments/prod.yaml:2)` + want + `prod.yaml:2` + there,
		},
		"by another's model": {
			files{"prod": "audit: {" + off + "}\n", "dev": "audit: {notifyFindings: false, guardDuty: create, " + off + "}\n", "staging": "from: prod\naudit: {guardDuty: off}\n"},
			`config/environments/dev.yaml:1: audit.guardDuty: got "create"` + want + `prod.yaml` + there,
		},
		"all of them, by default": {
			files{"dev": "lifecycle: retained\n", "prod": "lifecycle: retained\n"},
			"config/environments/dev.yaml: audit.accessAnalyzer: got the default \"create\"" + want + "prod.yaml" + there + "\n" +
				"config/environments/dev.yaml: audit.config: got the default \"create\"" + want + "prod.yaml" + there + "\n" +
				"config/environments/dev.yaml: audit.guardDuty: got the default \"create\"" + want + "prod.yaml" + there + "\n" +
				"config/environments/dev.yaml: audit.inspector: got the default \"create\"" + want + "prod.yaml" + there + "\n" +
				"config/environments/dev.yaml: audit.notifyFindings: got the default true, want false, or another account or region: config/environments/prod.yaml has true for this one\n" +
				"config/environments/dev.yaml: audit.securityHub: got the default \"create\"" + want + "prod.yaml" + there,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := c.files.among("dev", "")
			requireRefused(t, err, strings.Split(c.want, "\n")...)
		})
	}
}

// Whatever a clock says, it does not say less later.
func TestRestoreFromTheNearestFutureIsRefusedAndFromLongAgoIsNot(t *testing.T) {
	restore := func(at time.Time) error {
		_, _, err := files{"dev": "database: {restoreFrom: {cluster: old, time: " + at.UTC().Format(time.RFC3339) + "}}\n"}.load("dev", "")
		return err
	}
	require.ErrorContains(t, restore(time.Now().Add(time.Minute)), "want a time in the past")
	require.NoError(t, restore(time.Now()))
	require.NoError(t, restore(time.Now().AddDate(-5, 0, 0)), "it was restored then")
}

// CloudFront refuses a second distribution of the name, Route 53 a second record.
func TestNamesTakenTwiceAreRefused(t *testing.T) {
	const zone = alone + "account: \"123456789012\"\nedge:\n  hostedZoneId: Z0123456789\n  originDomain: b.example.com\n  domain: a.example.com\n  viewerCertificateArn: " + usEast1 + "\n"
	const want = `, want another name, or "" without a certificate: config/environments/prod.yaml:`
	_, err := files{"prod": zone, "dev": "account: \"210987654321\"\nfrom: prod\n"}.among("dev", "")
	requireRefused(t, err,
		`config/environments/dev.yaml:2: edge.domain: got "a.example.com" (config/environments/prod.yaml:6)`+want+`6 has this one`,
		`config/environments/dev.yaml:2: edge.originDomain: got "b.example.com" (config/environments/prod.yaml:5)`+want+`5 has this one`)

	_, err = files{"prod": zone, "dev": "from: prod\nedge: {domain: c.example.com, originDomain: d.example.com}\n"}.among("dev", "")
	require.NoError(t, err)
	_, err = files{"prod": zone}.among("pr-17", "prod")
	require.NoError(t, err)
}

func TestServicesOwnedOnceAreAccepted(t *testing.T) {
	const none = "audit: {notifyFindings: false, guardDuty: existing, securityHub: existing, config: existing, accessAnalyzer: existing, inspector: off}\n"
	for name, f := range map[string]files{
		"in different accounts":           {"dev": "account: \"123456789012\"\n", "prod": "account: \"210987654321\"\n"},
		"in an account that is not known": {"dev": "account: \"123456789012\"\n", "prod": "{}"},
		"in different regions":            {"dev": "region: eu-west-1\n", "prod": "{}"},
		"by one":                          {"dev": none, "prod": "{}"},
		"as far as anybody knows":         {"dev": "{}", "prod": "region: mars\n"},
		"but for the trails":              {"dev": "from: prod\n", "prod": none, "test": "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.among("dev", "")
			require.NoError(t, err)
		})
	}
}

// With two each finding arrives twice, with none it does not arrive.
func TestOneEnvironmentOfAnAccountNotifiesOfItsFindings(t *testing.T) {
	const (
		here   = "account: \"123456789012\"\n"
		there  = "account: \"210987654321\"\n"
		used   = "audit: {notifyFindings: false, guardDuty: existing, securityHub: existing, config: existing, accessAnalyzer: existing, inspector: existing}\n"
		ofOrg  = "audit: {guardDuty: existing, securityHub: existing, config: existing, accessAnalyzer: existing, inspector: existing}\n"
		none   = "audit: {notifyFindings: false, guardDuty: off, securityHub: off, config: off, accessAnalyzer: off}\n"
		nobody = `: audit.notifyFindings: got false, want true, since no other environment of this account and region has it for `
		twice  = `: audit.notifyFindings: got the default true, want false, or another account or region: config/environments/prod.yaml has true for this one`
		all    = `audit.accessAnalyzer, audit.guardDuty, audit.securityHub`
	)
	for name, c := range map[string]struct {
		files files
		want  string
	}{
		"one, that creates":                   {files{"dev": here + used, "prod": here}, ""},
		"one, of an organization's":           {files{"dev": here + ofOrg, "prod": here + used}, ""},
		"one, of what another creates":        {files{"dev": here + ofOrg, "prod": here + "audit: {notifyFindings: false}\n"}, ""},
		"each in its account":                 {files{"dev": here, "prod": there}, ""},
		"each in its region":                  {files{"dev": "{}", "prod": "region: eu-west-1\n"}, ""},
		"one that may be in the same account": {files{"dev": used, "prod": here}, ""},
		"none where there are no findings":    {files{"dev": here + none}, ""},
		"none as far as is known":             {files{"dev": here + used, "prod": "region: mars\n"}, ""},
		"two, by default":                     {files{"dev": here + ofOrg, "prod": here}, `config/environments/dev.yaml` + twice},
		"two, where neither creates":          {files{"dev": ofOrg, "prod": ofOrg}, `config/environments/dev.yaml` + twice},
		"none alone":                          {files{"dev": used}, `config/environments/dev.yaml:1` + nobody + all},
		"none of two":                         {files{"dev": here + used, "prod": here + used}, `config/environments/dev.yaml:2` + nobody + all},
		"none in the account":                 {files{"dev": here + used, "prod": there}, `config/environments/dev.yaml:2` + nobody + all},
		"none in the region":                  {files{"dev": used, "prod": "region: eu-west-1\n"}, `config/environments/dev.yaml:1` + nobody + all},
		"one that goes without one of them":   {files{"dev": used, "prod": "audit: {guardDuty: off}\n"}, `config/environments/dev.yaml:1` + nobody + `audit.guardDuty`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.files.among("dev", "")
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			requireRefused(t, err, c.want)
		})
	}
}

func TestShortLivedEnvironmentOfAnOwnerIsAccepted(t *testing.T) {
	_, err := files{"dev": "{}", "prod": "region: eu-west-1\n"}.among("pr-17", "dev")
	require.NoError(t, err)
}

func TestNamesOfTheProjectAreRefusedThatAWSWouldRefuse(t *testing.T) {
	const want = `, want 1 to 11 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen`
	for _, name := range []string{"shop", "a", "shop-api-2", "catalog-api"} {
		require.Empty(t, config.CheckProject(name), name)
	}
	for _, name := range []string{"", "product-catalog", "Shop", "2shop", "shop-", "shop--api", "shop_api", "shop api"} {
		requireRefused(t, config.CheckProject(name), `config/project.go: Project: got "`+name+`"`+want)
	}
}
