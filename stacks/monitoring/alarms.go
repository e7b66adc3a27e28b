package monitoring

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"

	"catalog-infra/constructs/alerting"
	"catalog-infra/stacks/internal/environment"
)

// alarm is an alarm of the monitoring stack.
type alarm struct {
	// id is the logical ID. It names the alarm's section of docs/alarms.md, which a
	// stricter alarm shares.
	id string

	severity alerting.Severity

	// meaning says in one line what happened.
	meaning string

	// AlarmProps has neither the description nor the topic, which define adds.
	alerting.AlarmProps
}

// define defines the alarm, which notifies the topic.
func (a alarm) define(stack awscdk.Stack, topic awssns.ITopic) awscloudwatch.CfnAlarm {
	section := strings.TrimSuffix(a.id, stricterSuffix)
	a.Description, a.Topic = Describe(section, a.severity, a.meaning), topic
	return alerting.NewAlarm(stack, a.id, a.AlarmProps).CloudWatch
}

// alarmsOf returns the alarms of every environment and, with alarms.extended,
// the others.
func alarmsOf(stack awscdk.Stack, env environment.Environment, props Props) []alarm {
	security := securityAlarms(stack, env, props)
	alarms := slices.Concat(security, availabilityAlarms(env, props.LoadBalancer))
	if !env.Config.Alarms.Extended {
		return alarms
	}
	return slices.Concat(alarms, saturationAlarms(env, props), stricterAlarms(env, security))
}

const stricterSuffix = "Stricter"

// stricterAlarms returns a stricter alarm for each that differs from its own.
// Their actions are disabled until the runbook set-alert-sensitivity enables
// them, which a short-lived environment lacks.
func stricterAlarms(env environment.Environment, alarms []alarm) []alarm {
	if env.Config.ShortLived {
		return nil
	}
	var stricter []alarm
	for _, a := range alarms {
		strict := a.stricter()
		if strict.Threshold < a.Threshold || a.Periods > 1 {
			stricter = append(stricter, strict)
		}
	}
	return stricter
}

// stricter returns the alarm with half the threshold, but at least 1 for a count,
// and one period.
func (a alarm) stricter() alarm {
	a.id += stricterSuffix
	a.meaning += " (stricter alarm, enabled during an incident)"
	a.Threshold = min(a.Threshold, math.Ceil(a.Threshold/2))
	a.Periods = 1
	a.ActionsDisabled = true
	return a
}

// Describe returns the description of an alarm or a notification. Its runbook is
// the section of docs/alarms.md that the id names.
func Describe(id string, severity alerting.Severity, meaning string) alerting.Description {
	return alerting.Description{Severity: severity, Meaning: meaning, Runbook: runbookOf(id)}
}

var wordBoundary = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// runbookOf returns the section for an id, such as #sql-injection-attempts for
// SQLInjectionAttempts.
func runbookOf(id string) string {
	return "docs/alarms.md#" + strings.ToLower(wordBoundary.ReplaceAllString(id, "$1$3-$2$4"))
}
