package config_test

import (
	"strings"
	"testing"

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
			`config/environments/dev.yaml:1: from: got "../dev", want the name of another environment, such as prod`,
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
	t.Helper()
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

// YAML reads these in another way than people do.
func TestMisleadingTextIsRefused(t *testing.T) {
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

// neighbours and brackets are the advice for the commonest mistakes.
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

func TestNamesOfTheProjectAreRefusedThatAWSWouldRefuse(t *testing.T) {
	const want = `, want 1 to 11 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen`
	for _, name := range []string{"shop", "a", "shop-api-2", "catalog-api"} {
		require.Empty(t, config.CheckProject(name), name)
	}
	for _, name := range []string{"", "product-catalog", "Shop", "2shop", "shop-", "shop--api", "shop_api", "shop api"} {
		requireRefused(t, config.CheckProject(name), `config/project.go: Project: got "`+name+`"`+want)
	}
}
