package logging

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// LogBucketProps configures a LogBucket.
type LogBucketProps struct {
	// ExpirationDays is how long an object is kept. Default: 30, the guide's
	// "delete-old-logs".
	ExpirationDays int

	// AcceptACLs is for CloudFront, which delivers to no other bucket: it adds
	// itself to the bucket's access control list (pitfall C3). By default a
	// bucket has none.
	AcceptACLs bool

	// Disposable empties and deletes the bucket with the stack. By default it
	// stays. Emptying is the one thing here that needs a Lambda function:
	// CloudFormation refuses to delete a bucket that holds anything.
	Disposable bool
}

// NewLogBucket defines a private bucket for logs that AWS delivers. It is
// encrypted with keys of S3 (SSE-S3), since load balancers deliver to nothing
// else (pitfall C1).
func NewLogBucket(scope constructs.Construct, id string, props LogBucketProps) awss3.Bucket {
	if props.ExpirationDays == 0 {
		props.ExpirationDays = 30
	}
	ownership := awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED
	if props.AcceptACLs {
		ownership = awss3.ObjectOwnership_BUCKET_OWNER_PREFERRED
	}
	bucket := awss3.NewBucket(scope, &id, &awss3.BucketProps{
		Encryption:             awss3.BucketEncryption_S3_MANAGED,
		BlockedEncryptionTypes: &[]awss3.BlockedEncryptionType{awss3.BlockedEncryptionType_SSE_C()},
		EnforceSSL:             jsii.Bool(true),
		BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:        ownership,
		Versioned:              jsii.Bool(true),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("delete-old-logs"),
			Expiration:                          days(props.ExpirationDays),
			NoncurrentVersionExpiration:         days(1),
			AbortIncompleteMultipartUploadAfter: days(1),
		}},
		RemovalPolicy:     removal(props.Disposable),
		AutoDeleteObjects: &props.Disposable,
	})
	bucket.Policy().ApplyRemovalPolicy(removal(props.Disposable))
	if props.Disposable {
		EmptySilently(bucket)
	}
	return bucket
}

func days(n int) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }
