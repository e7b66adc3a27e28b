package eventbridge

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Cron is a cron expression of EventBridge. Each field is a number, a list of
// numbers, * or ?. The day of the week may also be a name, or a number with its
// place in the month, such as 2#1. Sunday is 1.
type Cron struct{ minute, hour, day, month, weekday, year string }

// ParseCron reads an expression such as cron(0 8 ? 1,4,7,10 2#1 *).
func ParseCron(tb testing.TB, expression any) Cron {
	tb.Helper()
	text, found := strings.CutPrefix(expression.(string), "cron(")
	require.True(tb, found, expression)
	fields := strings.Fields(strings.TrimSuffix(text, ")"))
	require.Len(tb, fields, 6, expression)
	s := Cron{fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]}
	require.NotEqual(tb, s.day == "?", s.weekday == "?", "%s: EventBridge requires a question mark for one of the two days", expression)
	return s
}

func (s Cron) onDay(at time.Time) bool {
	return among(s.day, at.Day()) && among(s.month, int(at.Month())) && s.onWeekday(at) && among(s.year, at.Year())
}

func (s Cron) onWeekday(at time.Time) bool {
	field := s.weekday
	if i := slices.Index([]string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, field); i >= 0 {
		field = strconv.Itoa(i + 1)
	}
	day, nth, counted := strings.Cut(field, "#")
	return among(day, int(at.Weekday())+1) && (!counted || among(nth, (at.Day()-1)/7+1))
}

func among(field string, number int) bool {
	return field == "*" || field == "?" || slices.Contains(strings.Split(field, ","), strconv.Itoa(number))
}

// Starts returns the times at which the schedule starts something, in so many days
// from the first of January.
func (s Cron) Starts(year, days int) (starts []time.Time) {
	for i := range days {
		day := time.Date(year, time.January, 1+i, 0, 0, 0, 0, time.UTC)
		if !s.onDay(day) {
			continue
		}
		for minute := range 24 * 60 {
			at := day.Add(time.Duration(minute) * time.Minute)
			if among(s.minute, at.Minute()) && among(s.hour, at.Hour()) {
				starts = append(starts, at)
			}
		}
	}
	return starts
}

// LongestGap returns the longest time between two starts.
func (s Cron) LongestGap(tb testing.TB) (longest time.Duration) {
	tb.Helper()
	starts := s.Starts(2026, 60)
	require.Greater(tb, len(starts), 1)
	for i, start := range starts[1:] {
		longest = max(longest, start.Sub(starts[i]))
	}
	return longest
}
