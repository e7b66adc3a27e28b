package test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// values are what a metric has in a minute: one, several, or none.
type values []float64

func (v *values) UnmarshalYAML(node *yaml.Node) error {
	switch {
	case node.Value == "none":
		*v = values{}
		return nil
	case node.Kind == yaml.SequenceNode:
		return node.Decode((*[]float64)(v))
	}
	*v = values{0}
	return node.Decode(&(*v)[0])
}

// outage is an entry of outages.yaml.
type outage struct {
	What string   `yaml:"what"`
	In   []string `yaml:"in"`

	// Minutes is how long the drill looks, For how long it lasts. Default: an
	// hour, and as long as the drill looks.
	Minutes int `yaml:"minutes"`
	For     int `yaml:"for"`

	// Expected is how many requests a minute anomaly detection expects. Default:
	// those of an ordinary day.
	Expected *float64 `yaml:"expected"`

	// Ordinary is what is otherwise than on an ordinary day beforehand, Metrics
	// from then on.
	Ordinary map[string]values `yaml:"ordinary"`
	Metrics  map[string]values `yaml:"metrics"`

	// Alarms go off within so many minutes.
	Alarms map[string]int `yaml:"alarms"`
}

type drillData struct {
	Every    map[string]int               `yaml:"every"`
	Ordinary map[string]map[string]values `yaml:"ordinary"`
	Quiet    []outage                     `yaml:"quiet"`
	Outages  []outage                     `yaml:"outages"`
}

var outageData drillData

// outages returns outages.yaml, which is read once.
func outages(t *testing.T) drillData {
	t.Helper()
	if outageData.Outages == nil {
		decoder := yaml.NewDecoder(strings.NewReader(read(t, "outages.yaml")))
		decoder.KnownFields(true)
		require.NoError(t, decoder.Decode(&outageData), "test/outages.yaml")
	}
	return outageData
}

// ordinary returns a day of an environment: what prod's metrics are, but for those
// that are written.
func (d drillData) ordinary(env *environment) map[string]values {
	all := maps.Clone(d.Ordinary["prod"])
	maps.Copy(all, d.Ordinary[env.Environment])
	return all
}

// situation returns an entry in an environment, to be looked at for so many minutes.
func (d drillData) situation(env *environment, o outage, unfilled bool) (s situation, last int) {
	before := d.ordinary(env)
	s = situation{env: env, every: d.Every, before: before, after: o.Metrics, other: map[string]bool{}, unfilled: unfilled,
		expected: before["RequestCount"][0], until: cmp.Or(o.For, math.MaxInt)}
	maps.Copy(before, o.Ordinary)
	if o.Expected != nil {
		s.expected = *o.Expected
	}
	// Before a night is a night.
	if o.Alarms == nil && o.For == 0 {
		maps.Copy(before, o.Metrics)
	}
	for _, unusual := range []map[string]values{o.Ordinary, o.Metrics} {
		for name := range unusual {
			s.other[name] = true
		}
	}
	return s, cmp.Or(o.Minutes, 60)
}

// inEach runs a check in every environment of an entry, whichever way CloudWatch
// fills a metric that has no data at all.
func inEach(t *testing.T, entries []outage, check func(t *testing.T, env *environment, o outage, unfilled bool)) {
	t.Helper()
	for _, o := range entries {
		for _, suffix := range o.In {
			for _, unfilled := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, unfilled %t", o.What, suffix, unfilled), func(t *testing.T) {
					check(t, reference(t, suffix), o, unfilled)
				})
			}
		}
	}
}

func TestEveryOutageRaisesItsAlarmsInTime(t *testing.T) {
	data := outages(t)
	inEach(t, data.Outages, func(t *testing.T, env *environment, o outage, unfilled bool) {
		s, last := data.situation(env, o, unfilled)
		on := s.wentOff(t, last)
		found := tellers(t, env, on)
		require.ElementsMatch(t, slices.Collect(maps.Keys(o.Alarms)), slices.Collect(maps.Keys(found)), "which alarms go off")
		for name, within := range o.Alarms {
			require.LessOrEqual(t, found[name], within, "%s goes off after %d minutes", name, found[name])
		}
		for id, original := range stricterAlarms(t, env) {
			if minute, ok := on[original]; ok {
				require.Contains(t, on, id, "a stricter alarm goes off with the alarm that it is stricter than")
				require.LessOrEqual(t, on[id], minute, id)
			}
		}
	})
}

func TestNoAlarmGoesOffOnAnOrdinaryDay(t *testing.T) {
	data := outages(t)
	inEach(t, data.Quiet, func(t *testing.T, env *environment, o outage, unfilled bool) {
		s, last := data.situation(env, o, unfilled)
		require.Empty(t, tellers(t, env, s.wentOff(t, last)))
	})
}

// An alarm that nothing sets off is one that nobody has thought of.
func TestEveryAlarmHasAnOutageThatSetsItOff(t *testing.T) {
	var named []string
	for _, o := range outages(t).Outages {
		named = append(named, slices.Collect(maps.Keys(o.Alarms))...)
	}
	for _, env := range allEnvironments(t) {
		require.Subset(t, named, namesOf(t, env), "%s: add what sets the alarm off to test/outages.yaml", env.Environment)
	}
}

// A metric without made data would be one without data, and a name misspelt one
// that nothing reads.
func TestEveryMetricHasDataAndAllDataHasAMetric(t *testing.T) {
	data, read := outages(t), map[string]bool{}
	for _, env := range allEnvironments(t) {
		for _, alarm := range drilledOf(t, env) {
			for _, query := range alarm.Queries {
				if query.Expression == "" {
					read[query.Metric] = true
				}
			}
		}
	}
	made := data.Ordinary["prod"]
	require.ElementsMatch(t, slices.Collect(maps.Keys(read)), slices.Collect(maps.Keys(made)), "the metrics of ordinary.prod in test/outages.yaml")
	for _, o := range slices.Concat(data.Quiet, data.Outages) {
		for name := range o.Metrics {
			require.Contains(t, made, name, o.What)
		}
	}
}

// outagesTable returns the part of docs/alarms.md that shows the outages.
func outagesTable(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	anchors := anchorsOf(t)
	text.WriteString("| outage | reported by, within |\n| --- | --- |\n")
	for _, o := range outages(t).Outages {
		var cells []string
		for _, name := range slices.Sorted(maps.Keys(o.Alarms)) {
			cells = append(cells, fmt.Sprintf("[%s](#%s) %s", name, anchors[name], inMinutes(o.Alarms[name])))
		}
		fmt.Fprintf(&text, "| %s | %s |\n", o.What, strings.Join(cells, ", "))
	}
	return text.String()
}

func TestTheTableOfOutagesIsTheDrills(t *testing.T) {
	const file, begin, end = "../docs/alarms.md", "<!-- outages: written by go test ./test -run TableOfOutages -update=outages -->\n", "<!-- outages end -->"
	text := read(t, file)
	before, rest, found := strings.Cut(text, begin)
	require.True(t, found, "docs/alarms.md lacks %s", begin)
	shown, after, found := strings.Cut(rest, end)
	require.True(t, found, "docs/alarms.md lacks %s", end)
	if string(*update) == "outages" {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+outagesTable(t)+end+after), 0o644))
		return
	}
	require.Equal(t, outagesTable(t), shown, "go test ./test -run TableOfOutages -update=outages writes it")
}

// anchorsOf returns the sections about alarms, by the names of these.
func anchorsOf(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for id, text := range alarmTexts(t, reference(t, "prod")) {
		found[strings.TrimRight(id, "0123456789")] = contracted.FindStringSubmatch(text)[3]
	}
	return found
}
