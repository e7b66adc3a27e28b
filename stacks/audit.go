package stacks

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/audit"
	"catalog-infra/constructs/storage"
	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/monitoring"
)

// Audit is the stack of the account-level services this environment owns.
type Audit struct {
	awscdk.Stack
}

// newAudit defines the audit stack. What the trail records is told to the
// topic; who reads what it stores is in the log bucket.
func newAudit(env environment.Environment, data *Data, topic awssns.ITopic) *Audit {
	stack := env.NewStack("audit", "Audit trail and detection in the account of the Product Catalog API")
	owned := env.Config.Audit
	if owned.Trail == config.OwnershipCreate {
		newWatchedTrail(env, stack, data, topic)
	}
	if owned.GuardDuty == config.OwnershipCreate {
		audit.NewGuardDuty(stack, "GuardDuty", audit.GuardDutyProps{Plans: owned.GuardDutyPlans})
	}
	var recorder *audit.ConfigRecorder
	if owned.AWSConfig == config.OwnershipCreate {
		recorder = audit.NewConfigRecorder(stack, "Config", audit.ConfigRecorderProps{
			RetentionDays: owned.RetentionDays, AccessLogs: data.accessLogs(env),
		})
	}
	if owned.SecurityHub == config.OwnershipCreate {
		audit.NewSecurityHub(stack, "SecurityHub", audit.SecurityHubProps{
			Standards: owned.SecurityHubStandards, Recorder: recorder, Accepted: acceptedFindings(env),
		})
	}
	if owned.AccessAnalyzer == config.OwnershipCreate {
		audit.NewAccessAnalyzer(stack, "AccessAnalyzer", audit.AccessAnalyzerProps{UnusedAccess: owned.UnusedAccess})
	}
	if owned.Inspector == config.OwnershipCreate {
		audit.NewInspector(stack, "Inspector")
	}
	return &Audit{stack}
}

// newWatchedTrail defines the trail and an alarm for each of the events that
// the CIS benchmark lists: one is enough.
func newWatchedTrail(env environment.Environment, stack awscdk.Stack, data *Data, topic awssns.ITopic) {
	// It always stays, as the trail's bucket does: without it nothing there can
	// be read.
	key := env.NewKey(stack, storage.KeyProps{
		Description: "Audit trail of " + env.Name + " and its log group",
		LogGroups:   true,
		TrailName:   env.Name,
	})
	logs := env.NewLogGroup(stack, "TrailLogs", env.TrailLogGroupName(), key)
	audit.NewTrail(stack, "Trail", audit.TrailProps{
		Name:          env.Name,
		RetentionDays: env.Config.Audit.RetentionDays,
		BucketPrefix:  env.Name,
		AccessLogs:    data.accessLogs(env),
		LogGroup:      logs,
		Key:           key,
	})
	filters := constructs.NewConstruct(stack, jsii.String("CIS"))
	for _, event := range audit.CISEvents {
		alerting.NewAlarm(stack, event.Name, alerting.AlarmProps{
			Description: monitoring.Describe(event.Name, cmp.Or(graveEvents[event.Name], alerting.Medium), event.Meaning),
			Metric: alerting.NewMetricFilter(filters, event.Name, alerting.MetricFilterProps{
				Namespace: env.Name + "/CIS", Name: event.Name, LogGroup: logs, Pattern: event.Pattern,
			}).Metric,
			Threshold: 1,
			Topic:     topic,
		})
	}
	monitoring.NewTrailQueries(stack, env, logs)
}

// graveEvents are the events of the benchmark that do not wait for the next
// working day. The others happen in every deployment.
var graveEvents = map[string]alerting.Severity{
	"RootUse":                 alerting.Critical,
	"ConsoleSignInWithoutMFA": alerting.Critical,
	"TrailChanges":            alerting.Critical,
	"KeyDeletions":            alerting.Critical,
	"ConfigChanges":           alerting.High,
	"ConsoleSignInFailures":   alerting.High,
}
