package postgresql

import (
	"strings"
	"time"
)

// window is how long RDS wants a window to be at least.
const window = 30 * time.Minute

// Windows returns when AWS may patch the cluster, each week, and when it makes
// its backup, each day, as RDS takes them. The maintenance begins at start,
// "tue:03:30" in UTC; the backup is over half an hour before, as RDS refuses two
// that overlap. Both are empty where start is: then AWS draws them by lot.
func Windows(start string) (maintenance, backup string) {
	if start == "" {
		return "", ""
	}
	day, at, _ := strings.Cut(start, ":")
	begin, err := time.Parse("15:04", at)
	if err != nil || nextDay[day] == "" {
		panic("constructs/postgresql: " + start + " is no time of the week such as tue:03:30")
	}
	end, lastDay := begin.Add(window), day
	if end.Day() != begin.Day() {
		lastDay = nextDay[day]
	}
	early := begin.Add(-2 * window)
	return start + "-" + lastDay + end.Format(":15:04"), early.Format("15:04-") + early.Add(window).Format("15:04")
}

var nextDay = map[string]string{"mon": "tue", "tue": "wed", "wed": "thu", "thu": "fri", "fri": "sat", "sat": "sun", "sun": "mon"}
