package alarms

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// kind is the kind of a value of metric math.
type kind int

const (
	scalar kind = iota
	series
	array
)

// value is a number, a time series over the evaluation range, or several. A
// point that is missing is NaN.
type value struct {
	kind   kind
	number float64
	points []float64
	all    []value
}

func number(n float64) value { return value{kind: scalar, number: n} }

// at returns the value in a period.
func (v value) at(i int) float64 {
	if v.kind == scalar {
		return v.number
	}
	return v.points[i]
}

// evaluation is the evaluation of one alarm at one minute.
type evaluation struct {
	alarm  Alarm
	source *Source
	minute int
	length int // periods in the evaluation range
	done   map[string]value
}

// query returns what a query of the alarm comes to.
func (e *evaluation) query(id string) (value, error) {
	if v, ok := e.done[id]; ok {
		return v, nil
	}
	for _, query := range e.alarm.Queries {
		if query.ID != id {
			continue
		}
		v, err := e.compute(query)
		e.done[id] = v
		return v, err
	}
	return value{}, fmt.Errorf("no query %q", id)
}

func (e *evaluation) compute(query Query) (value, error) {
	if query.Expression == "" {
		return e.metric(query)
	}
	tree, err := e.source.parse(query.Expression)
	if err != nil {
		return value{}, err
	}
	return e.eval(tree)
}

// metric summarizes the periods of a metric. The last one ends with the minute,
// as the window of an alarm slides.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
func (e *evaluation) metric(query Query) (value, error) {
	v := value{kind: series, points: make([]float64, e.length)}
	for i := range v.points {
		point, err := e.source.summarize(summary{query.Metric, query.Statistic, query.Minutes, e.minute - (e.length-1-i)*query.Minutes})
		if err != nil {
			return value{}, err
		}
		v.points[i] = point
	}
	return v, nil
}

// eval evaluates an expression.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func (e *evaluation) eval(tree node) (value, error) {
	switch {
	case tree.name == "":
		return number(tree.number), nil
	case len(tree.arguments) == 0 && !tree.call:
		return e.query(tree.name)
	case tree.name == "METRICS":
		return e.metrics(tree)
	case tree.name == "ANOMALY_DETECTION_BAND":
		return e.band(tree)
	}
	arguments := make([]value, len(tree.arguments))
	for i, argument := range tree.arguments {
		v, err := e.eval(argument)
		if err != nil {
			return value{}, err
		}
		arguments[i] = v
	}
	return e.apply(tree, arguments)
}

func (e *evaluation) apply(tree node, arguments []value) (value, error) {
	switch {
	case tree.name == "ARRAY":
		return value{kind: array, all: arguments}, nil
	case tree.name == "IF" && len(arguments) == 3:
		return e.choose(arguments[0], arguments[1], arguments[2]), nil
	case tree.name == "FILL" && len(arguments) == 2:
		return e.fill(arguments[0], arguments[1])
	case folds[tree.name] != nil && len(arguments) == 1:
		return e.fold(arguments[0], folds[tree.name])
	case operators[tree.name] != nil && len(arguments) == 2:
		return e.pairs(arguments[0], arguments[1], operators[tree.name])
	}
	return value{}, fmt.Errorf("%s with these arguments is not known here", tree.name)
}

// operators take two values. A division by zero drops the point.
var operators = map[string]func(a, b float64) float64{
	"+": func(a, b float64) float64 { return a + b },
	"-": func(a, b float64) float64 { return a - b },
	"*": func(a, b float64) float64 { return a * b },
	"/": func(a, b float64) float64 {
		if b == 0 {
			return math.NaN()
		}
		return a / b
	},
	"==":  func(a, b float64) float64 { return truth(a == b) },
	"!=":  func(a, b float64) float64 { return truth(a != b) },
	"<=":  func(a, b float64) float64 { return truth(a <= b) },
	">=":  func(a, b float64) float64 { return truth(a >= b) },
	"<":   func(a, b float64) float64 { return truth(a < b) },
	">":   func(a, b float64) float64 { return truth(a > b) },
	"AND": func(a, b float64) float64 { return truth(a != 0 && b != 0) },
	"OR":  func(a, b float64) float64 { return truth(a != 0 || b != 0) },
}

func truth(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// pairs applies an operator. Between two series a missing value is zero where
// the other has one; with a number nothing comes of it.
func (e *evaluation) pairs(a, b value, operator func(a, b float64) float64) (value, error) {
	if a.kind == array || b.kind == array {
		return value{}, errors.New("an operator on an array is not known here")
	}
	if a.kind == scalar && b.kind == scalar {
		return number(operator(a.number, b.number)), nil
	}
	return e.each(func(i int) float64 {
		x, y := a.at(i), b.at(i)
		if a.kind == series && b.kind == series && !(math.IsNaN(x) && math.IsNaN(y)) {
			x, y = orZero(x), orZero(y)
		}
		if math.IsNaN(x) || math.IsNaN(y) {
			return math.NaN()
		}
		return operator(x, y)
	}), nil
}

func orZero(n float64) float64 {
	if math.IsNaN(n) {
		return 0
	}
	return n
}

// choose evaluates IF: dropped without a condition, zero where it holds and the first
// has no value, dropped where it does not and the second has none.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#using-IF-expressions
func (e *evaluation) choose(condition, yes, no value) value {
	return e.each(func(i int) float64 {
		switch c := condition.at(i); {
		case math.IsNaN(c):
			return math.NaN()
		case c != 0:
			return orZero(yes.at(i))
		}
		return no.at(i)
	})
}

func (e *evaluation) fill(filled, with value) (value, error) {
	if filled.kind != series || with.kind != scalar {
		return value{}, errors.New("FILL is known here of one series with a number")
	}
	if e.source.Unfilled && !slices.ContainsFunc(filled.points, func(v float64) bool { return !math.IsNaN(v) }) {
		return filled, nil
	}
	return e.each(func(i int) float64 {
		if math.IsNaN(filled.points[i]) {
			return with.number
		}
		return filled.points[i]
	}), nil
}

// folds make one series of an array of them.
var folds = map[string]func(a, b float64) float64{
	"SUM": operators["+"], "MAX": math.Max, "MIN": math.Min,
}

func (e *evaluation) fold(all value, of func(a, b float64) float64) (value, error) {
	if all.kind != array {
		return value{}, errors.New("SUM, MAX and MIN of one series differ by how much an alarm looks at, and AWS advises against them")
	}
	return e.each(func(i int) float64 {
		result := math.NaN()
		for _, one := range all.all {
			switch v := one.at(i); {
			case math.IsNaN(result):
				result = v
			case !math.IsNaN(v):
				result = of(result, v)
			}
		}
		return result
	}), nil
}

func (e *evaluation) each(of func(i int) float64) value {
	v := value{kind: series, points: make([]float64, e.length)}
	for i := range v.points {
		v.points[i] = of(i)
	}
	return v
}

// metrics returns the alarm's metrics: all, or those with a text in their ids.
func (e *evaluation) metrics(tree node) (value, error) {
	with := ""
	if len(tree.arguments) == 1 {
		with = tree.arguments[0].text
	}
	found := value{kind: array}
	for _, query := range e.alarm.Queries {
		if query.Expression == "" && strings.Contains(query.ID, with) {
			v, err := e.query(query.ID)
			if err != nil {
				return value{}, err
			}
			found.all = append(found.all, v)
		}
	}
	return found, nil
}

// band returns the upper limit of what is expected, then the lower.
func (e *evaluation) band(tree node) (value, error) {
	wide := 2.0
	if len(tree.arguments) == 2 {
		wide = tree.arguments[1].number
	}
	for _, query := range e.alarm.Queries {
		if len(tree.arguments) == 0 || query.ID != tree.arguments[0].name || query.Expression != "" {
			continue
		}
		limit := func(side float64) value {
			return e.each(func(i int) float64 {
				expected, deviation := e.source.Band(query.Metric, e.minute-(e.length-1-i)*query.Minutes)
				return expected + side*wide*deviation
			})
		}
		return value{kind: array, all: []value{limit(1), limit(-1)}}, nil
	}
	return value{}, errors.New("a band of something other than a metric of the alarm")
}
