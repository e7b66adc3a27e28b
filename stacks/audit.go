package stacks

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/audit"
	"catalog-infra/constructs/storage"
	"catalog-infra/internal/exceptions"
	"catalog-infra/stacks/internal/environment"
	"catalog-infra/stacks/monitoring"
)

// newAudit defines the stack of the account-level services that the environment
// creates. The topic notifies of events in the trail. The
// log bucket has the access logs of the trail's and AWS Config's buckets.
func newAudit(env environment.Environment, data *Data, topic awssns.ITopic) awscdk.Stack {
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
			Standards: owned.SecurityHubStandards, Recorder: recorder, Suppressions: suppressions(env),
		})
	}
	if owned.AccessAnalyzer == config.OwnershipCreate {
		audit.NewAccessAnalyzer(stack, "AccessAnalyzer", audit.AccessAnalyzerProps{UnusedAccess: owned.UnusedAccess})
	}
	if owned.Inspector == config.OwnershipCreate {
		audit.NewInspector(stack, "Inspector", audit.InspectorProps{Repositories: "*"})
	}
	return stack
}

// newWatchedTrail defines the trail, and an alarm for each monitoring control of
// the CIS benchmark, which goes off at the first event.
func newWatchedTrail(env environment.Environment, stack awscdk.Stack, data *Data, topic awssns.ITopic) {
	// The key is always retained, as the trail's bucket is: its objects cannot be
	// read without it.
	key := env.NewKey(stack, storage.KeyProps{
		Description: "Audit trail of " + env.Name + " and its log group",
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
			Description: monitoring.Describe(event.Name, cmp.Or(cisSeverities[event.Name], alerting.Medium), event.Meaning),
			Metric: alerting.NewMetricFilter(filters, event.Name, alerting.MetricFilterProps{
				Namespace: env.Name + "/CIS", Name: event.Name, LogGroup: logs, Pattern: event.Pattern,
			}).Metric,
			Threshold: 1,
			Topic:     topic,
		})
	}
	monitoring.NewTrailQueries(stack, env, logs)
}

// cisSeverities has the events that do not wait for the next working day. The
// others, of medium severity, happen in every deployment.
var cisSeverities = map[string]alerting.Severity{
	"RootAccountUsage":              alerting.Critical,
	"ConsoleSignInWithoutMFA":       alerting.Critical,
	"TrailChanges":                  alerting.Critical,
	"KMSKeyDeletions":               alerting.Critical,
	"AWSConfigChanges":              alerting.High,
	"ConsoleAuthenticationFailures": alerting.High,
}

// suppressions returns the findings of the register that this environment
// suppresses in Security Hub: those of services that it creates, and of resources
// of all environments of the account.
func suppressions(env environment.Environment) []audit.Suppression {
	var found []audit.Suppression
	for _, each := range exceptions.All() {
		if each.SecurityHub == nil || !decides(env.Config.Audit, *each.SecurityHub) {
			continue
		}
		found = append(found, audit.Suppression{
			ID:             each.ID,
			Controls:       each.SecurityHub.Controls,
			Reason:         each.Reason,
			ResourcePrefix: arnPrefix(env, each.SecurityHub.Of),
			UpdatedBy:      env.Name,
		})
	}
	return found
}

// decides reports whether the environment creates the service that the controls
// are about, without the plan that would satisfy them. Controls without an owner
// are about resources.
func decides(owned config.Audit, controls exceptions.Controls) bool {
	if slices.Contains(owned.GuardDutyPlans, controls.Plan) {
		return false
	}
	return controls.Owner == "" || owned.Services()["audit."+controls.Owner] == config.OwnershipCreate
}

// arnPrefix returns the common prefix of the ARNs of the project's resources of
// a kind, such as "rds db", in every environment of the account and region.
func arnPrefix(env environment.Environment, kind string) string {
	service, name, ok := strings.Cut(kind, " ")
	if !ok {
		return ""
	}
	return *env.ARN(service, name+":"+config.Project+"-")
}
