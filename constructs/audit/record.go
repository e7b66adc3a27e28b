package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newRecordBucket defines a bucket that stays whatever becomes of its stack: it
// is the record of who destroyed what.
func newRecordBucket(scope constructs.Construct, retentionDays int) awss3.Bucket {
	bucket := awss3.NewBucket(scope, jsii.String("Bucket"), &awss3.BucketProps{
		Encryption:             awss3.BucketEncryption_S3_MANAGED,
		BlockedEncryptionTypes: &[]awss3.BlockedEncryptionType{awss3.BlockedEncryptionType_SSE_C()},
		EnforceSSL:             jsii.Bool(true),
		BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:        awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Versioned:              jsii.Bool(true),
		RemovalPolicy:          awscdk.RemovalPolicy_RETAIN,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("keep-audit-records"),
			Expiration:                          awscdk.Duration_Days(jsii.Number(retentionDays)),
			NoncurrentVersionExpiration:         awscdk.Duration_Days(jsii.Number(retentionDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7)),
		}},
	})
	bucket.Policy().ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	return bucket
}

// retain keeps resources when their stack is deleted: other environments of
// the account rely on them.
func retain(resources ...awscdk.CfnResource) {
	for _, resource := range resources {
		resource.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	}
}
