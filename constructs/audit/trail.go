// Package audit defines the record of what is done in the account, and what
// looks through it.
package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/storage"
)

// TrailProps configures a Trail.
type TrailProps struct {
	// Name is the trail's. The bucket's policy admits only the trail of this
	// name.
	Name string

	// RetentionDays is how long the bucket keeps a file, which nobody can
	// overwrite or delete before. Default: 2557, seven years.
	RetentionDays int

	// Buckets is how the names of buckets begin of which the trail also records
	// who reads, deletes or unlocks an object. Default: of none.
	Buckets string

	// AccessLogs takes the bucket's access logs, under bucket-access-logs/trail/;
	// its policy must admit them, and it must stay as long. Default: none.
	AccessLogs awss3.IBucket

	// LogGroup receives every event too, for metric filters and queries.
	LogGroup awslogs.ILogGroup

	// Key encrypts the files; its policy must let the trail of this name use
	// it. Whoever reads them needs kms:Decrypt. Default: keys of S3.
	Key awskms.IKey
}

// NewTrail defines a CloudTrail trail of all regions and global services, with
// file validation and a bucket of its own, which always stays: the log
// bucket's expiry would break the chain of digests (pitfall C4). Its files are
// locked: digests show that a file is gone, and do not bring it back.
//
// It is made of plain resources since the statements that CDK's Trail writes
// into the bucket's policy admit every trail of every account.
func NewTrail(scope constructs.Construct, id string, props TrailProps) {
	if props.RetentionDays == 0 {
		props.RetentionDays = sevenYears
	}
	this := constructs.NewConstruct(scope, &id)
	bucket := storage.NewRecordBucket(this, "Bucket", storage.RecordBucketProps{
		RetentionDays: props.RetentionDays, Locked: true, AccessLogs: props.AccessLogs, Name: "trail",
	})
	grantDelivery(bucket, trailARN(this, props.Name))
	role, policy := newLogRole(this, props.LogGroup)
	trail := awscloudtrail.NewCfnTrail(this, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
		TrailName:                  &props.Name,
		IsLogging:                  true,
		S3BucketName:               bucket.BucketName(),
		IsMultiRegionTrail:         true,
		IncludeGlobalServiceEvents: true,
		EnableLogFileValidation:    true,
		CloudWatchLogsLogGroupArn:  props.LogGroup.LogGroupArn(),
		CloudWatchLogsRoleArn:      role.RoleArn(),
	})
	if props.Key != nil {
		trail.SetKmsKeyId(props.Key.KeyArn())
	}
	if props.Buckets != "" {
		trail.SetAdvancedEventSelectors(eventsAnd(objectEvents(this, props.Buckets)))
	}
	trail.Node().AddDependency(bucket.Policy(), policy)
}

// eventsAnd selects every management event, as a trail without selectors does,
// and some data events: where there are selectors, what they do not name is
// not recorded.
func eventsAnd(data *awscloudtrail.CfnTrail_AdvancedEventSelectorProperty) *[]any {
	return &[]any{
		&awscloudtrail.CfnTrail_AdvancedEventSelectorProperty{
			Name:           jsii.String("every management event"),
			FieldSelectors: &[]any{equals("eventCategory", "Management")},
		},
		data,
	}
}

// objectEvents selects what is done to objects but for PutObject, which is what
// AWS does to deliver logs: with it the trail would record its own deliveries,
// each of which would be delivered again.
func objectEvents(scope constructs.Construct, buckets string) *awscloudtrail.CfnTrail_AdvancedEventSelectorProperty {
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
				StartsWith: jsii.Strings("arn:" + *awscdk.Stack_Of(scope).Partition() + ":s3:::" + buckets),
			},
		},
	}
}

func equals(field, value string) *awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty {
	return &awscloudtrail.CfnTrail_AdvancedFieldSelectorProperty{Field: &field, EqualTo: jsii.Strings(value)}
}

func trailARN(scope constructs.Construct, name string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cloudtrail"), Resource: jsii.String("trail"), ResourceName: &name,
	})
}

// grantDelivery lets the one trail write, and nobody else's trail (the AWS
// page "Amazon S3 bucket policy for CloudTrail").
func grantDelivery(bucket awss3.Bucket, trailARN *string) {
	allow := func(sid, action string, resource *string, condition map[string]any) {
		condition["aws:SourceArn"] = trailARN
		bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        &sid,
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), nil)},
			Actions:    jsii.Strings(action),
			Resources:  &[]*string{resource},
			Conditions: &map[string]any{"StringEquals": condition},
		}))
	}
	files := bucket.ArnForObjects(jsii.Sprintf("AWSLogs/%s/*", *awscdk.Aws_ACCOUNT_ID()))
	allow("CheckBucket", "s3:GetBucketAcl", bucket.BucketArn(), map[string]any{})
	allow("DeliverLogs", "s3:PutObject", files, map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"})
}

func newLogRole(scope constructs.Construct, group awslogs.ILogGroup) (awsiam.Role, awsiam.ManagedPolicy) {
	role := awsiam.NewRole(scope, jsii.String("LogRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets CloudTrail write to its log group"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
		}),
	})
	policy := awsiam.NewManagedPolicy(scope, jsii.String("LogPolicy"), &awsiam.ManagedPolicyProps{
		Roles: &[]awsiam.IRole{role},
		Statements: &[]awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings("logs:CreateLogStream", "logs:PutLogEvents"),
			Resources: jsii.Strings(*group.LogGroupArn()),
		})},
	})
	return role, policy
}
