package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// RecordBucketProps configures the bucket of a record.
type RecordBucketProps struct {
	// RetentionDays is how long a file is kept. What somebody deletes before can be
	// brought back for a year, or for as long as it is locked.
	RetentionDays int

	// Locked lets nobody overwrite or delete a file for as long as it is kept.
	Locked bool

	// AccessLogs takes the bucket's access logs, under Name. Without it the
	// bucket has none.
	AccessLogs awss3.IBucket
	Name       string
}

// NewRecordBucket defines a bucket that stays whatever becomes of its stack: it
// is the record of who destroyed what. The lock is in governance mode, as that
// of the evidence: in compliance mode not even the root user could take a
// mistake back.
func NewRecordBucket(scope constructs.Construct, id string, props RecordBucketProps) awss3.Bucket {
	bucketProps := &awss3.BucketProps{
		Encryption:             awss3.BucketEncryption_S3_MANAGED,
		BlockedEncryptionTypes: &[]awss3.BlockedEncryptionType{awss3.BlockedEncryptionType_SSE_C()},
		EnforceSSL:             jsii.Bool(true),
		BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:        awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Versioned:              jsii.Bool(true),
		RemovalPolicy:          awscdk.RemovalPolicy_RETAIN,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("keep-audit-records"),
			Expiration:                          days(props.RetentionDays),
			NoncurrentVersionExpiration:         days(props.comeback()),
			AbortIncompleteMultipartUploadAfter: days(7),
		}},
	}
	if props.Locked {
		bucketProps.ObjectLockDefaultRetention = awss3.ObjectLockRetention_Governance(days(props.RetentionDays))
	}
	bucket := awss3.NewBucket(scope, &id, bucketProps)
	bucket.Policy().ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	if props.AccessLogs != nil {
		Access(bucket, props.AccessLogs, props.Name)
	}
	return bucket
}

// comeback is for how many days a version stays that another one, or a deletion,
// took the place of. S3 deletes none whose lock is not over.
func (p RecordBucketProps) comeback() int {
	if p.Locked {
		return 30
	}
	return 365
}
