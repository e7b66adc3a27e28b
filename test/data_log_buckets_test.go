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
