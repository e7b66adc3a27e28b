package controls

import (
	"reflect"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// metricFilterChecks are CloudWatch.1 to 14, which compare a filter's pattern with the one
// that CIS prescribes.
// https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
func metricFilterChecks() map[string]check {
	checks := map[string]check{}
	for _, control := range SecurityHub() {
		if control.Pattern != "" {
			checks[control.ID] = atLeastOne(all(recordsManagement, raisesAlarm(control.Pattern)))
		}
	}
	return checks
}

// raisesAlarm passes a trail whose log group has a filter of the pattern, on the metric of
// which an alarm notifies a topic.
func raisesAlarm(pattern string) check {
	return func(e *environment, trail resource) verdict {
		group, _ := e.target(trail, trail.at("CloudWatchLogsLogGroupArn"))
		filters := e.referring("AWS::Logs::MetricFilter", "LogGroupName", group)
		return holds(slices.ContainsFunc(filters, func(filter resource) bool {
			text, _ := filter.at("FilterPattern").(string)
			return unspaced(text) == unspaced(pattern) && slices.ContainsFunc(assembly.AsList(filter.at("MetricTransformations")), e.notifies)
		}))
	}
}

// unspaced takes out spaces, which have no meaning in a pattern, since the register wraps
// its lines.
func unspaced(pattern string) string { return strings.Join(strings.Fields(pattern), "") }

// notifies reports whether an alarm on a metric notifies a topic.
func (e *environment) notifies(metric any) bool {
	return slices.ContainsFunc(e.byType["AWS::CloudWatch::Alarm"], func(alarm resource) bool {
		return reflect.DeepEqual(alarm.at("MetricName"), at(metric, "MetricName")) &&
			reflect.DeepEqual(alarm.at("Namespace"), at(metric, "MetricNamespace")) &&
			slices.ContainsFunc(assembly.AsList(alarm.at("AlarmActions")), func(action any) bool {
				topic, _ := e.target(alarm, action)
				return topic.Type == "AWS::SNS::Topic"
			})
	})
}
