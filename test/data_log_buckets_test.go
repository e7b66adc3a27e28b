package test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The log buckets of the data stack, without their hash. The first is the load
// balancer's.
const (
	logBucket     = "LogBucket"
	edgeLogBucket = "EdgeLogBucket"
)

// logBucketsOf returns the log buckets that an environment has, by name.
func logBucketsOf(t *testing.T, env *environment) map[string]placed {
	t.Helper()
	found := map[string]placed{}
	for _, r := range resourcesOf(t, env, "AWS::S3::Bucket") {
		if r.stack == "data" {
			found[readableID(r.id)] = r
		}
	}
	names := []string{logBucket}
	if env.Edge.AccessLogs {
		names = append(names, edgeLogBucket)
	}
	requireSame(t, names, slices.Collect(maps.Keys(found)),
		"What is in a bucket of the data stack are logs: define another bucket in another stack, or add it to logBucketsOf of test/data_log_buckets_test.go",
		"The data stack lacks a log bucket")
	return found
}

// everyLogBucket checks each log bucket of each environment that has a file.
func everyLogBucket(t *testing.T, check func(t *testing.T, bucket placed)) {
	t.Helper()
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		for name, bucket := range logBucketsOf(t, env) {
			t.Run(name, func(t *testing.T) { check(t, bucket) })
		}
	})
}

func TestEveryAccessLogIsDeletedAfter30Days(t *testing.T) {
	everyLogBucket(t, func(t *testing.T, bucket placed) {
		rules := at(t, bucket.Properties, "LifecycleConfiguration", "Rules").([]any)
		require.Len(t, rules, 1)
		require.Subset(t, rules[0], props{"Id": "delete-old-logs", "Status": "Enabled", "ExpirationInDays": 30.0})
		for _, restriction := range []string{"Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"} {
			require.NotContains(t, rules[0], restriction)
		}
	})
}

func TestAccessLogsAreKeptAsLongAsConfigured(t *testing.T) {
	for _, bucket := range logBucketsOf(t, vpcOriginProd(t)) {
		require.Equal(t, 90.0, at(t, bucket.Properties, "LifecycleConfiguration", "Rules", 0, "ExpirationInDays"), bucket)
	}
}

// In a versioned bucket deletion hides an object; the version must go as well.
func TestLogBucketIsVersionedAndForgetsOldVersions(t *testing.T) {
	everyLogBucket(t, func(t *testing.T, bucket placed) {
		require.Equal(t, "Enabled", at(t, bucket.Properties, "VersioningConfiguration", "Status"))
		require.Equal(t, 1.0, at(t, bucket.Properties, "LifecycleConfiguration", "Rules", 0, "NoncurrentVersionExpiration", "NoncurrentDays"))
	})
}

func TestCloudFrontLogsWithoutCookiesIntoABucketOfTheRegion(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		logging := at(t, distributionOf(t, env), "Logging")
		require.Equal(t, false, at(t, logging, "IncludeCookies"))
		bucket := logBucketsOf(t, env)[edgeLogBucket]
		require.Equal(t, []origin{{"data", bucket.id, "RegionalDomainName"}}, env.origins(t, at(t, logging, "Bucket")))
		require.Equal(t, env.Region, *env.Data.Region())
	})
}

func TestWithoutAccessLogsCloudFrontLogsNothing(t *testing.T) {
	require.NotContains(t, distributionOf(t, reference(t, "dev")), "Logging")
}

// The last log files arrive while the cluster is being deleted.
func TestDisposableLogBucketsAreEmptiedAfterTheDatabaseIsGone(t *testing.T) {
	for name, env := range map[string]*environment{
		"dev":             reference(t, "dev"),
		"pr-17 from prod": shortLived(t, "prod"),
	} {
		t.Run(name, func(t *testing.T) {
			data := env.stack(t, "data")
			buckets := logBucketsOf(t, env)
			data.count(emptying, len(buckets))
			for id, function := range data.ofType(emptying) {
				bucket := at(t, function.Properties, "BucketName", "Ref").(string)
				require.Contains(t, buckets, readableID(bucket))
				delete(buckets, readableID(bucket))
				require.Contains(t, data.one("AWS::RDS::DBCluster").DependsOn, id)
				require.Equal(t, "Delete", data.ofType("AWS::S3::Bucket")[bucket].DeletionPolicy)
			}
			require.Empty(t, buckets, "not emptied")
		})
	}
}
