package review_test

import (
	"fmt"

	"catalog-infra/internal/review"
)

func metricAlarm(properties string) string {
	return fmt.Sprintf(`"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors", "Namespace": "shop", "Period": 60, %s}}`, properties)
}

func webACL(action, rules string) string {
	return fmt.Sprintf(`"W": {"Type": "AWS::WAFv2::WebACL", "Properties": {"DefaultAction": {"%s": {}}, "Rules": [%s]}}`, action, rules)
}

func limit(action, number string) string {
	return fmt.Sprintf(`{"Name": "rate", "Priority": 2, "Action": {"%s": {}}, "Statement": {"RateBasedStatement": {"Limit": %s}}}`, action, number)
}

func managed(override, group string) string {
	return fmt.Sprintf(`{"Name": "common", "Priority": 3, "OverrideAction": {"%s": {}}, "Statement": {"ManagedRuleGroupStatement": {"Name": "Common"%s}}}`, override, group)
}

const (
	told   = `"AlarmActions": ["arn:aws:sns:eu-north-1:123456789012:people"], "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 2, "Threshold": 5`
	untold = `"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 2, "Threshold": 5`
	below  = `"AlarmActions": ["x"], "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching", "Threshold": %s`
)

var alarmPairs = map[string]pair{
	"an alarm without an action":          {metricAlarm(told), metricAlarm(untold), review.Weaker, "it tells fewer: AlarmActions from a list of 1 to nothing"},
	"an alarm that had no action":         {metricAlarm(untold), metricAlarm(untold + `, "OKActions": ["x"]`), "", ""},
	"an alarm that is disarmed":           {metricAlarm(told), metricAlarm(told + `, "ActionsEnabled": false`), review.Weaker, "it is disarmed"},
	"an alarm that is armed":              {metricAlarm(told + `, "ActionsEnabled": false`), metricAlarm(told), "", ""},
	"a threshold that rises":              {metricAlarm(told), metricAlarm(told[:len(told)-1] + "6.5"), review.Weaker, "Threshold from 5 to 6.5"},
	"a threshold that sinks":              {metricAlarm(told), metricAlarm(told[:len(told)-1] + "4"), "", ""},
	"a lower limit that sinks":            {metricAlarm(fmt.Sprintf(below, "5")), metricAlarm(fmt.Sprintf(below, "4")), review.Weaker, "Threshold from 5 to 4"},
	"a lower limit that rises":            {metricAlarm(fmt.Sprintf(below, "5")), metricAlarm(fmt.Sprintf(below, "6")), "", ""},
	"more periods":                        {metricAlarm(told), metricAlarm(told + `, "DatapointsToAlarm": 3`), review.Weaker, "after 180 seconds, before after 120"},
	"fewer periods":                       {metricAlarm(told), metricAlarm(told + `, "DatapointsToAlarm": 1`), "", ""},
	"missing data that is fine now":       {metricAlarm(fmt.Sprintf(below, "5")), metricAlarm(`"AlarmActions": ["x"], "ComparisonOperator": "LessThanThreshold", "Threshold": 5`), review.Weaker, "it does not go off without data"},
	"another metric":                      {metricAlarm(told), metricAlarm(told + `, "Dimensions": [{"Name": "n", "Value": "v"}]`), review.Unknown, "it compares something else"},
	"an alarm that is removed":            {metricAlarm(told) + `, "T": {"Type": "AWS::SNS::Topic"}`, `"T": {"Type": "AWS::SNS::Topic"}`, review.Weaker, "it is removed"},
	"a rule of another composite alarm":   {composite(`ALARM(x)`), composite(`ALARM(x) AND ALARM(y)`), review.Unknown, "other alarms set it off"},
	"a composite alarm with a new text":   {composite(`ALARM(x)`), composite(`ALARM(x)", "AlarmDescription": "x`), "", ""},
	"a composite alarm that tells nobody": {composite(`ALARM(x)", "AlarmActions": ["x"], "Z": "`), composite(`ALARM(x)", "Z": "`), review.Weaker, "it tells fewer"},
}

func composite(rule string) string {
	return `"A": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmRule": "` + rule + `"}}`
}

var firewallPairs = map[string]pair{
	"a rule from block to count":             {webACL("Allow", limit("Block", "100")), webACL("Allow", limit("Count", "100")), review.Weaker, "rule rate from Block to Count"},
	"a rule from count to block":             {webACL("Allow", limit("Count", "100")), webACL("Allow", limit("Block", "100")), "", ""},
	"a rule less":                            {webACL("Allow", limit("Block", "100")), webACL("Allow", ""), review.Weaker, "rule rate is removed"},
	"a rule more":                            {webACL("Allow", ""), webACL("Allow", limit("Block", "100")), "", ""},
	"a rule that lets through":               {webACL("Allow", limit("Block", "100")), webACL("Allow", `{"Name": "friends", "Priority": 1, "Action": {"Allow": {}}},`+limit("Block", "100")), review.Weaker, "rule friends lets requests through"},
	"a limit that rises":                     {webACL("Allow", limit("Block", "100")), webACL("Allow", limit("Block", "200")), review.Weaker, "Limit from 100 to 200"},
	"a limit that sinks":                     {webACL("Allow", limit("Block", "100")), webACL("Allow", limit("Block", "50")), "", ""},
	"a group that only counts":               {webACL("Allow", managed("None", "")), webACL("Allow", managed("Count", "")), review.Weaker, "rule common from None to Count"},
	"a rule of a group that only counts":     {webACL("Allow", managed("None", "")), webACL("Allow", managed("None", `, "RuleActionOverrides": [{"Name": "Size", "ActionToUse": {"Count": {}}}]`)), review.Weaker, "Size of the group is overridden"},
	"a rule of a group that blocks again":    {webACL("Allow", managed("None", `, "RuleActionOverrides": [{"Name": "Size", "ActionToUse": {"Count": {}}}]`)), webACL("Allow", managed("None", "")), "", ""},
	"a rule of a group that is excluded":     {webACL("Allow", managed("None", "")), webACL("Allow", managed("None", `, "ExcludedRules": [{"Name": "Size"}]`)), review.Weaker, "Size of the group is overridden"},
	"another version of a group":             {webACL("Allow", managed("None", "")), webACL("Allow", managed("None", `, "Version": "1"`)), review.Unknown, "rule common looks at something else"},
	"requests that match no rule":            {webACL("Block", ""), webACL("Allow", ""), review.Weaker, "DefaultAction from Block to Allow"},
	"requests that match no rule, the other": {webACL("Allow", ""), webACL("Block", ""), "", ""},
}
