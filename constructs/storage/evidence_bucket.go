package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// EvidenceBucketProps configures an EvidenceBucket.
type EvidenceBucketProps struct {
	// RetentionDays is how long nobody can overwrite or delete an object; then
	// it expires. Default: 365.
	RetentionDays int

	// Disposable empties and deletes the bucket with the stack, and locks
	// nothing in it. By default it stays.
	Disposable bool

	// AccessLogs takes the bucket's access logs, under
	// bucket-access-logs/evidence/; its policy must admit them, and it must stay
	// as long. Default: none.
	AccessLogs awss3.IBucket
}

// NewEvidenceBucket defines the bucket where runbooks keep what they saved
// before they touched anything, and what they collected. Each object is locked
// in governance mode: in compliance mode not even the root user could take a
// mistake back.
func NewEvidenceBucket(scope constructs.Construct, id string, props EvidenceBucketProps) awss3.Bucket {
	if props.RetentionDays == 0 {
		props.RetentionDays = 365
	}
	bucketProps := &awss3.BucketProps{
		Encryption:             awss3.BucketEncryption_S3_MANAGED,
		BlockedEncryptionTypes: &[]awss3.BlockedEncryptionType{awss3.BlockedEncryptionType_SSE_C()},
		EnforceSSL:             jsii.Bool(true),
		BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:        awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Versioned:              jsii.Bool(true),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  jsii.String("delete-old-evidence"),
			Expiration:                          days(props.RetentionDays),
			NoncurrentVersionExpiration:         days(30),
			AbortIncompleteMultipartUploadAfter: days(7),
		}},
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
		AutoDeleteObjects: jsii.Bool(true),
	}
	if !props.Disposable {
		bucketProps.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
		bucketProps.AutoDeleteObjects = jsii.Bool(false)
		bucketProps.ObjectLockDefaultRetention = awss3.ObjectLockRetention_Governance(days(props.RetentionDays))
	}
	bucket := awss3.NewBucket(scope, &id, bucketProps)
	if props.AccessLogs != nil {
		Access(bucket, props.AccessLogs, "evidence")
	}
	bucket.Policy().ApplyRemovalPolicy(bucketProps.RemovalPolicy)
	if props.Disposable {
		EmptySilently(bucket)
	}
	grantLogExport(bucket)
	return bucket
}

// grantLogExport lets CloudWatch Logs export log groups of this account into
// the bucket (the AWS page "Exporting log data to Amazon S3").
func grantLogExport(bucket awss3.Bucket) {
	stack := awscdk.Stack_Of(bucket)
	groups := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		ResourceName: jsii.String("*"),
	})
	allow := func(sid, action string, resource *string) {
		bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        &sid,
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.Sprintf("logs.%s.amazonaws.com", *stack.Region()), nil)},
			Actions:    jsii.Strings(action),
			Resources:  &[]*string{resource},
			Conditions: &map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()},
				"ArnLike":      map[string]any{"aws:SourceArn": groups},
			},
		}))
	}
	allow("CheckBucket", "s3:GetBucketAcl", bucket.BucketArn())
	allow("ExportLogs", "s3:PutObject", bucket.ArnForObjects(jsii.String("incidents/*")))
}
