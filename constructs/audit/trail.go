package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
	"catalog-infra/constructs/storage"
)

const trailService = "cloudtrail.amazonaws.com"

// TrailProps configures a Trail.
type TrailProps struct {
	// Name is the trail's. The bucket's policy admits only the trail of this name.
	Name string `required:"true"`

	// RetentionDays is how long the bucket keeps a file. During that time nobody can
	// overwrite or delete it.
	RetentionDays int `required:"true"`

	// BucketPrefix is the start of the names of buckets for which the trail also
	// records object events: reads, deletions and unlocking. If it is empty, the
	// trail records management events only.
	BucketPrefix string

	// AccessLogs takes the bucket's access logs, see storage.BucketProps.
	AccessLogs awss3.IBucket

	// LogGroup also receives every event, for metric filters and queries.
	LogGroup awslogs.ILogGroup `required:"true"`

	// Key encrypts the files. Its policy must have KeyProps.TrailName, and readers
	// need kms:Decrypt. Nil means keys of S3.
	Key awskms.IKey
}

// Trail is a CloudTrail trail of all regions and global services, with file
// validation and a locked bucket of its own, which always outlives the stack.
// The lock keeps files: digests only show that one is missing. The expiry of a
// shared log bucket would break the chain of digests (pitfall C4).
type Trail struct {
	CloudTrail awscloudtrail.CfnTrail
}

// NewTrail defines a Trail of L1 resources: the bucket policy of CDK's Trail
// admits every trail of every account.
func NewTrail(scope constructs.Construct, id string, props TrailProps) *Trail {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
	bucket := newRecordBucket(this, storage.BucketProps{
		RetentionDays: props.RetentionDays, Locked: true, AccessLogs: props.AccessLogs, AccessLogName: "trail",
	}).S3
	grantDelivery(bucket, permissions.ARN(this, "cloudtrail", "trail/"+props.Name))
	role := newLogRole(this, props.LogGroup)
	trail := awscloudtrail.NewCfnTrail(this, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
		TrailName:                  &props.Name,
		IsLogging:                  true,
		S3BucketName:               bucket.BucketName(),
		IsMultiRegionTrail:         true,
		IncludeGlobalServiceEvents: true,
		EnableLogFileValidation:    true,
		CloudWatchLogsLogGroupArn:  props.LogGroup.LogGroupArn(),
		CloudWatchLogsRoleArn:      role.Role.RoleArn(),
	})
	if props.Key != nil {
		trail.SetKmsKeyId(props.Key.KeyArn())
	}
	if props.BucketPrefix != "" {
		trail.SetAdvancedEventSelectors(&[]any{managementEvents(), objectEvents(this, props.BucketPrefix)})
	}
	trail.Node().AddDependency(bucket.Policy(), role.Policy)
	return &Trail{trail}
}

// managementEvents selects what a trail without selectors records: with selectors
// a trail records only what they name.
func managementEvents() *awscloudtrail.CfnTrail_AdvancedEventSelectorProperty {
	return &awscloudtrail.CfnTrail_AdvancedEventSelectorProperty{
		Name:           jsii.String("every management event"),
		FieldSelectors: &[]any{equals("eventCategory", "Management")},
	}
}

// objectEvents selects all object events except PutObject, with which AWS delivers
// logs: the trail would record its own deliveries, and deliver the records again.
func objectEvents(scope constructs.Construct, prefix string) *awscloudtrail.CfnTrail_AdvancedEventSelectorProperty {
	return &awscloudtrail.CfnTrail_AdvancedEventSelectorProperty{
		Name: jsii.String("who reads, deletes or unlocks records"),
		FieldSelectors: &[]any{
			equals("eventCategory", "Data"),
			equals("resources.type", "AWS::S3::Object"),
			&awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{
				Field: jsii.String("eventName"), NotEquals: jsii.Strings("PutObject"),
			},
			&awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{
				Field:      jsii.String("resources.ARN"),
				StartsWith: jsii.Strings("arn:" + *awscdk.Stack_Of(scope).Partition() + ":s3:::" + prefix),
			},
		},
	}
}

func equals(field, value string) *awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty {
	return &awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{Field: &field, EqualTo: jsii.Strings(value)}
}

// grantDelivery allows the trail of this ARN to write, and no other trail (the AWS
// page "Amazon S3 bucket policy for CloudTrail").
func grantDelivery(bucket awss3.Bucket, trailARN *string) {
	allow := func(sid, action string, resource *string, conditions map[string]any) {
		conditions["aws:SourceArn"] = trailARN
		bucket.AddToResourcePolicy(permissions.Allow(sid, action).On(resource).
			If(map[string]any{"StringEquals": conditions}).ForService(trailService))
	}
	files := bucket.ArnForObjects(jsii.Sprintf("AWSLogs/%s/*", *awscdk.Aws_ACCOUNT_ID()))
	allow("CheckBucket", "s3:GetBucketAcl", bucket.BucketArn(), map[string]any{})
	allow("DeliverLogs", "s3:PutObject", files, map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"})
}

func newLogRole(scope constructs.Construct, group awslogs.ILogGroup) *permissions.ServiceRole {
	return permissions.NewServiceRole(scope, "LogRole", permissions.ServiceRoleProps{
		Service:     trailService,
		Description: "Allows CloudTrail to write to its log group",
		Statements: []permissions.Statement{
			permissions.Allow("WriteLogs", "logs:CreateLogStream", "logs:PutLogEvents").On(group.LogGroupArn()),
		},
	})
}
