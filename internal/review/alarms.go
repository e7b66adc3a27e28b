package review

import (
	"strings"

	"catalog-infra/internal/assembly"
)

const alarmPage = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html"

// judgeAlarms finds alarms that tell fewer, or tell later.
func judgeAlarms(c *comparison) {
	for _, one := range c.pairs {
		switch {
		case one.before == nil || one.after == nil:
		case one.after.Type == alarm:
			c.judgeMetric(one)
			c.judgeActions(one)
		case one.after.Type == "AWS::CloudWatch::CompositeAlarm":
			if differs(one.before.values["AlarmRule"], one.after.values["AlarmRule"]) {
				c.find(Unknown, one.after, alarmPage, "other alarms set it off")
			}
			c.judgeActions(one)
		}
	}
}

func (c *comparison) judgeActions(one pair) {
	old, young := one.before.values["AlarmActions"], one.after.values["AlarmActions"]
	switch {
	case !isArmed(one.before.values):
	case !isEmpty(young) && !isArmed(one.after.values):
		c.find(Weaker, one.after, sourceOf("CloudWatch.17"), "it is disarmed: ActionsEnabled is false")
	case shrinks(old, young):
		c.find(Weaker, one.after, sourceOf("CloudWatch.15"), "it tells fewer: %s", transition("AlarmActions", old, young))
	}
}

// isArmed reports whether an alarm does anything.
func isArmed(values map[string]any) bool {
	return values["ActionsEnabled"] != "false" && len(assembly.AsList(values["AlarmActions"])) > 0
}

func (c *comparison) judgeMetric(one pair) {
	old, young := one.before.values, one.after.values
	if text(old["ComparisonOperator"]) != text(young["ComparisonOperator"]) || text(metricOf(old)) != text(metricOf(young)) {
		c.find(Unknown, one.after, alarmPage, "it compares something else")
		return
	}
	isLater := decimal(young["Threshold"]) > decimal(old["Threshold"])
	if strings.HasPrefix(text(young["ComparisonOperator"]), "LessThan") {
		isLater = decimal(young["Threshold"]) < decimal(old["Threshold"])
	}
	if isLater {
		c.find(Weaker, one.after, alarmPage, "it goes off later: %s", transition("Threshold", old["Threshold"], young["Threshold"]))
	}
	if delay(young) > delay(old) {
		c.find(Weaker, one.after, alarmPage, "it goes off later: after %d seconds, before after %d", delay(young), delay(old))
	}
	if old["TreatMissingData"] == "breaching" && young["TreatMissingData"] != "breaching" {
		c.find(Weaker, one.after, alarmPage, "it does not go off without data: %s",
			transition("TreatMissingData", old["TreatMissingData"], young["TreatMissingData"]))
	}
}

// metricOf returns what an alarm looks at.
func metricOf(values map[string]any) any {
	var all []any
	for _, property := range []string{"Namespace", "MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Metrics"} {
		all = append(all, values[property])
	}
	return all
}

// delay returns the seconds for which a metric must breach.
func delay(values map[string]any) int {
	points := numberOr(values["DatapointsToAlarm"], numberOr(values["EvaluationPeriods"], 1))
	return points * numberOr(values["Period"], 60)
}
