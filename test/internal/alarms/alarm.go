// Package alarms evaluates alarms of CloudWatch over metric data that is made
// up: which state an alarm is in at a minute, by AWS's own description of
// statistics, metric math, missing data and composite alarms. It knows neither
// CDK nor the alarms of this repository.
package alarms

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// State is the state of an alarm.
type State string

// The states.
const (
	OK               State = "OK"
	InAlarm          State = "ALARM"
	InsufficientData State = "INSUFFICIENT_DATA"
)

// Query is a metric or an expression that an alarm takes.
type Query struct {
	ID string

	// Metric is what the data knows a metric by, Minutes the length of a period.
	Metric, Statistic string
	Minutes           int

	// Expression is metric math over other queries. Default: none, a metric.
	Expression string
}

// Alarm is a metric alarm.
type Alarm struct {
	Queries []Query

	// Watched is the query that is compared, by Operator, with Threshold or, where
	// Band is not empty, with the query of that id, which is a band.
	Watched, Operator, Band string
	Threshold               float64

	// Periods is N, Datapoints M of an alarm that wants M of N. Datapoints of 0
	// is N.
	Periods, Datapoints int

	// Missing is what missing data counts as: missing, ignore, breaching or
	// notBreaching. Default: missing.
	Missing string
}

// Source is the data that alarms are evaluated over. It remembers what it was
// asked: the alarms of one environment ask much the same.
type Source struct {
	// Metric returns what a metric reported in each minute; none is missing data.
	Metric func(name string) func(minute int) []float64

	// Band is what anomaly detection expects of a metric in the period that ends
	// with a minute, one standard deviation wide on each side.
	Band func(name string, minute int) (expected, deviation float64)

	// Unfilled leaves a metric without any data in the evaluation range without
	// data in FILL too. AWS does not say which it is.
	Unfilled bool

	summaries map[summary]float64
	trees     map[string]node
}

// summary is a period of a metric, which ends with the minute.
type summary struct {
	metric, statistic string
	minutes, minute   int
}

// summarize returns the statistic of a period, NaN if there is no data.
func (s *Source) summarize(of summary) (float64, error) {
	if known, ok := s.summaries[of]; ok {
		return known, nil
	}
	var samples []float64
	in := s.Metric(of.metric)
	for minute := of.minute - of.minutes + 1; minute <= of.minute; minute++ {
		samples = append(samples, in(minute)...)
	}
	v, err := statistic(of.statistic, samples)
	if s.summaries == nil {
		s.summaries = map[summary]float64{}
	}
	s.summaries[of] = v
	return v, err
}

func (s *Source) parse(expression string) (node, error) {
	if known, ok := s.trees[expression]; ok {
		return known, nil
	}
	tree, err := parse(expression)
	if err == nil {
		if s.trees == nil {
			s.trees = map[string]node{}
		}
		s.trees[expression] = tree
	}
	return tree, err
}

// extraPeriods is how many more periods than it must look at an alarm takes, in
// case some have no data. AWS names no number; in its examples it is two.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
const extraPeriods = 2

// State returns the state of an alarm after a minute, which was in another, or
// the same, before.
func (a Alarm) State(source *Source, minute int, before State) (State, error) {
	e := &evaluation{alarm: a, source: source, minute: minute, length: a.Periods + extraPeriods, done: map[string]value{}}
	watched, err := e.query(a.Watched)
	if err != nil {
		return "", err
	}
	breaching, err := e.breaching(watched)
	if err != nil {
		return "", err
	}
	return a.judge(breaching, before)
}

// point is what an alarm sees of a period.
type point int

const (
	missing point = iota
	good
	bad
)

// judge returns the state by the points of the evaluation range, the newest
// last. AWS's rules, by its examples:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func (a Alarm) judge(points []point, before State) (State, error) {
	least := a.Datapoints
	if least == 0 {
		least = a.Periods
	}
	var real []point
	for _, each := range points {
		if each != missing {
			real = append(real, each)
		}
	}
	if len(real) >= a.Periods { // what missing data counts as is not asked
		return among(count(real[len(real)-a.Periods:], bad) >= least), nil
	}
	return a.fill(points, real, least, before)
}

// fill returns the state by too few real points, and what missing data counts
// as.
func (a Alarm) fill(points, real []point, least int, before State) (State, error) {
	beyond := count(real, bad)
	switch a.Missing {
	case "breaching":
		return among(beyond+a.Periods-len(real) >= least), nil
	case "notBreaching":
		return among(beyond >= least), nil
	case "ignore":
		return sparse(real, least, before, before), nil
	case "missing", "":
		// All that is known is bad, and has been for long enough.
		if beyond > 0 && beyond == len(real) && len(points)-slices.Index(points, bad) >= least {
			return InAlarm, nil
		}
		return sparse(real, least, before, InsufficientData), nil
	}
	return "", fmt.Errorf("missing data counts as %q, which CloudWatch does not know", a.Missing)
}

// sparse returns the state by too few real points, of which nothing is filled in.
func sparse(real []point, least int, before, without State) State {
	switch {
	case len(real) == 0:
		return without
	case count(real, bad) >= least:
		return InAlarm
	case count(real, good) > 0:
		return OK
	}
	return before
}

func among(alarm bool) State {
	if alarm {
		return InAlarm
	}
	return OK
}

func count(points []point, kind point) (n int) {
	for _, each := range points {
		if each == kind {
			n++
		}
	}
	return n
}

// breaching says of each point of a series whether it is beyond the threshold.
func (e *evaluation) breaching(watched value) ([]point, error) {
	if watched.kind != series {
		return nil, fmt.Errorf("%s is not a single time series", e.alarm.Watched)
	}
	low, high, err := e.limits()
	if err != nil {
		return nil, err
	}
	beyond := compared[e.alarm.Band != ""][e.alarm.Operator]
	if beyond == nil {
		return nil, fmt.Errorf("the operator %q does not go with the threshold", e.alarm.Operator)
	}
	points := make([]point, e.length)
	for i, v := range watched.points {
		switch {
		case math.IsNaN(v):
		case beyond(v, low.at(i), high.at(i)):
			points[i] = bad
		default:
			points[i] = good
		}
	}
	return points, nil
}

// limits returns the threshold twice, or the limits of the band.
func (e *evaluation) limits() (low, high value, err error) {
	if e.alarm.Band == "" {
		return number(e.alarm.Threshold), number(e.alarm.Threshold), nil
	}
	band, err := e.query(e.alarm.Band)
	if err == nil && (band.kind != array || len(band.all) != 2) {
		err = fmt.Errorf("%s is not a band", e.alarm.Band)
	}
	if err != nil {
		return value{}, value{}, err
	}
	return band.all[1], band.all[0], nil
}

// compared are the operators: whether a value is beyond the limits below and
// above, which are one where there is not a band.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
var compared = map[bool]map[string]func(v, low, high float64) bool{
	false: {
		"GreaterThanOrEqualToThreshold": func(v, _, high float64) bool { return v >= high },
		"GreaterThanThreshold":          func(v, _, high float64) bool { return v > high },
		"LessThanOrEqualToThreshold":    func(v, low, _ float64) bool { return v <= low },
		"LessThanThreshold":             func(v, low, _ float64) bool { return v < low },
	},
	true: {
		"GreaterThanUpperThreshold":                func(v, _, high float64) bool { return v > high },
		"LessThanLowerThreshold":                   func(v, low, _ float64) bool { return v < low },
		"LessThanLowerOrGreaterThanUpperThreshold": func(v, low, high float64) bool { return v < low || v > high },
	},
}

// statistic summarizes the samples of a period, and is NaN without any.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
func statistic(name string, samples []float64) (float64, error) {
	if len(samples) == 0 {
		return math.NaN(), nil
	}
	sum := 0.0
	for _, sample := range samples {
		sum += sample
	}
	switch name {
	case "Sum":
		return sum, nil
	case "Average":
		return sum / float64(len(samples)), nil
	case "Maximum":
		return slices.Max(samples), nil
	case "Minimum":
		return slices.Min(samples), nil
	case "SampleCount":
		return float64(len(samples)), nil
	}
	percent, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64)
	if err != nil || !strings.HasPrefix(name, "p") {
		return 0, fmt.Errorf("the statistic %q is not known here", name)
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[max(0, int(math.Ceil(percent/100*float64(len(sorted))))-1)], nil
}
