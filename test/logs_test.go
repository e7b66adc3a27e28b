package test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const emptying = "Custom::S3AutoDeleteObjects"

// Load balancers deliver to a bucket with no other encryption.
func TestLogBucketIsEncryptedWithKeysOfS3(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		bucket := env.stack(t, "data").one("AWS::S3::Bucket").Properties
		require.Equal(t, []any{props{"ServerSideEncryptionByDefault": props{"SSEAlgorithm": "AES256"}}},
			at(t, bucket, "BucketEncryption", "ServerSideEncryptionConfiguration"))
	})
}

func TestEveryAccessLogIsDeletedAfter30Days(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		bucket := env.stack(t, "data").one("AWS::S3::Bucket").Properties
		rules := at(t, bucket, "LifecycleConfiguration", "Rules").([]any)
		require.Len(t, rules, 1)
		require.Subset(t, rules[0], props{"Id": "delete-old-logs", "Status": "Enabled", "ExpirationInDays": 30.0})
		for _, restriction := range []string{"Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"} {
			require.NotContains(t, rules[0], restriction)
		}
	})
}

// In a versioned bucket deletion hides an object; the version must go as well.
func TestLogBucketIsVersionedAndForgetsOldVersions(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		bucket := env.stack(t, "data").one("AWS::S3::Bucket").Properties
		require.Equal(t, "Enabled", at(t, bucket, "VersioningConfiguration", "Status"))
		require.Equal(t, 1.0, at(t, bucket, "LifecycleConfiguration", "Rules", 0, "NoncurrentVersionExpiration", "NoncurrentDays"))
	})
}

// The account is that of the load balancers in eu-north-1.
func TestLoadBalancersDeliverAccessLogs(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		require.Equal(t, "eu-north-1", env.Region)
		bucket := env.stack(t, "data").id("AWS::S3::Bucket")
		require.Contains(t, logBucketStatements(t, env), props{
			"Effect":    "Allow",
			"Principal": props{"AWS": "arn:aws:iam::897822967062:root"},
			"Action":    "s3:PutObject",
			"Resource":  join(attribute(bucket, "Arn"), "/alb-access-logs/AWSLogs/", ref("AWS::AccountId"), "/*"),
		})
	})
}

func TestNobodyElseIsAdmittedToTheLogBucket(t *testing.T) {
	everywhere(t, func(t *testing.T, env *environment) {
		admitted := []any{
			props{"AWS": "arn:aws:iam::897822967062:root"},
			props{"Service": "delivery.logs.amazonaws.com"},
		}
		for role := range env.stack(t, "data").resources("AWS::IAM::Role") { // of the function that empties the bucket
			admitted = append(admitted, props{"AWS": attribute(role, "Arn")})
		}
		for _, statement := range logBucketStatements(t, env) {
			if at(t, statement, "Effect") == "Allow" {
				require.Contains(t, admitted, at(t, statement, "Principal"))
			}
		}
	})
}

// The last log files arrive while the cluster is being deleted.
func TestDisposableLogBucketIsEmptiedAfterTheDatabaseIsGone(t *testing.T) {
	for name, env := range map[string]*environment{
		"dev":             shipped(t, "dev"),
		"pr-17 from prod": shortLived(t, "prod"),
	} {
		t.Run(name, func(t *testing.T) {
			data := env.stack(t, "data")
			require.Equal(t, ref(data.id("AWS::S3::Bucket")), data.one(emptying).Properties["BucketName"])
			require.Contains(t, dependencies(data.one("AWS::RDS::DBCluster")), data.id(emptying))
			require.Equal(t, "Delete", data.one("AWS::S3::Bucket").DeletionPolicy)
		})
	}
}

func TestOtherLogBucketsStay(t *testing.T) {
	for _, suffix := range []string{"staging", "prod"} {
		t.Run(suffix, func(t *testing.T) {
			data := shipped(t, suffix).stack(t, "data")
			data.count(emptying, 0)
			data.count("AWS::Lambda::Function", 0)
			require.Equal(t, "Retain", data.one("AWS::S3::Bucket").DeletionPolicy)
			require.Equal(t, "Retain", data.one("AWS::S3::Bucket").UpdateReplacePolicy)
		})
	}
}

func logBucketStatements(t *testing.T, env *environment) []any {
	t.Helper()
	data := env.stack(t, "data")
	policy := data.one("AWS::S3::BucketPolicy").Properties
	require.Equal(t, ref(data.id("AWS::S3::Bucket")), policy["Bucket"])
	return at(t, policy, "PolicyDocument", "Statement").([]any)
}
