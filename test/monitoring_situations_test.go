package test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/test/internal/alarms"
)

// drilled is an alarm of a template, as the evaluator takes it.
type drilled struct {
	placed
	alarms.Alarm

	// name is the id without the number of what is divided among several.
	name string
}

// tells reports whether the alarm notifies somebody: stricter alarms have their actions disabled,
// and a part of another alarm has no actions.
func (d drilled) tells() bool {
	return d.Properties["AlarmActions"] != nil && d.Properties["ActionsEnabled"] != false
}

var drilledAlarms = map[*environment]map[string]drilled{}

// drilledOf returns the metric alarms of an environment by their ids, a stack's
// after a dot where it is not the first to have one of that id.
func drilledOf(t *testing.T, env *environment) map[string]drilled {
	t.Helper()
	if drilledAlarms[env] != nil {
		return drilledAlarms[env]
	}
	found := map[string]drilled{}
	for _, alarm := range resourcesOf(t, env, alarmKind) {
		id := alarm.id
		if _, twice := found[id]; twice {
			id += "." + alarm.stack
		}
		found[id] = drilled{alarm, evaluatorsAlarm(t, env, alarm), strings.TrimRight(alarm.id, "0123456789")}
	}
	drilledAlarms[env] = found
	return found
}

func evaluatorsAlarm(t *testing.T, env *environment, alarm placed) alarms.Alarm {
	t.Helper()
	found := alarms.Alarm{
		Watched:  "watched",
		Operator: alarm.Properties["ComparisonOperator"].(string),
		Periods:  int(alarm.Properties["EvaluationPeriods"].(float64)),
		Missing:  alarm.Properties["TreatMissingData"].(string),
	}
	found.Threshold, _ = alarm.Properties["Threshold"].(float64)
	found.Band, _ = alarm.Properties["ThresholdMetricId"].(string)
	queries, several := alarm.Properties["Metrics"].([]any)
	if !several {
		found.Queries = []alarms.Query{evaluatorsQuery(t, env, "watched", alarm.Properties, alarm.Properties)}
		return found
	}
	for _, each := range queries {
		query := each.(props)
		id := query["Id"].(string)
		if query["ReturnData"] == true && id != found.Band {
			found.Watched = id
		}
		if expression, ok := query["Expression"].(string); ok {
			found.Queries = append(found.Queries, alarms.Query{ID: id, Expression: expression})
			continue
		}
		stat := query["MetricStat"].(props)
		found.Queries = append(found.Queries, evaluatorsQuery(t, env, id, stat["Metric"].(props), stat))
	}
	return found
}

// evaluatorsQuery returns a metric by its key in outages.yaml, with how it is
// summarized.
func evaluatorsQuery(t *testing.T, env *environment, id string, metric, stat props) alarms.Query {
	t.Helper()
	var words []string
	for _, name := range []string{"Statistic", "ExtendedStatistic", "Stat"} {
		if word, ok := stat[name].(string); ok {
			words = append(words, word)
		}
	}
	require.Len(t, words, 1, "the statistic of %v", metric)
	key := metric["MetricName"].(string)
	for name, value := range pairs(t, metric["Dimensions"], "Name") {
		if name == "Rule" || name == "ResourceType" {
			key += " " + strings.TrimPrefix(value.(string), env.Name()+"-")
		}
	}
	return alarms.Query{ID: id, Metric: key, Statistic: words[0], Minutes: int(stat["Period"].(float64)) / 60}
}

// situation is what an environment's metrics look like before minute 0, and
// from then on.
type situation struct {
	env           *environment
	every         map[string]int
	before, after map[string]values
	other         map[string]bool // the metrics that are not as on an ordinary day
	until         int             // the minute from which on all is as before
	only          string          // alarms whose ids start so; default: all
	expected      float64
	unfilled      bool
}

func (s situation) source() *alarms.Source {
	return &alarms.Source{
		Unfilled: s.unfilled,
		Metric: func(name string) func(minute int) []float64 {
			every, before, after := max(1, s.every[name]), s.before[name], s.before[name]
			if changed, ok := s.after[name]; ok {
				after = changed
			}
			return func(minute int) []float64 {
				switch {
				case minute%every != 0:
					return nil
				case minute > 0 && minute <= s.until:
					return after
				}
				return before
			}
		},
		// What is expected varies by a twentieth, and by a request a minute.
		Band: func(string, int) (expected, deviation float64) {
			return 5 * s.expected, 5 * (s.expected/20 + 1)
		},
	}
}

// concerns reports whether an alarm reads anything that is otherwise than on an
// ordinary day: on that day TestNoAlarmGoesOffOnAnOrdinaryDay asks all of them.
func (s situation) concerns(alarm alarms.Alarm) bool {
	if len(s.other) == 0 {
		return true
	}
	for _, query := range alarm.Queries {
		if s.other[query.Metric] {
			return true
		}
	}
	return false
}

// wentOff returns the minutes after which alarms were on for the first time, up to
// the last.
func (s situation) wentOff(t *testing.T, last int) map[string]int {
	t.Helper()
	on, source := map[string]int{}, s.source()
	for id, alarm := range drilledOf(t, s.env) {
		if !s.concerns(alarm.Alarm) || !strings.HasPrefix(id, s.only) {
			continue
		}
		state := alarms.OK
		for minute := 0; minute <= last; minute += stepOfDrill(alarm.Alarm, minute) {
			next, err := alarm.State(source, minute, state)
			require.NoError(t, err, "%s", alarm.placed)
			if state = next; state == alarms.InAlarm {
				on[id] = minute
				break
			}
		}
	}
	return s.withComposites(t, on)
}

// stepOfDrill returns how many minutes lie between two looks at an alarm: CloudWatch
// takes one, but over long periods, and long after the beginning, so little
// changes in a minute that more would only take time.
func stepOfDrill(alarm alarms.Alarm, minute int) int {
	longest := 1
	for _, query := range alarm.Queries {
		longest = max(longest, query.Minutes)
	}
	return max(1, min(longest/20, minute/10))
}

// withComposites adds the alarms made of others, which are on once all their
// parts are, and asks their own rules.
func (s situation) withComposites(t *testing.T, on map[string]int) map[string]int {
	t.Helper()
	all := maps.Clone(on)
	for _, composite := range resourcesOf(t, s.env, compositeKind) {
		var rule strings.Builder
		minutes := []int{}
		states := map[string]alarms.State{}
		for i, part := range at(t, composite.Properties["AlarmRule"], "Fn::Join", 1).([]any) {
			if i%2 == 0 {
				rule.WriteString(part.(string))
				continue
			}
			id := s.env.source(t, composite.stack, part).id
			rule.WriteString(id)
			states[id] = alarms.OK
			if minute, ok := on[id]; ok {
				states[id] = alarms.InAlarm
				minutes = append(minutes, minute)
			}
		}
		holds, err := alarms.Holds(rule.String(), states)
		require.NoError(t, err, "%s", composite)
		if holds {
			all[composite.id] = slices.Max(minutes)
		}
	}
	return all
}

// tellers returns the alarms in on that notify somebody, by their names.
func tellers(t *testing.T, env *environment, on map[string]int) map[string]int {
	t.Helper()
	found := map[string]int{}
	for id, minute := range on {
		alarm, metric := drilledOf(t, env)[id]
		switch {
		case !metric:
			found[id] = minute // of others
		case alarm.tells():
			found[alarm.name] = max(found[alarm.name], minute)
		}
	}
	return found
}

// namesOf returns the names of all alarms that notify somebody.
func namesOf(t *testing.T, env *environment) (names []string) {
	t.Helper()
	for _, alarm := range drilledOf(t, env) {
		if alarm.tells() {
			names = append(names, alarm.name)
		}
	}
	for _, composite := range resourcesOf(t, env, compositeKind) {
		names = append(names, composite.id)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func inMinutes(minutes int) string {
	switch {
	case minutes%1440 == 0:
		return fmt.Sprintf("%d days", minutes/1440)
	case minutes > 120 && minutes%60 == 0:
		return fmt.Sprintf("%d hours", minutes/60)
	}
	return fmt.Sprintf("%d minutes", minutes)
}
