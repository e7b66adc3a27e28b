package postgresql

import (
	"strings"
	"time"
)

// window is the shortest window that RDS accepts.
const window = 30 * time.Minute

// Windows returns the weekly maintenance window and the daily backup window, as RDS
// takes them. They begin at start, "tue:03:30" in UTC, and at backupStart, "22:15". If
// that is empty, the backup window ends half an hour before the maintenance. RDS
// refuses windows that overlap.
func Windows(start, backupStart string) (maintenance, backup string) {
	day, at, _ := strings.Cut(start, ":")
	begin, end := half(at)
	if nextDay[day] == "" {
		panic("postgresql: " + start + " is not a time of the week such as tue:03:30")
	}
	lastDay := day
	if end.Day() != begin.Day() {
		lastDay = nextDay[day]
	}
	if backupStart == "" {
		backupStart = begin.Add(-2 * window).Format(clock)
	}
	early, late := half(backupStart)
	return start + "-" + lastDay + ":" + end.Format(clock), early.Format(clock) + "-" + late.Format(clock)
}

const clock = "15:04"

// half returns the half hour that begins at a time of day.
func half(at string) (begin, end time.Time) {
	begin, err := time.Parse(clock, at)
	if err != nil {
		panic("postgresql: " + at + " is not a time of day such as 03:30")
	}
	return begin, begin.Add(window)
}

var nextDay = map[string]string{"mon": "tue", "tue": "wed", "wed": "thu", "thu": "fri", "fri": "sat", "sat": "sun", "sun": "mon"}
