package test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const trail = "AWS::CloudTrail::Trail"

func TestTrailRecordsTheWholeAccount(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		audit.count(trail, 1)
		audit.has(trail, props{
			"IsLogging":                  true,
			"IsMultiRegionTrail":         true,
			"IncludeGlobalServiceEvents": true,
		})
		require.NotContains(t, audit.one(trail).Properties, "EventSelectors", "they would leave management events out")
	})
}

func TestChangesToAuditRecordsShow(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
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
	everywhere(t, check)
	require.Equal(t, "disposable", string(shipped(t, "dev").Lifecycle))
}

// trailBucket is the bucket that the trail writes into.
func trailBucket(t *testing.T, env *environment) (id string, bucket resource) {
	t.Helper()
	audit := env.stack(t, "audit")
	id = at(t, audit.one(trail).Properties, "S3BucketName", "Ref").(string)
	bucket = audit.resources("AWS::S3::Bucket")[id]
	require.NotEmpty(t, bucket.Type)
	return id, bucket
}

// policyOf is the policy of a bucket.
func (tpl template) policyOf(bucket string) (id string, policy resource) {
	tpl.t.Helper()
	for id, policy := range tpl.resources("AWS::S3::BucketPolicy") {
		if at(tpl.t, policy.Properties, "Bucket", "Ref") == bucket {
			return id, policy
		}
	}
	tpl.t.Fatalf("%s has no policy", bucket)
	return "", resource{}
}

func TestAuditRecordsAreKeptForAYearAtLeast(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		for _, bucket := range env.stack(t, "audit").resources("AWS::S3::Bucket") {
			rules := at(t, bucket.Properties, "LifecycleConfiguration", "Rules").([]any)
			require.Len(t, rules, 1)
			kept := at(t, rules[0], "ExpirationInDays")
			require.GreaterOrEqual(t, kept, 365.0)
			require.EqualValues(t, env.Config.Audit.TrailDays, kept)
			require.GreaterOrEqual(t, at(t, rules[0], "NoncurrentVersionExpiration", "NoncurrentDays"), 365.0)
		}
	})
}

func TestOnlyThisTrailWritesIntoItsBucket(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
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
	everywhere(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		bucket, _ := trailBucket(t, env)
		policy, _ := audit.policyOf(bucket)
		require.Contains(t, dependencies(audit.one(trail)), policy)
		require.Contains(t, dependencies(audit.one(trail)), audit.id("AWS::IAM::ManagedPolicy"))
	})
}

func TestTrailAlsoWritesToALogGroup(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		audit := env.stack(t, "audit")
		audit.has(trail, props{
			"CloudWatchLogsLogGroupArn": attribute(audit.id(logGroup), "Arn"),
			"CloudWatchLogsRoleArn":     attribute(audit.id("AWS::IAM::Role"), "Arn"),
		})
		audit.has(logGroup, props{"RetentionInDays": env.Logs.RetentionDays})
	})
}

func TestTrailsRoleMayOnlyWriteToItsLogGroup(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
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
