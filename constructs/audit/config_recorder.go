package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsconfig"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
	"catalog-infra/constructs/storage"
)

const configService = "config.amazonaws.com"

// managedRule is a rule that AWS maintains, with the meaning of a violation.
type managedRule struct{ id, identifier, meaning string }

// managedRules check resources outside our templates: those that people change by
// hand and those that AWS creates.
var managedRules = []managedRule{
	{"DefaultSecurityGroups", "VPC_DEFAULT_SECURITY_GROUP_CLOSED", "A VPC's default security group allows traffic"},
	{"OpenSSH", "INCOMING_SSH_DISABLED", "A security group allows SSH from anywhere"},
	{"PublicBuckets", "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED", "A bucket does not block public access"},
	{"UnencryptedDatabases", "RDS_STORAGE_ENCRYPTED", "A database's storage is not encrypted"},
	{"RootWithoutMFA", "ROOT_ACCOUNT_MFA_ENABLED", "The root user signs in without a second factor"},
	{"ConsoleUsersWithoutMFA", "MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS", "A user with a password has no second factor"},
}

// ConfigRecorderProps configures a ConfigRecorder.
type ConfigRecorderProps struct {
	// RetentionDays is how long the bucket keeps a file.
	RetentionDays int `required:"true"`

	// AccessLogs takes the bucket's access logs, see storage.BucketProps.
	AccessLogs awss3.IBucket
}

// ConfigRecorder is AWS Config's recorder of every resource of the account, with
// its delivery channel and some rules. All of it outlives the stack.
type ConfigRecorder struct {
	Recorder awsconfig.CfnConfigurationRecorder
	Channel  awsconfig.CfnDeliveryChannel
}

// NewConfigRecorder defines a ConfigRecorder.
//
// It records with Config's service-linked role, which must exist. AWS adds new
// types of resources to that role, and Security Hub requires it (Config.1).
//
// Recorder and channel do not depend on each other: AWS starts the recorder when
// both exist, and either order would wait for ever (pitfall F2).
//
// The bucket is not locked, since Config does not deliver to a locked one
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-deliverychannel.html).
func NewConfigRecorder(scope constructs.Construct, id string, props ConfigRecorderProps) *ConfigRecorder {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
	recorder := awsconfig.NewCfnConfigurationRecorder(this, jsii.String("Recorder"), &awsconfig.CfnConfigurationRecorderProps{
		RoleArn: permissions.ARNIn(this, "", "iam", "role/aws-service-role/"+configService+"/AWSServiceRoleForConfig"),
		RecordingGroup: &awsconfig.CfnConfigurationRecorder_RecordingGroupProperty{
			AllSupported: true, IncludeGlobalResourceTypes: true,
		},
	})
	bucket := newRecordBucket(this, storage.BucketProps{
		RetentionDays: props.RetentionDays, AccessLogs: props.AccessLogs, AccessLogName: "config",
	}).S3
	grantConfigDelivery(bucket)
	channel := awsconfig.NewCfnDeliveryChannel(this, jsii.String("Channel"), &awsconfig.CfnDeliveryChannelProps{
		S3BucketName: bucket.BucketName(),
	})
	channel.Node().AddDependency(bucket.Policy())
	retain(recorder, channel)
	newManagedRules(this, recorder)
	return &ConfigRecorder{recorder, channel}
}

// grantConfigDelivery allows Config to write on behalf of this account (the AWS page
// "Permissions for the Amazon S3 bucket for the AWS Config delivery channel").
func grantConfigDelivery(bucket awss3.Bucket) {
	allow := func(sid string, resource *string, conditions map[string]any, actions ...string) {
		conditions["aws:SourceAccount"] = awscdk.Aws_ACCOUNT_ID()
		bucket.AddToResourcePolicy(permissions.Allow(sid, actions...).On(resource).
			If(map[string]any{"StringEquals": conditions}).ForService(configService))
	}
	files := bucket.ArnForObjects(jsii.Sprintf("AWSLogs/%s/Config/*", *awscdk.Aws_ACCOUNT_ID()))
	allow("CheckBucket", bucket.BucketArn(), map[string]any{}, "s3:GetBucketAcl", "s3:ListBucket")
	allow("DeliverRecords", files, map[string]any{"s3:x-amz-acl": "bucket-owner-full-control"}, "s3:PutObject")
}

func newManagedRules(scope constructs.Construct, recorder awsconfig.CfnConfigurationRecorder) {
	for _, r := range managedRules {
		rule := awsconfig.NewCfnConfigRule(scope, &r.id, &awsconfig.CfnConfigRuleProps{
			Description: &r.meaning,
			Source: &awsconfig.CfnConfigRule_SourceProperty{
				Owner: jsii.String("AWS"), SourceIdentifier: &r.identifier,
			},
		})
		rule.AddResourceDependency(recorder, nil)
		retain(rule)
	}
}
