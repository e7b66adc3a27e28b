package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// BucketProps configures a Bucket.
type BucketProps struct {
	// RuleID is the id of the lifecycle rule.
	RuleID string `required:"true"`

	// RetentionDays is how long an object is kept.
	RetentionDays int `required:"true"`

	// NoncurrentDays is how long S3 keeps an overwritten or deleted version. It
	// keeps locked versions for as long as they are locked.
	NoncurrentDays int `required:"true"`

	// Locked refuses to overwrite or delete a version during RetentionDays. The
	// lock is in governance mode: in compliance mode not even the root user could
	// undo a mistake.
	Locked bool

	// Lockable allows Locked to be set later. Without it, setting Locked would replace
	// the bucket and delete its objects.
	Lockable bool

	// AcceptACLs allows access control lists. CloudFront delivers logs to no other
	// bucket: it adds itself to the list (pitfall C3).
	AcceptACLs bool

	// AccessLogs takes the bucket's access logs, in the folder
	// bucket-access-logs/AccessLogName. It must allow that by AllowAccessLogs and
	// outlive this bucket. Nil turns access logs off.
	AccessLogs    awss3.IBucket
	AccessLogName string

	// Disposable empties and deletes the bucket with the stack; otherwise the
	// bucket stays. CloudFormation deletes only empty buckets, so CDK adds a Lambda
	// function.
	Disposable bool
}

// Bucket is a private, versioned bucket that accepts requests by TLS only. It is
// encrypted with keys of S3 (SSE-S3), since load balancers deliver logs to no
// other bucket (pitfall C1).
type Bucket struct {
	S3 awss3.Bucket
}

// NewBucket defines a Bucket.
func NewBucket(scope constructs.Construct, id string, props BucketProps) *Bucket {
	required.Check(id, props, required.If(props.AccessLogs != nil && props.AccessLogName == "", "AccessLogName"))
	settings := &awss3.BucketProps{
		Encryption:             awss3.BucketEncryption_S3_MANAGED,
		BlockedEncryptionTypes: &[]awss3.BlockedEncryptionType{awss3.BlockedEncryptionType_SSE_C()},
		EnforceSSL:             jsii.Bool(true),
		BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:        awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		Versioned:              jsii.Bool(true),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id:                                  &props.RuleID,
			Expiration:                          days(props.RetentionDays),
			NoncurrentVersionExpiration:         days(props.NoncurrentDays),
			AbortIncompleteMultipartUploadAfter: days(min(props.NoncurrentDays, 7)),
		}},
		RemovalPolicy:     RemovalPolicy(props.Disposable),
		AutoDeleteObjects: &props.Disposable,
	}
	if props.AcceptACLs {
		settings.ObjectOwnership = awss3.ObjectOwnership_BUCKET_OWNER_PREFERRED
	}
	if props.Lockable {
		settings.ObjectLockEnabled = jsii.Bool(true)
	}
	if props.Locked {
		settings.ObjectLockDefaultRetention = awss3.ObjectLockRetention_Governance(days(props.RetentionDays))
	}
	bucket := awss3.NewBucket(scope, &id, settings)
	bucket.Policy().ApplyRemovalPolicy(RemovalPolicy(props.Disposable))
	if props.Disposable {
		emptySilently(bucket)
	}
	if props.AccessLogs != nil {
		logAccess(bucket, props.AccessLogs, props.AccessLogName)
	}
	return &Bucket{bucket}
}

// emptySilently removes the permission to log from CDK's function that empties a
// bucket. Lambda would create a log group that outlives the stack and never
// expires. CloudFormation shows the function's errors, with the stack trace.
func emptySilently(bucket awss3.Bucket) {
	provider := awscdk.Stack_Of(bucket).Node().FindChild(jsii.String("Custom::S3AutoDeleteObjectsCustomResourceProvider"))
	provider.Node().FindChild(jsii.String("Role")).(awscdk.CfnResource).
		AddPropertyDeletionOverride(jsii.String("ManagedPolicyArns"))
}

// accessLogs is the folder of the access logs of buckets.
const accessLogs = "bucket-access-logs/"

// logAccess sets the property itself: CDK's L2 would write the ARN of the bucket
// into the policy of the log bucket, and the log bucket's stack would depend on
// the bucket's.
func logAccess(bucket awss3.Bucket, to awss3.IBucket, name string) {
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetLoggingConfiguration(&awss3.CfnBucket_LoggingConfigurationProperty{
		DestinationBucketName: to.BucketName(), LogFilePrefix: jsii.String(accessLogs + name + "/"),
	})
}

// AllowAccessLogs allows S3 to deliver the access logs of this account's buckets
// whose names start with prefix (the AWS page "Enabling Amazon S3 server access
// logging"). With their ARNs this stack would depend on the stacks of the buckets.
func (b *Bucket) AllowAccessLogs(prefix string) {
	objects := b.S3.ArnForObjects(jsii.String(accessLogs + "*"))
	b.S3.AddToResourcePolicy(permissions.Allow("DeliverBucketAccessLogs", "s3:PutObject").On(objects).If(map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()},
		"ArnLike":      map[string]any{"aws:SourceArn": "arn:" + *awscdk.Stack_Of(b.S3).Partition() + ":s3:::" + prefix + "*"},
	}).ForService("logging.s3.amazonaws.com"))
}

// AllowLogExport allows CloudWatch Logs to export this account's log groups into
// the folder (the AWS page "Exporting log data to Amazon S3").
func (b *Bucket) AllowLogExport(folder string) {
	groups := permissions.ARN(b.S3, "logs", "log-group:*")
	allow := func(sid, action string, resource *string) {
		b.S3.AddToResourcePolicy(permissions.Allow(sid, action).On(resource).If(map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()},
			"ArnLike":      map[string]any{"aws:SourceArn": groups},
		}).ForService("logs." + *awscdk.Stack_Of(b.S3).Region() + ".amazonaws.com"))
	}
	allow("CheckBucket", "s3:GetBucketAcl", b.S3.BucketArn())
	allow("ExportLogs", "s3:PutObject", b.S3.ArnForObjects(jsii.String(folder+"/*")))
}

func days(n int) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }

// RemovalPolicy returns DESTROY for disposable data, and RETAIN for other data.
func RemovalPolicy(disposable bool) awscdk.RemovalPolicy {
	if disposable {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_RETAIN
}
