package eventbridge

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEventPatternsMatchAsDocumented(t *testing.T) {
	list := func(values ...any) []any { return values }
	event := object{"kind": "a", "size": 7.0, "tags": list("x", "y"), "parts": list(
		object{"name": "left", "state": "off"}, object{"name": "right", "state": "on"},
	)}
	for name, c := range map[string]struct {
		pattern object
		want    bool
	}{
		"a value":                          {object{"kind": list("b", "a")}, true},
		"another value":                    {object{"kind": list("b")}, false},
		"all fields":                       {object{"kind": list("a"), "size": list(8.0)}, false},
		"a missing field":                  {object{"other": list("a")}, false},
		"an element":                       {object{"tags": list("y")}, true},
		"an object in an array":            {object{"parts": object{"name": list("right")}}, true},
		"two objects in an array":          {object{"parts": object{"name": list("left"), "state": list("on")}}, false},
		"a prefix":                         {object{"kind": list(object{"prefix": "a"})}, true},
		"another prefix":                   {object{"kind": list(object{"prefix": "b"})}, false},
		"a number at the bound":            {object{"size": list(object{"numeric": list(">=", 7.0)})}, true},
		"a number below the bound":         {object{"size": list(object{"numeric": list(">=", 7.1)})}, false},
		"a number in a range":              {object{"size": list(object{"numeric": list(">", 6.0, "<", 7.0)})}, false},
		"a text where a number is wanted":  {object{"kind": list(object{"numeric": list(">=", 0.0)})}, false},
		"anything but others":              {object{"kind": list(object{"anything-but": list("b", "c")})}, true},
		"anything but this":                {object{"kind": list(object{"anything-but": "a"})}, false},
		"anything but, of a missing field": {object{"other": list(object{"anything-but": "a"})}, false},
		"presence":                         {object{"kind": list(object{"exists": true})}, true},
		"absence":                          {object{"kind": list(object{"exists": false})}, false},
		"one of two":                       {object{"$or": list(object{"kind": list("b")}, object{"size": list(7.0)})}, true},
		"none of two":                      {object{"$or": list(object{"kind": list("b")}, object{"size": list(8.0)})}, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, Matches(t, c.pattern, event)) })
	}
}

func TestCronStartsAsDocumented(t *testing.T) {
	for expression, want := range map[string][]string{
		"cron(0 1,13 * * ? *)":       {"01-01 01:00", "01-01 13:00", "01-02 01:00"},
		"cron(30 5 ? * SUN *)":       {"01-04 05:30", "01-11 05:30", "01-18 05:30"},
		"cron(0 8 ? 1,4,7,10 2#1 *)": {"01-05 08:00", "04-06 08:00", "07-06 08:00"},
		"cron(0 0 29 2 ? 2028)":      {},
	} {
		var got []string
		for _, start := range ParseCron(t, expression).Starts(2026, 365) {
			got = append(got, start.Format("01-02 15:04"))
		}
		require.Equal(t, want, append([]string{}, got[:min(3, len(got))]...), expression)
	}
	require.Equal(t, 20*time.Hour, ParseCron(t, "cron(0 1,5 * * ? *)").LongestGap(t), "over midnight")
}
