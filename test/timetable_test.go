package test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// timetable is a cron expression of AWS, as far as ours go: in each field a
// number, a list of them, or any, and for the day of the week also its name or
// which one of the month. Sunday is 1.
type timetable struct{ minute, hour, day, month, weekday, year string }

func newTimetable(t *testing.T, expression any) timetable {
	t.Helper()
	text, found := strings.CutPrefix(expression.(string), "cron(")
	require.True(t, found, expression)
	fields := strings.Fields(strings.TrimSuffix(text, ")"))
	require.Len(t, fields, 6, expression)
	s := timetable{fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]}
	require.NotEqual(t, s.day == "?", s.weekday == "?", "%s: AWS wants a question mark for one of the two days", expression)
	return s
}

func (s timetable) onDay(at time.Time) bool {
	return among(s.day, at.Day()) && among(s.month, int(at.Month())) && s.onWeekday(at) && among(s.year, at.Year())
}

func (s timetable) onWeekday(at time.Time) bool {
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

// starts are the times at which it fires, from the start of a year on.
func (s timetable) starts(year, days int) (starts []time.Time) {
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

// longestGap is the longest time from one start to the next, nights included.
func (s timetable) longestGap(t *testing.T) (longest time.Duration) {
	t.Helper()
	starts := s.starts(2026, 60)
	require.Greater(t, len(starts), 1)
	for i, start := range starts[1:] {
		longest = max(longest, start.Sub(starts[i]))
	}
	return longest
}

func TestSchedulesAreReadAsAWSReadsThem(t *testing.T) {
	for expression, want := range map[string][]string{
		"cron(0 1,13 * * ? *)":       {"01-01 01:00", "01-01 13:00", "01-02 01:00"},
		"cron(30 5 ? * SUN *)":       {"01-04 05:30", "01-11 05:30", "01-18 05:30"},
		"cron(0 8 ? 1,4,7,10 2#1 *)": {"01-05 08:00", "04-06 08:00", "07-06 08:00"},
		"cron(0 0 29 2 ? 2028)":      {},
	} {
		var got []string
		for _, start := range newTimetable(t, expression).starts(2026, 365) {
			got = append(got, start.Format("01-02 15:04"))
		}
		require.Equal(t, want, append([]string{}, got[:min(3, len(got))]...), expression)
	}
	require.Equal(t, 20*time.Hour, newTimetable(t, "cron(0 1,5 * * ? *)").longestGap(t), "over midnight")
}
