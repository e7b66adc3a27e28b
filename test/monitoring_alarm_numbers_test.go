package test

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/internal/alarms"
)

// promised returns the numbers that a document says, in the order of the groups of a
// pattern. The text is one line.
func promised(t *testing.T, anchor, pattern string) (found []float64) {
	t.Helper()
	text := strings.Join(strings.Fields(sections(t, "../docs/alarms.md")[anchor]), " ")
	match := regexp.MustCompile(pattern).FindStringSubmatch(text)
	require.NotNil(t, match, "docs/alarms.md#%s no longer says %q", anchor, pattern)
	for _, word := range match[1:] {
		found = append(found, number(t, word))
	}
	return found
}

// promise is what docs/alarms.md says of an alarm: the pattern has the numbers,
// and of returns the metrics that just reach what they say, or with less than 1
// that part of it, and after how many minutes the alarm is then on.
type promise struct {
	alarm, pattern string
	of             func(cfg config.Config, said []float64, part float64) (metrics map[string]values, minutes float64)
}

// constant is a metric that is to reach a value for as many minutes as the
// document says first.
func constant(metric string, value func(cfg config.Config, said []float64) float64) func(config.Config, []float64,
	float64) (map[string]values, float64) {
	return func(cfg config.Config, said []float64, part float64) (map[string]values, float64) {
		return map[string]values{metric: {value(cfg, said) * part}}, said[0]
	}
}

// inFive returns a setting that is a number in five minutes.
func inFive(metric string, setting func(cfg config.Config) float64) func(config.Config, []float64, float64) (map[string]values, float64) {
	return constant(metric, func(cfg config.Config, said []float64) float64 { return setting(cfg) / said[0] })
}

// burning has requests fail at so many times the allowed rate.
func burning(cfg config.Config, said []float64, part float64) (map[string]values, float64) {
	return map[string]values{"HTTPCode_Target_5XX_Count": {600 * said[1] * part * (100 - cfg.SLO.AvailabilityPercent) / 100}}, said[0]
}

const hour, day = 60, 24 * 60

var promises = []promise{
	{"ErrorBudgetFast", `For the last hour and still in the last five minutes, requests fail at more than ([0-9.]+) times`,
		func(cfg config.Config, said []float64, part float64) (map[string]values, float64) {
			return burning(cfg, []float64{hour, said[0]}, part)
		}},
	{"ErrorBudgetSteady", `For (six) hours and still in the last half hour, requests fail at more than ([0-9.]+) times`,
		func(cfg config.Config, said []float64, part float64) (map[string]values, float64) {
			return burning(cfg, []float64{said[0] * hour, said[1]}, part)
		}},
	{"ErrorBudgetSlow", `On each of (three) days, and still in the last six hours, more requests failed than the objective allows`,
		func(cfg config.Config, said []float64, part float64) (map[string]values, float64) {
			return burning(cfg, []float64{said[0] * day, 1}, part)
		}},
	{"UnhealthyTasks", `has not answered its health check for (three) minutes`, constant("UnHealthyHostCount", of(1))},
	{"ErrorRate", "For (ten) minutes more than `alarms.errorRatePercent`", constant("HTTPCode_Target_5XX_Count",
		func(cfg config.Config, _ []float64) float64 { return 600 * cfg.Alarms.ErrorRatePercent / 100 })},
	{"RequestCount", "For (three) minutes more than `alarms.requestsPerMinute`", constant("RequestCount",
		func(cfg config.Config, _ []float64) float64 { return float64(cfg.Alarms.RequestsPerMinute) })},
	{"RequestsWithoutOriginHeader", `In (ten) minutes at least (half) of the requests`, constant("BlockedRequests origin",
		func(_ config.Config, said []float64) float64 { return 600 * said[1] / (1 - said[1]) })},
	{"WebACLFlood", "In (five) minutes the web ACL blocked as many requests as `alarms.requestsPerMinute`",
		func(cfg config.Config, said []float64, part float64) (map[string]values, float64) {
			return map[string]values{"BlockedRequests ALL": {part * float64(cfg.Alarms.RequestsPerMinute) / said[0]}, "BlockedRequests origin": {}}, said[0]
		}},
	{"SlowResponses", "For (fifteen) minutes one request in (twenty) took longer than `alarms.responseSeconds`",
		func(cfg config.Config, said []float64, part float64) (map[string]values, float64) {
			// Of a hundred, five and one to spare.
			samples := slices.Repeat(values{0.1}, 100)
			for i := range int(100/said[1]) + 1 {
				samples[i] = cfg.Alarms.ResponseSeconds * part
			}
			return map[string]values{"TargetResponseTime": samples}, said[0]
		}},
	{"TasksSaturated", `For (fifteen) minutes the tasks used (90) per cent of their processor`, constant("CPUUtilization", second)},
	{"TasksSaturated", `For (fifteen) minutes the tasks used (90) per cent of their processor or of their memory`, constant("MemoryUtilization", second)},
	{"DatabaseSaturated", `For more than (ten) minutes the busiest instance used (90) per cent`,
		func(_ config.Config, said []float64, part float64) (map[string]values, float64) {
			return map[string]values{"ACUUtilization": {said[1] * part}}, said[0] + 1
		}},
	{"RefusedDatabaseConnections", "`alarms.databaseFailures` times in (five) minutes", inFive("RefusedDatabaseConnections", databaseFailures)},
	{"DatabaseConnectionFailures", "`alarms.databaseFailures` connections in (five) minutes", inFive("DatabaseConnectionFailures", databaseFailures)},
	{"FailedAuthentications", "`alarms.authFailures` sign-ins failed in (five) minutes",
		inFive("FailedAuthentications", func(cfg config.Config) float64 { return float64(cfg.Alarms.AuthFailures) })},
	{"SQLInjectionAttempts", "`alarms.sqlInjections` times in (five) minutes", inFive("SQLInjectionAttempts", injections)},
	{"MalformedStatements", "`alarms.sqlInjections` times in (five) minutes", inFive("MalformedStatements", injections)},
	{"SQLInjectionRuleMatches", "`alarms.sqlInjections` requests in (five) minutes", inFive("BlockedRequests sql-injection", injections)},
}

func of(n float64) func(config.Config, []float64) float64 {
	return func(config.Config, []float64) float64 { return n }
}

// second returns the second number that the document says.
func second(_ config.Config, said []float64) float64 { return said[1] }

func databaseFailures(cfg config.Config) float64 { return float64(cfg.Alarms.DatabaseFailures) }

func injections(cfg config.Config) float64 { return float64(cfg.Alarms.SQLInjections) }

// minuteOf returns when an alarm is on for the first time while metrics are so, from
// an ordinary minute 0 on in which nothing fails, or -1.
func minuteOf(t *testing.T, env *environment, id string, metrics map[string]values, last int) int {
	t.Helper()
	calm := map[string]values{"HTTPCode_Target_5XX_Count": {}, "RequestCount": {600}, "TargetResponseTime": slices.Repeat(values{0.1}, 100)}
	s, _ := outages(t).situation(env, outage{Ordinary: calm, Metrics: metrics, Alarms: map[string]int{}}, false)
	s.only = id // and what it is made of
	if minute, on := s.wentOff(t, last)[id]; on {
		return minute
	}
	return -1
}

// Just below what the document says nothing happens, and at it the alarm is on
// when the document says so, by CloudWatch's reckoning.
func TestAlarmsKeepWhatTheirSectionsPromise(t *testing.T) {
	env, anchors := reference(t, "prod"), anchorsOf(t)
	for _, p := range promises {
		t.Run(p.alarm+" "+p.pattern, func(t *testing.T) {
			said := promised(t, anchors[p.alarm], p.pattern)
			reached, minutes := p.of(env.Config, said, 1.0001)
			last := int(math.Ceil(minutes))
			minute := minuteOf(t, env, p.alarm, reached, last+last/10)
			require.GreaterOrEqual(t, minute, last, "goes off too soon")
			below, _ := p.of(env.Config, said, 0.999)
			require.Equal(t, -1, minuteOf(t, env, p.alarm, below, 2*last+10), "goes off below what is promised")
		})
	}
}

// A stricter alarm has half the threshold and does not wait: just below half it is off, at
// half it is on after one period, while the alarm that it is stricter than is not.
func TestAStricterAlarmIsOnAtHalfThePromisedNumber(t *testing.T) {
	env, anchors := reference(t, "prod"), anchorsOf(t)
	text := strings.Join(strings.Fields(sections(t, "../docs/alarms.md")["how-soon"]), " ")
	require.Contains(t, text, "`...Stricter`: half the threshold, without waiting.")
	for stricter, original := range stricterAlarms(t, env) {
		threshold := drilledOf(t, env)[original].Threshold
		require.InDelta(t, max(1, math.Ceil(threshold/2)), drilledOf(t, env)[stricter].Threshold, 1e-9, stricter)
		require.Equal(t, 1, drilledOf(t, env)[stricter].Periods, stricter)
		for _, p := range promises {
			if p.alarm != original || threshold < 2 {
				continue
			}
			share := drilledOf(t, env)[stricter].Threshold / threshold
			said := promised(t, anchors[original], p.pattern)
			reached, _ := p.of(env.Config, said, share*1.0001)
			require.LessOrEqual(t, minuteOf(t, env, stricter, reached, 10), 5, stricter)
			require.NotEqual(t, -1, minuteOf(t, env, stricter, reached, 10), stricter)
			require.Equal(t, -1, minuteOf(t, env, original, reached, 30), original)
			below, _ := p.of(env.Config, said, share*0.999)
			require.Equal(t, -1, minuteOf(t, env, stricter, below, 30), stricter)
		}
	}
}

// Each number of a section is in a promise, or in the time of an outage.
func TestEverySectionThatSaysANumberKeepsIt(t *testing.T) {
	kept := map[string]bool{
		"TooFewTasks": true, "NoRequests": true, "TasksWithOldSecret": true, // test/outages.yaml: below
		"UnusualRequests": true, // a band
	}
	for _, p := range promises {
		kept[p.alarm] = true
	}
	alarms := namesOf(t, reference(t, "prod"))
	for name, anchor := range anchorsOf(t) {
		first, _, _ := strings.Cut(sections(t, "../docs/alarms.md")[anchor], "Look first:")
		if regexp.MustCompile(`\b(?:minutes|hours?|days|per cent)\b`).MatchString(first) && slices.Contains(alarms, name) {
			require.True(t, kept[name] || strings.Contains(first, "backup.rpoHours"), "docs/alarms.md#%s says a number: add it to promises in test/monitoring_alarm_numbers_test.go", anchor)
		}
	}
}

// These sections promise something about missing data.
func TestMissingDataRaisesAlarmsWhenTheirSectionsPromise(t *testing.T) {
	env, anchors := reference(t, "prod"), anchorsOf(t)
	for _, c := range []struct {
		alarm, pattern string
		metrics        map[string]values
		unit           float64
	}{
		{"TooFewTasks", `^\*\*CRITICAL\.\*\* For (five) minutes fewer tasks`, map[string]values{"HealthyHostCount": {2}}, 1},
		{"TooFewTasks", `Without any task it takes (seven) minutes`, map[string]values{"HealthyHostCount": {}}, 1},
		{"NoRequests", `For (seven) minutes no request got through`, map[string]values{"RequestCount": {}}, 1},
		{"TasksWithOldSecret", `At (three) checks in a row, an hour apart`, map[string]values{"TasksWithOldSecret": {1}}, hour},
		{"TasksWithOldSecret", `did not report for (five) hours`, map[string]values{"TasksWithOldSecret": {}}, hour},
	} {
		said := promised(t, anchors[c.alarm], c.pattern)[0] * c.unit
		minute := minuteOf(t, env, c.alarm, c.metrics, int(said)+60)
		require.InDelta(t, said, minute, 1+c.unit/10, "%s: %s", c.alarm, c.pattern)
	}
	copies := map[string]values{"NumberOfBackupJobsCompleted": {}, "NumberOfBackupJobsCompleted Aurora": {}}
	require.InDelta(t, env.Backup.RPOHours*hour, minuteOf(t, env, "BackupOverdue", copies, 3000), 60, "backup.rpoHours")
	twoTasks := map[string]values{"HealthyHostCount": {float64(env.Service.MinTasks)}}
	require.Equal(t, -1, minuteOf(t, env, "TooFewTasks", twoTasks, 60), "as many as needed")
}

// 502 and 504 are among the requests, as a task was chosen for them, and 503 are
// not.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func TestTheErrorRateIsTheShareOfAllRequests(t *testing.T) {
	env := reference(t, "prod")
	for name, c := range map[string]struct {
		requests, target, balancer, unrouted float64
		want                                 float64
	}{
		"nothing fails":                        {1000, 0, 0, 0, 0},
		"tasks answer five of a hundred":       {1000, 50, 0, 0, 5},
		"five of a hundred are 502":            {1000, 0, 50, 0, 5},
		"all are 504":                          {1000, 0, 1000, 0, 100},
		"all are 503":                          {0, 0, 1000, 1000, 100},
		"half are 503":                         {500, 0, 500, 500, 50},
		"a fifth 503, a fifth 504":             {800, 0, 400, 200, 40},
		"all are 504, if AWS left them out":    {0, 0, 1000, 0, 100},
		"all are 500 of the load balancer":     {0, 0, 1000, 0, 100},
		"tasks and load balancer fail at once": {900, 90, 110, 100, 20},
	} {
		for _, unfilled := range []bool{false, true} {
			metrics := map[string]values{}
			for metric, number := range map[string]float64{
				"RequestCount": c.requests, "HTTPCode_Target_5XX_Count": c.target,
				"HTTPCode_ELB_5XX_Count": c.balancer, "HTTPCode_ELB_503_Count": c.unrouted,
			} {
				if metrics[metric] = (values{}); number > 0 {
					metrics[metric] = values{number}
				}
			}
			s, _ := outages(t).situation(env, outage{Ordinary: metrics, Metrics: metrics}, unfilled)
			for id, alarm := range drilledOf(t, env) {
				if alarm.id != "ErrorRate" && !strings.HasPrefix(alarm.id, "ErrorBudget") {
					continue
				}
				for threshold, want := range map[float64]alarms.State{c.want - 0.01: alarms.InAlarm, c.want + 0.01: alarms.OK} {
					alarm.Threshold = threshold
					state, err := alarm.State(s.source(), 5000, alarms.OK)
					require.NoError(t, err)
					require.Equal(t, want, state, "%s: %s at %v", name, id, threshold)
				}
			}
		}
	}
}
