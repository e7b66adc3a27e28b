package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// Where there are selectors, what they do not name is not recorded. With PutObject
// the trail would record its own deliveries, and deliver that.
func TestTheTrailRecordsWhoReadsOrDeletesInEveryBucket(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		properties := env.stack(t, "audit").one(trail).Properties
		require.NotContains(t, properties, "EventSelectors", "they would leave management events out")
		selectors := listOf(t, trail, properties, "AdvancedEventSelectors")
		require.Len(t, selectors, 2)
		require.Equal(t, []any{props{"Field": "eventCategory", "Equals": []any{"Management"}}}, at(t, selectors, 0, "FieldSelectors"))
		require.ElementsMatch(t, []any{
			props{"Field": "eventCategory", "Equals": []any{"Data"}},
			props{"Field": "resources.type", "Equals": []any{"AWS::S3::Object"}},
			props{"Field": "eventName", "NotEquals": []any{"PutObject"}},
			props{"Field": "resources.ARN", "StartsWith": []any{"arn:aws:s3:::" + env.Name()}},
		}, at(t, selectors, 1, "FieldSelectors"))
		for _, bucket := range resourcesOf(t, env, "AWS::S3::Bucket") {
			require.NotContains(t, bucket.Properties, "BucketName", "AWS makes the name, which begins as the stack's does")
		}
	})
}

// withoutLog are the buckets that keep no access log, and why.
var withoutLog = map[string]string{
	"data LogBucket":     "it would log to itself",
	"data EdgeLogBucket": "it would log to itself",
}

func TestEveryBucketLogsWhoReadsAndDeletesOrHasAReason(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		for _, r := range resourcesOf(t, env, "AWS::S3::Bucket") {
			name := r.stack + " " + readableID(r.id)
			to := r.Properties["LoggingConfiguration"]
			if withoutLog[name] != "" || env.Lifecycle == config.LifecycleDisposable {
				require.Nil(t, to, "%s: in a disposable environment the log bucket goes, and this one may stay", name)
				continue
			}
			require.NotNil(t, to, "%s has no access log: hand it data.accessLogs, or say why in withoutLog of test/audit_trail_test.go", name)
			target := logBucketsOf(t, env)["LogBucket"]
			require.Equal(t, []origin{{"data", target.id, ""}}, env.origins(t, at(t, to, "DestinationBucketName")), name)
			require.Regexp(t, "^bucket-access-logs/[a-z]+/$", at(t, to, "LogFilePrefix"), name)
			require.NotContains(t, target.Properties, "ObjectLockConfiguration", "S3 delivers nothing to a locked bucket")
		}
	})
}

// locked are the buckets in which nobody overwrites or deletes, and for how many
// days. Config delivers to none that is locked.
func TestRecordsThatNobodyMayDeleteAreLocked(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		want := map[string]int{"TrailBucket": env.Config.Audit.RetentionDays}
		if env.Lifecycle != config.LifecycleDisposable {
			want["Evidence"] = env.IncidentResponse.EvidenceRetentionDays
		}
		got := map[string]int{}
		for _, r := range resourcesOf(t, env, "AWS::S3::Bucket") {
			if lock, ok := r.Properties["ObjectLockConfiguration"]; ok {
				require.Equal(t, true, r.Properties["ObjectLockEnabled"], r)
				require.Equal(t, "GOVERNANCE", at(t, lock, "Rule", "DefaultRetention", "Mode"), r)
				require.Equal(t, "Enabled", at(t, r.Properties, "VersioningConfiguration", "Status"), r)
				got[readableID(r.id)] = int(at(t, lock, "Rule", "DefaultRetention", "Days").(float64))
				require.EqualValues(t, got[readableID(r.id)], at(t, r.Properties, "LifecycleConfiguration", "Rules", 0, "ExpirationInDays"),
					"%s: S3 deletes no version before its lock is over", r)
			}
		}
		require.Equal(t, want, got)
	})
}

// cis are the actions, or another part of the pattern, by which each of the
// benchmark's filters is known.
var cis = map[string][]string{
	"RootAccountUsage":              {`$.userIdentity.type="Root"`, "NOT EXISTS"},
	"UnauthorizedAPICalls":          {`"*UnauthorizedOperation"`, `"AccessDenied*"`},
	"ConsoleSignInWithoutMFA":       {`$.additionalEventData.MFAUsed != "Yes"`},
	"IAMPolicyChanges":              {"PutRolePolicy", "AttachUserPolicy", "CreatePolicyVersion"},
	"TrailChanges":                  {"StopLogging", "DeleteTrail"},
	"ConsoleAuthenticationFailures": {`"Failed authentication"`},
	"KMSKeyDeletions":               {"DisableKey", "ScheduleKeyDeletion"},
	"S3BucketPolicyChanges":         {"PutBucketPolicy", "DeleteBucketPolicy"},
	"AWSConfigChanges":              {"StopConfigurationRecorder", "DeleteDeliveryChannel"},
	"SecurityGroupChanges":          {"AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress"},
	"NetworkACLChanges":             {"ReplaceNetworkAclEntry"},
	"NetworkGatewayChanges":         {"AttachInternetGateway"},
	"RouteTableChanges":             {"ReplaceRoute"},
	"VPCChanges":                    {"AcceptVpcPeeringConnection"},
}

func TestEveryEventOfTheCISBenchmarkIsFoundInTheTrail(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		found := map[string]string{}
		for id, filter := range audit.ofType(metricFilter) {
			require.Equal(t, ref(audit.id(logGroup)), filter.Properties["LogGroupName"], id)
			metric := at(t, filter.Properties, "MetricTransformations", 0).(props)
			require.Equal(t, env.Name()+"/CIS", metric["MetricNamespace"], id)
			found[textOf(t, id, metric, "MetricName")] = textOf(t, id, filter.Properties, "FilterPattern")
		}
		require.Len(t, found, len(cis))
		for name, parts := range cis {
			for _, part := range parts {
				require.Contains(t, found[name], part, name)
			}
		}
	})
}
