package postgresql

import (
	"strings"
	"time"
)

// window is the shortest window that RDS accepts.
const window = 30 * time.Minute

// Windows returns the weekly maintenance window and the daily backup window, as RDS
// takes them. The maintenance begins at start, "tue:03:30" in UTC. The backup window
// ends half an hour before, since RDS refuses windows that overlap.
func Windows(start string) (maintenance, backup string) {
	day, at, _ := strings.Cut(start, ":")
	begin, err := time.Parse("15:04", at)
	if err != nil || nextDay[day] == "" {
		panic("postgresql: " + start + " is not a time of the week such as tue:03:30")
	}
	end, lastDay := begin.Add(window), day
	if end.Day() != begin.Day() {
		lastDay = nextDay[day]
	}
	early := begin.Add(-2 * window)
	return start + "-" + lastDay + end.Format(":15:04"), early.Format("15:04-") + early.Add(window).Format("15:04")
}

var nextDay = map[string]string{"mon": "tue", "tue": "wed", "wed": "thu", "thu": "fri", "fri": "sat", "sat": "sun", "sun": "mon"}
