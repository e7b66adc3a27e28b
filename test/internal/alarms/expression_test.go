package alarms

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// evaluated returns the last four or five points of an expression, the newest last.
func evaluated(t *testing.T, expression string, source *Source, names ...string) []float64 {
	t.Helper()
	alarm := Alarm{Queries: []Query{{ID: "result", Expression: expression}}, Periods: 3}
	for _, name := range names {
		alarm.Queries = append(alarm.Queries, plain(name))
	}
	e := &evaluation{alarm: alarm, source: source, length: 5, done: map[string]value{}}
	v, err := e.query("result")
	require.NoError(t, err, expression)
	return v.points
}

// same compares points, of which those that are missing equal nothing.
func same(t *testing.T, want string, got []float64, expression string) {
	t.Helper()
	words := numbers(want)
	require.Len(t, got, len(words), expression)
	for i := range words {
		if math.IsNaN(words[i]) {
			require.True(t, math.IsNaN(got[i]), "%s at %d: want nothing, got %v", expression, i, got[i])
			continue
		}
		require.InDelta(t, words[i], got[i], 1e-9, "%s at %d", expression, i)
	}
}

// The examples are AWS's own.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func TestExpressionsAreThoseOfAWSsExamples(t *testing.T) {
	comparison := map[string][]float64{"Metric1": numbers("- 30 20 0 0"), "Metric2": numbers("- 20 - 20 -")}
	choice := map[string][]float64{"Metric1": numbers("1 1 0 0 -"), "Metric2": numbers("30 - 0 0 30"), "Metric3": numbers("0 0 20 - 20")}
	for _, c := range []struct {
		metrics          map[string][]float64
		expression, want string
	}{
		{comparison, "(metric1 < metric2)", "- 0 0 1 0"},
		{comparison, "(metric1 >= 30)", "- 1 0 0 0"},
		{comparison, "(metric1 > 15 AND metric2 > 15)", "- 1 0 0 0"},
		{comparison, "metric1 > 15 && metric2 > 15", "- 1 0 0 0"},
		{comparison, "metric1 > 15 OR metric2 > 15", "- 1 1 1 0"},
		{comparison, "metric1 - metric2", "- 10 20 -20 0"},
		{comparison, "metric1 / metric2", "- 1.5 - 0 -"},
		{comparison, "-metric2 + 2 * (metric1 + 1)", "- 42 42 -18 2"},
		{comparison, "FILL(metric2, 7)", "7 20 7 20 7"},
		{comparison, "SUM([metric1, metric2])", "- 50 20 20 0"},
		{comparison, "MAX(METRICS())", "- 30 20 20 0"},
		{comparison, `MIN(METRICS("2"))`, "- 20 - 20 -"},
		{choice, "IF(metric1, metric2, metric3)", "30 0 20 - -"},
		{choice, "IF(metric1, 5, metric3)", "5 5 20 - -"},
		{choice, "IF(metric1, metric2, 5)", "30 0 5 5 -"},
		{choice, "IF(metric2 > 20, 10, 2)", "10 - 2 2 10"},
	} {
		var names []string
		for _, name := range []string{"Metric1", "Metric2", "Metric3"} {
			if c.metrics[name] != nil {
				names = append(names, name)
			}
		}
		same(t, c.want, evaluated(t, c.expression, over(c.metrics), names...), c.expression)
	}
}

// AWS does not say whether FILL fills a metric that has nothing at all.
func TestFillFillsAMetricWithoutDataOrNot(t *testing.T) {
	source := over(map[string][]float64{"Some": numbers("1 1 1 1 1")})
	same(t, "1 1 1 1 1", evaluated(t, "FILL(some, 0) + FILL(none, 0)", source, "Some", "None"), "filled")
	same(t, "3 3 3 3 3", evaluated(t, "FILL(none, 3)", source, "Some", "None"), "filled")
	source = over(map[string][]float64{"Some": numbers("1 1 1 1 1")})
	source.Unfilled = true
	same(t, "1 1 1 1 1", evaluated(t, "FILL(some, 0) + FILL(none, 0)", source, "Some", "None"), "not filled")
	same(t, "- - - - -", evaluated(t, "FILL(none, 3)", source, "Some", "None"), "not filled")
}

func TestWhatIsNotUnderstoodIsSaid(t *testing.T) {
	for expression, want := range map[string]string{
		"m +":             "expected operand",
		"(m":              "expected ')'",
		"m m":             "found m",
		"m ? 1":           "illegal character",
		"m ^ 2":           "not understood",
		"m.n":             "not understood",
		"RATE(m)":         "RATE",
		"SUM(m)":          "SUM",
		"nobody":          `no query "nobody"`,
		"FILL(m, REPEAT)": `no query "REPEAT"`,
		"* m":             "not understood",
	} {
		alarm := Alarm{
			Queries: []Query{plain("M"), {ID: "result", Expression: expression}},
			Watched: "result", Operator: "LessThanThreshold", Periods: 1,
		}
		_, err := alarm.State(over(nil), 0, OK)
		require.ErrorContains(t, err, want, expression)
	}
}

// The examples are AWS's own, but for the last three.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
func TestCompositeAlarmsHold(t *testing.T) {
	states := map[string]State{"CPU": InAlarm, "Disk": OK, "Network": OK, "arn:aws:x:y": InAlarm, "New": InsufficientData}
	for rule, want := range map[string]bool{
		"ALARM(CPU) AND ALARM(Disk)":                    false,
		"ALARM(CPU) AND NOT ALARM(Disk)":                true,
		"(ALARM(CPU) OR ALARM(Disk)) AND OK(Network)":   true,
		`ALARM("arn:aws:x:y") AND ALARM("CPU")`:         true,
		"TRUE AND INSUFFICIENT_DATA(New)":               true,
		"FALSE OR ALARM(CPU) AND ALARM(Disk)":           false,
		"NOT (ALARM(CPU) AND NOT OK(Disk)) OR OK(Disk)": true,
	} {
		holds, err := Holds(rule, states)
		require.NoError(t, err, rule)
		require.Equal(t, want, holds, rule)
	}
	for _, rule := range []string{"ALARM(Nobody)", "ALARM(CPU", "ALARM(CPU) AND", "PERHAPS(CPU)", "ALARM(CPU) ALARM(CPU)", "ALARM"} {
		_, err := Holds(rule, states)
		require.Error(t, err, rule)
	}
}
