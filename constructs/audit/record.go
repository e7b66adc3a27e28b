package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"catalog-infra/constructs/storage"
)

// Days for which S3 keeps an overwritten or deleted version of a record. In a
// locked bucket the lock alone protects versions for longer.
const (
	noncurrentDays       = 365
	lockedNoncurrentDays = 30
)

// newRecordBucket defines the bucket of an audit record. It always outlives its
// stack: it is the record of who deleted what.
func newRecordBucket(scope constructs.Construct, props storage.BucketProps) *storage.Bucket {
	props.RuleID = "keep-audit-records"
	props.NoncurrentDays = noncurrentDays
	if props.Locked {
		props.NoncurrentDays = lockedNoncurrentDays
	}
	return storage.NewBucket(scope, "Bucket", props)
}

// retain keeps resources when their stack is deleted, since other environments of
// the account rely on them. A creation that fails deletes them: an account can
// have only one of each, so one that stayed would block the next attempt.
func retain(resources ...awscdk.CfnResource) {
	for _, resource := range resources {
		resource.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	}
}
