package filterpattern_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/test/internal/filterpattern"
)

func TestPatternsMatch(t *testing.T) {
	const event = `{"event": "auth_failed", "status": 401, "deep": {"flag": true, "text": "a b"}, "none": null, "list": [1]}`
	for _, c := range []struct {
		pattern, line string
		want          bool
	}{
		{`{ $.event = "auth_failed" }`, event, true},
		{`{ $.event = auth_failed }`, event, true},
		{`{$.event="auth_*"}`, event, true},
		{`{$.event="*failed"}`, event, true},
		{`{$.event="auth"}`, event, false},
		{`{$.event="AUTH_FAILED"}`, event, false},
		{`{$.event="auth.failed"}`, event, false},
		{`{$.event!="other"}`, event, true},
		{`{$.event!="auth_failed"}`, event, false},
		{`{$.missing!="other"}`, event, false},
		{`{$.missing NOT EXISTS}`, event, true},
		{`{$.none NOT EXISTS}`, event, false},
		{`{$.none != "x"}`, event, false},
		{`{$.list = 1}`, event, false},
		{`{$.status = 401}`, event, true},
		{`{$.deep.flag = true}`, event, true},
		{`{$.deep.text = "a b"}`, event, true},
		{`{$.event.deeper NOT EXISTS}`, event, true},
		{`{$.status = 1 || $.status = 401}`, event, true},
		{`{$.status = 401 || $.status = 1 && $.status = 2}`, event, true},
		{`{($.status = 401 || $.status = 1) && $.status = 2}`, event, false},
		{`{ $.event = "auth_failed" }`, `auth_failed`, false},
		{`{ $.event = "auth_failed" }`, `["auth_failed"]`, false},
		{`error`, `an error here`, true},
		{`error`, `an Error here`, false},
		{`error here`, `here is an error`, true},
		{`"error here"`, `here is an error`, false},
		{`?"no entry" ?denied`, `it was denied`, true},
		{`?"no entry" ?denied`, `no entry`, true},
		{`?"no entry" ?denied`, `no such entry`, false},
		{`error -ignored`, `error`, true},
		{`error -ignored`, `error, ignored`, false},
	} {
		pattern, err := filterpattern.Parse(c.pattern)
		require.NoError(t, err, c.pattern)
		require.Equal(t, c.want, pattern(c.line), "%s on %s", c.pattern, c.line)
	}
}

func TestPatternsAreRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		`{ $.event = "a" `:        "a brace is not closed",
		`{ ($.event = "a" }`:      "a bracket is not closed",
		`{ $.event = "a") }`:      `")" is left over`,
		`{ $.event = }`:           `want a value, got ""`,
		`{ $.event = ) }`:         `want a value, got ")"`,
		`{ $.event "a" }`:         `want =, != or NOT EXISTS after $.event, got "\"a\""`,
		`{ event = "a" }`:         `want a selector such as $.event, got "event"`,
		`{ $.event = "a" && }`:    `want a selector such as $.event, got ""`,
		`{ $.event = %a% }`:       `cannot read "%a% "`,
		`{ $.event = "a }`:        `cannot read "\"a "`,
		`{}`:                      `want a selector such as $.event, got ""`,
		`?a b`:                    "CloudWatch ignores optional terms beside others",
		`?a -b`:                   "CloudWatch ignores optional terms beside others",
		`"a`:                      "a quote is not closed",
		`[ip, user]`:              `cannot read the term "[ip,"`,
		strings.Repeat("a", 1025): "1025 characters, at most 1024 are allowed",
	} {
		_, err := filterpattern.Parse(pattern)
		require.EqualError(t, err, want, pattern)
	}
}
