package test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inputs are what a reader takes from outside, each with the kinds of readers:
// rule, listener, query, filter, alarm, edge.
type inputs map[string]map[string]bool

func (i inputs) add(input, reader string) {
	if i[input] == nil {
		i[input] = map[string]bool{}
	}
	i[input][reader] = true
}

// readInputs adds everything in the templates of an environment that reads what
// comes from outside.
func (i inputs) readInputs(t *testing.T, env *environment) {
	t.Helper()
	for _, acl := range env.stack(t, "compute").ofType(webACL) {
		for _, rule := range rulesOfWebACL(t, acl.Properties) {
			walk(rule, func(part any) { i.ofStatement(part) })
		}
	}
	for _, rule := range env.stack(t, "compute").ofType(listenerRule) {
		for _, condition := range rule.Properties["Conditions"].([]any) {
			i.add(fmt.Sprint(at(t, condition, "Field"))+" "+strings.ToLower(fmt.Sprint(under1(condition, "HttpHeaderConfig", "HttpHeaderName"))), "listener")
		}
	}
	if distributionOf(t, env)["Restrictions"] != nil {
		i.add("address of the connection", "edge")
	}
	i.ofFilters(t, env)
	i.ofQueries(t, env)
	for _, alarm := range resourcesOf(t, env, alarmKind) {
		for _, metric := range metricsOf(alarm.resource) {
			i.ofMetric(t, env, metric)
		}
	}
}

// under1 returns what is under two keys, or nil.
func under1(value any, first, second string) any {
	next, _ := under(value, first)
	last, _ := under(next, second)
	return last
}

func (i inputs) ofStatement(part any) {
	statement, _ := part.(props)
	for key, value := range statement {
		switch key {
		case "ForwardedIPConfig", "IPSetForwardedIPConfig":
			i.add("http-header "+strings.ToLower(fmt.Sprint(value.(props)["HeaderName"])), "rule")
		case "FieldToMatch":
			for field, setting := range value.(props) {
				name, _ := under(setting, "Name")
				what := strings.TrimPrefix(fmt.Sprint(name), "<nil>")
				i.add(strings.TrimSpace(strings.Replace(field, "SingleHeader", "http-header", 1)+" "+what), "rule")
			}
		case "ManagedRuleGroupStatement":
			i.add("whole request", "rule")
			i.add("address of the connection", "rule")
		}
	}
	for _, kind := range []string{"GeoMatchStatement", "IPSetReferenceStatement", "RateBasedStatement"} {
		body, ok := statement[kind].(props)
		if ok && body["ForwardedIPConfig"] == nil && body["IPSetForwardedIPConfig"] == nil {
			i.add("address of the connection", "rule")
		}
	}
}

// ofFilters adds the fields of logs that filters read. A log's fields are shown
// as its name, a colon and the field.
func (i inputs) ofFilters(t *testing.T, env *environment) {
	t.Helper()
	for _, filter := range resourcesOf(t, env, metricFilter) {
		source := sourceOf(t, env, filter.stack, filter.Properties["LogGroupName"])
		pattern := textOf(t, filter, filter.Properties, "FilterPattern")
		if source == "application" {
			for _, field := range regexp.MustCompile(`\$\.(\w+)`).FindAllStringSubmatch(pattern, -1) {
				i.add("application:"+field[1], "filter")
			}
			continue
		}
		i.add(source, "filter")
	}
}

// ofQueries adds those that queries read, and the headers.
func (i inputs) ofQueries(t *testing.T, env *environment) {
	t.Helper()
	for _, query := range resourcesOf(t, env, queryDefinition) {
		text := textOf(t, query, query.Properties, "QueryString")
		source := sourceOf(t, env, query.stack, listOf(t, query, query.Properties, "LogGroupNames")[0])
		for _, header := range regexp.MustCompile(`"name":"([a-z-]+)"`).FindAllStringSubmatch(text, -1) {
			i.add("http-header "+header[1], "query")
		}
		for _, word := range wordsOf(text) {
			ofLog := slices.Contains(fieldsOf(t, source), word) && !strings.HasPrefix(word, "@")
			switch {
			case ofLog && (source == "application" || source == "web ACL"):
				i.add(source+":"+word, "query")
			case source == "postgresql" || source == "cloudtrail":
				i.add(source, "query")
			}
		}
	}
}

func (i inputs) ofMetric(t *testing.T, env *environment, metric props) {
	t.Helper()
	space, name := fmt.Sprint(metric["Namespace"]), fmt.Sprint(metric["MetricName"])
	switch space {
	case "AWS/ApplicationELB":
		i.add("load balancer:"+name, "alarm")
	case "AWS/WAFV2":
		rule := fmt.Sprint(pairs(t, metric["Dimensions"], "Name")["Rule"])
		i.add("web ACL's rule:"+strings.TrimPrefix(rule, env.Name()+"-"), "alarm")
	}
}

// TestEveryInputFromOutsideIsInTheTable: a new rule, query, a
// filter or alarm that reads something new has a row, with what somebody outside
// can do with it.
func TestEveryInputFromOutsideIsInTheTable(t *testing.T) {
	found := inputs{}
	for _, env := range append(allEnvironments(t), unusualProd(t)) {
		found.readInputs(t, env)
	}
	documented := map[string]string{}
	for _, line := range strings.Split(sections(t, "../docs/architecture.md")["what-outsiders-write"], "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 {
			continue
		}
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[0], -1) {
			documented[name[1]] = cells[1]
		}
	}
	for _, input := range slices.Sorted(maps.Keys(found)) {
		require.Contains(t, documented, input, "a row of docs/architecture.md, What outsiders write, is missing")
		require.Equal(t, strings.Join(slices.Sorted(maps.Keys(found[input])), ", "), documented[input], input)
	}
	requireSame(t, slices.Sorted(maps.Keys(found)), slices.Sorted(maps.Keys(documented)), "Nothing reads it: delete it", "Add it to the table")
}
