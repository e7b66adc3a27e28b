package alarms

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// made returns the points of AWS's tables: 0 is within the threshold, X beyond it.
func made(text string) (points []float64) {
	for _, point := range strings.Fields(text) {
		points = append(points, map[string]float64{"0": 0, "X": 1, "-": math.NaN()}[point])
	}
	return points
}

// over returns a source with a value a minute for each metric, the last one now.
func over(metrics map[string][]float64) *Source {
	return &Source{Metric: func(name string) func(minute int) []float64 {
		points := metrics[name]
		return func(minute int) []float64 {
			at := len(points) - 1 + minute
			if at < 0 || at >= len(points) || math.IsNaN(points[at]) {
				return nil
			}
			return []float64{points[at]}
		}
	}}
}

// numbers returns points, of which - is missing.
func numbers(text string) (points []float64) {
	for _, word := range strings.Fields(text) {
		point, err := strconv.ParseFloat(word, 64)
		if err != nil {
			point = math.NaN()
		}
		points = append(points, point)
	}
	return points
}

func plain(name string) Query {
	return Query{ID: strings.ToLower(name), Metric: name, Statistic: "Sum", Minutes: 1}
}

// The tables of AWS's page on missing data, whole: what the alarm sees, and its
// state with missing data as missing, ignored, bad and good.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func TestMissingDataCountsAsInAWSsTables(t *testing.T) {
	const none, retained = InsufficientData, State("RETAINED")
	for _, row := range []struct {
		points                     string
		of                         int
		missing, ignore, bad, good State
	}{
		{"0 - X - X", 3, OK, OK, OK, OK},
		{"0 - - - -", 3, OK, OK, OK, OK},
		{"- - - - -", 3, none, retained, InAlarm, OK},
		{"0 X X - X", 3, InAlarm, InAlarm, InAlarm, InAlarm},
		{"- - X - -", 3, InAlarm, retained, InAlarm, OK},
		{"0 - X - X", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0 0 X 0 X", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0 - X - -", 2, OK, OK, InAlarm, OK},
		{"- - - - 0", 2, OK, OK, InAlarm, OK},
		{"- - - X -", 2, InAlarm, retained, InAlarm, OK},
		// Of the text below the tables: too early to say.
		{"- - - - X", 3, retained, retained, InAlarm, OK},
		{"- - - X -", 3, retained, retained, InAlarm, OK},
	} {
		for treatment, want := range map[string]State{"missing": row.missing, "": row.missing, "ignore": row.ignore,
			"breaching": row.bad, "notBreaching": row.good} {
			alarm := Alarm{
				Queries: []Query{plain("M")}, Watched: "m", Operator: "GreaterThanOrEqualToThreshold", Threshold: 1,
				Periods: 3, Datapoints: row.of, Missing: treatment,
			}
			state, err := alarm.State(over(map[string][]float64{"M": made(row.points)}), 0, retained)
			require.NoError(t, err)
			require.Equal(t, want, state, "%d of 3, %s: %s", row.of, row.points, treatment)
		}
	}
}

func TestOperatorsCompareAtTheThreshold(t *testing.T) {
	for operator, want := range map[string][3]State{
		"GreaterThanOrEqualToThreshold": {OK, InAlarm, InAlarm},
		"GreaterThanThreshold":          {OK, OK, InAlarm},
		"LessThanOrEqualToThreshold":    {InAlarm, InAlarm, OK},
		"LessThanThreshold":             {InAlarm, OK, OK},
	} {
		for i, v := range []float64{4, 5, 6} {
			alarm := Alarm{Queries: []Query{plain("M")}, Watched: "m", Operator: operator, Threshold: 5, Periods: 1}
			state, err := alarm.State(over(map[string][]float64{"M": {v}}), 0, OK)
			require.NoError(t, err)
			require.Equal(t, want[i], state, "%v %s 5", v, operator)
		}
	}
}

func TestABandIsLeftOnTheSideOfTheOperator(t *testing.T) {
	for operator, want := range map[string][3]State{
		"GreaterThanUpperThreshold":                {OK, OK, InAlarm},
		"LessThanLowerThreshold":                   {InAlarm, OK, OK},
		"LessThanLowerOrGreaterThanUpperThreshold": {InAlarm, OK, InAlarm},
	} {
		for i, v := range []float64{60, 100, 140} {
			alarm := Alarm{
				Queries: []Query{plain("M"), {ID: "band", Expression: "ANOMALY_DETECTION_BAND(m, 3)"}},
				Watched: "m", Band: "band", Operator: operator, Periods: 1,
			}
			source := over(map[string][]float64{"M": {v}})
			source.Band = func(string, int) (float64, float64) { return 100, 10 }
			state, err := alarm.State(source, 0, OK)
			require.NoError(t, err)
			require.Equal(t, want[i], state, "%v %s", v, operator)
		}
	}
}

func TestAPeriodIsSummarized(t *testing.T) {
	for name, want := range map[string]float64{
		"Sum": 55, "Average": 5.5, "Maximum": 10, "Minimum": 1, "SampleCount": 10, "p95": 10, "p50": 5, "p10": 1,
	} {
		got, err := statistic(name, []float64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5})
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
	_, err := statistic("tm90", []float64{1})
	require.ErrorContains(t, err, `"tm90"`)
}

// A period of five minutes has the samples of five minutes, the last one too.
func TestTheWindowSlidesAndEndsWithTheMinute(t *testing.T) {
	query := plain("M")
	query.Minutes = 5
	alarm := Alarm{Queries: []Query{query}, Watched: "m", Operator: "GreaterThanOrEqualToThreshold", Threshold: 15, Periods: 1}
	source := over(map[string][]float64{"M": {100, 1, 2, 3, 4, 5}})
	state, err := alarm.State(source, 0, OK)
	require.NoError(t, err)
	require.Equal(t, InAlarm, state)
	alarm.Threshold = 16
	state, err = alarm.State(source, 0, OK)
	require.NoError(t, err)
	require.Equal(t, OK, state)
}
