package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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

	// Buckets is how the names of the buckets of this account begin whose access
	// logs S3 may deliver, under bucket-access-logs/. Default: of none.
	Buckets string

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
	if props.Buckets != "" {
		admitAccessLogs(bucket, props.Buckets)
	}
	return bucket
}

// accessLogs is the folder of the access logs of buckets.
const accessLogs = "bucket-access-logs/"

// Access has S3 deliver the access logs of a bucket to a log bucket that admits
// them, in the folder bucket-access-logs/NAME. CDK's own way would write the
// bucket's ARN into the other one's policy, whose stack would then wait for the
// bucket's.
func Access(bucket awss3.Bucket, to awss3.IBucket, name string) {
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetLoggingConfiguration(&awss3.CfnBucket_LoggingConfigurationProperty{
		DestinationBucketName: to.BucketName(), LogFilePrefix: jsii.String(accessLogs + name + "/"),
	})
}

// admitAccessLogs lets S3 deliver the access logs of buckets that later stacks
// define (the AWS page "Enabling Amazon S3 server access logging"). They are
// known by how their names begin: with their ARNs this stack would wait for
// theirs.
func admitAccessLogs(bucket awss3.Bucket, names string) {
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("DeliverBucketAccessLogs"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logging.s3.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:PutObject"),
		Resources:  &[]*string{bucket.ArnForObjects(jsii.String(accessLogs + "*"))},
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()},
			"ArnLike":      map[string]any{"aws:SourceArn": "arn:" + *awscdk.Stack_Of(bucket).Partition() + ":s3:::" + names + "*"},
		},
	}))
}

func days(n int) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }
