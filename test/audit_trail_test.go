package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestTrailRecordsTheWholeAccount(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		audit.count(trail, 1)
		audit.has(trail, props{
			"IsLogging":                  true,
			"IsMultiRegionTrail":         true,
			"IncludeGlobalServiceEvents": true,
		})
		require.NotContains(t, audit.one(trail).Properties, "EventSelectors", "they would leave management events out")
		require.Contains(t, listOf(t, trail, audit.one(trail).Properties, "AdvancedEventSelectors"), props{
			"Name":           "every management event",
			"FieldSelectors": []any{props{"Field": "eventCategory", "Equals": []any{"Management"}}},
		}, "where there are selectors, what they do not name is not recorded")
	})
}

func TestChangesToAuditRecordsShow(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		env.stack(t, "audit").has(trail, props{"EnableLogFileValidation": true})
	})
}

func TestTrailHasABucketOfItsOwnThatStays(t *testing.T) {
	check := func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		_, bucket := trailBucket(t, env)
		require.Equal(t, "Retain", bucket.DeletionPolicy)
		require.Equal(t, "Retain", bucket.UpdateReplacePolicy)
		audit.count("Custom::S3AutoDeleteObjects", 0)
	}
	inFiledEnvironments(t, check)
	require.Equal(t, "disposable", string(reference(t, "dev").Lifecycle))
}

// With PutObject the trail would record its own deliveries, and deliver that.
func TestTheTrailRecordsWhoReadsOrDeletesInEveryBucket(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		selectors := listOf(t, trail, env.stack(t, "audit").one(trail).Properties, "AdvancedEventSelectors")
		require.Len(t, selectors, 2)
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
			target := logBucketsOf(t, env)[logBucket]
			require.Equal(t, []origin{{"data", target.id, ""}}, env.origins(t, at(t, to, "DestinationBucketName")), name)
			require.Regexp(t, "^bucket-access-logs/[a-z]+/$", at(t, to, "LogFilePrefix"), name)
			require.NotContains(t, target.Properties, "ObjectLockConfiguration", "S3 delivers nothing to a locked bucket")
		}
	})
}

func TestOnlyBucketsOfTheEnvironmentLogIntoItsLogBucket(t *testing.T) {
	for _, suffix := range []string{"prod", "staging"} {
		env := reference(t, suffix)
		bucket := logBucketsOf(t, env)[logBucket].id
		require.Contains(t, statementsAbout(t, env, bucket), props{
			"Sid":       "DeliverBucketAccessLogs",
			"Effect":    "Allow",
			"Principal": props{"Service": "logging.s3.amazonaws.com"},
			"Action":    "s3:PutObject",
			"Resource":  join(attribute(bucket, "Arn"), "/bucket-access-logs/*"),
			"Condition": props{
				"StringEquals": props{"aws:SourceAccount": ref("AWS::AccountId")},
				"ArnLike":      props{"aws:SourceArn": "arn:aws:s3:::" + env.Name() + "*"},
			},
		})
	}
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

// trailBucket is the bucket that the trail writes into.
func trailBucket(t *testing.T, env *environment) (id string, bucket resource) {
	t.Helper()
	audit := env.stack(t, "audit")
	id = at(t, audit.one(trail).Properties, "S3BucketName", "Ref").(string)
	bucket = audit.ofType("AWS::S3::Bucket")[id]
	require.NotEmpty(t, bucket.Type)
	return id, bucket
}

// policyOf is the policy of a bucket.
func (tpl template) policyOf(bucket string) (id string, policy resource) {
	tpl.t.Helper()
	for id, policy := range tpl.ofType("AWS::S3::BucketPolicy") {
		if at(tpl.t, policy.Properties, "Bucket", "Ref") == bucket {
			return id, policy
		}
	}
	tpl.t.Fatalf("%s has no policy", bucket)
	return "", resource{}
}

// A file that expires is a version that another took the place of: with as many
// days again it would be kept twice as long.
func TestAuditRecordsAreKeptForAYearAtLeast(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		for id, bucket := range env.stack(t, "audit").ofType("AWS::S3::Bucket") {
			rules := at(t, bucket.Properties, "LifecycleConfiguration", "Rules").([]any)
			require.Len(t, rules, 1)
			kept := at(t, rules[0], "ExpirationInDays")
			require.GreaterOrEqual(t, kept, 365.0)
			require.EqualValues(t, env.Config.Audit.RetentionDays, kept)
			comeback := 365.0
			if bucket.Properties["ObjectLockConfiguration"] != nil {
				comeback = 30 // it stays until its lock is over, see TestRecordsThatNobodyMayDeleteAreLocked
			}
			require.Equal(t, comeback, at(t, rules[0], "NoncurrentVersionExpiration", "NoncurrentDays"), id)
		}
	})
}

func TestOnlyThisTrailWritesIntoItsBucket(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		name := env.Name()
		require.Equal(t, name, audit.one(trail).Properties["TrailName"])
		source := join("arn:aws:cloudtrail:eu-north-1:", ref("AWS::AccountId"), ":trail/"+name)

		id, _ := trailBucket(t, env)
		_, policy := audit.policyOf(id)
		require.ElementsMatch(t, []any{
			refusePlainHTTP(id),
			fromCloudTrail("CheckBucket", "s3:GetBucketAcl", attribute(id, "Arn"), props{"aws:SourceArn": source}),
			fromCloudTrail("DeliverLogs", "s3:PutObject",
				join(attribute(id, "Arn"), "/AWSLogs/", ref("AWS::AccountId"), "/*"),
				props{"aws:SourceArn": source, "s3:x-amz-acl": "bucket-owner-full-control"}),
		}, at(t, policy.Properties, "PolicyDocument", "Statement"))
	})
}

func refusePlainHTTP(bucket string) props {
	return props{
		"Effect":    "Deny",
		"Principal": props{"AWS": "*"},
		"Action":    "s3:*",
		"Resource":  []any{attribute(bucket, "Arn"), join(attribute(bucket, "Arn"), "/*")},
		"Condition": props{"Bool": props{"aws:SecureTransport": "false"}},
	}
}

func fromCloudTrail(sid, action string, resource, condition props) props {
	return props{
		"Sid":       sid,
		"Effect":    "Allow",
		"Principal": props{"Service": "cloudtrail.amazonaws.com"},
		"Action":    action,
		"Resource":  resource,
		"Condition": props{"StringEquals": condition},
	}
}

func TestTrailWaitsForThePolicyOfItsBucket(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		bucket, _ := trailBucket(t, env)
		policy, _ := audit.policyOf(bucket)
		require.Contains(t, audit.one(trail).DependsOn, policy)
		require.Contains(t, audit.one(trail).DependsOn, audit.id("AWS::IAM::ManagedPolicy"))
	})
}

func TestTrailAlsoWritesToALogGroup(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		audit.has(trail, props{
			"CloudWatchLogsLogGroupArn": attribute(audit.id(logGroup), "Arn"),
			"CloudWatchLogsRoleArn":     attribute(audit.id("AWS::IAM::Role"), "Arn"),
		})
		audit.has(logGroup, props{"RetentionInDays": env.Logs.RetentionDays})
	})
}

func TestTrailsRoleMayOnlyWriteToItsLogGroup(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		role := audit.one("AWS::IAM::Role").Properties
		require.Equal(t, []any{props{
			"Effect":    "Allow",
			"Principal": props{"Service": "cloudtrail.amazonaws.com"},
			"Action":    "sts:AssumeRole",
			"Condition": ofThisAccount,
		}}, at(t, role, "AssumeRolePolicyDocument", "Statement"))
		require.NotContains(t, role, "ManagedPolicyArns")
		require.NotContains(t, role, "Policies")

		policy := audit.one("AWS::IAM::ManagedPolicy").Properties
		require.Equal(t, []any{ref(audit.id("AWS::IAM::Role"))}, policy["Roles"])
		require.Equal(t, []any{props{
			"Sid":      "WriteLogs",
			"Effect":   "Allow",
			"Action":   []any{"logs:CreateLogStream", "logs:PutLogEvents"},
			"Resource": attribute(audit.id(logGroup), "Arn"),
		}}, at(t, policy, "PolicyDocument", "Statement"))
		audit.count("AWS::IAM::Policy", 0)
	})
}

// AWS refuses a sixth trail in a region.
func TestShortLivedEnvironmentsHaveNoTrail(t *testing.T) {
	env := shortLived(t, "dev")

	require.NotContains(t, env.templates, "audit")
	for stack := range env.templates {
		env.stack(t, stack).count(trail, 0)
	}
}
