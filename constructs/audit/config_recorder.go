package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsconfig"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/storage"
)

// configService writes into the recorder's bucket.
const configService = "config.amazonaws.com"

// managedRule is a rule that AWS maintains, and what it means to break it.
type managedRule struct{ id, identifier, meaning string }

// managedRules watch what no template of ours can hold: what people change by
// hand, and what AWS makes by itself.
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
	// RetentionDays is how long the bucket keeps a file. Default: 2557, seven
	// years.
	RetentionDays int

	// AccessLogs takes the bucket's access logs, under bucket-access-logs/config/;
	// its policy must admit them, and it must stay as long. Default: none.
	AccessLogs awss3.IBucket
}

// ConfigRecorder is what records, and where to.
type ConfigRecorder struct {
	recorder awsconfig.CfnConfigurationRecorder
	channel  awsconfig.CfnDeliveryChannel
}

// NewConfigRecorder defines what AWS Config needs to record every resource of the
// account, and a few rules, all of which stay when their stack is deleted.
//
// It records with Config's service-linked role, which must exist. AWS keeps
// that one up to date with new types of resources, and Security Hub asks for it
// (Config.1); a role of ours with the policy AWS_ConfigRole would be found.
//
// Recorder and channel do not depend on each other: AWS starts the one when
// both are there, and either order would wait for ever (pitfall F2).
//
// The bucket is not locked: Config does not deliver to one that is
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-deliverychannel.html).
func NewConfigRecorder(scope constructs.Construct, id string, props ConfigRecorderProps) *ConfigRecorder {
	if props.RetentionDays == 0 {
		props.RetentionDays = sevenYears
	}
	this := constructs.NewConstruct(scope, &id)
	recorder := awsconfig.NewCfnConfigurationRecorder(this, jsii.String("Recorder"), &awsconfig.CfnConfigurationRecorderProps{
		RoleArn: serviceLinkedRoleARN(this),
		RecordingGroup: &awsconfig.CfnConfigurationRecorder_RecordingGroupProperty{
			AllSupported: true, IncludeGlobalResourceTypes: true,
		},
	})
	bucket := storage.NewRecordBucket(this, "Bucket", storage.RecordBucketProps{
		RetentionDays: props.RetentionDays, AccessLogs: props.AccessLogs, Name: "config",
	})
	grantConfigDelivery(bucket)
	channel := awsconfig.NewCfnDeliveryChannel(this, jsii.String("Channel"), &awsconfig.CfnDeliveryChannelProps{
		S3BucketName: bucket.BucketName(),
	})
	channel.Node().AddDependency(bucket.Policy())
	retain(recorder, channel)
	newManagedRules(this, recorder)
	return &ConfigRecorder{recorder, channel}
}

func serviceLinkedRoleARN(scope constructs.Construct) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("iam"), Region: jsii.String(""),
		Resource:     jsii.String("role"),
		ResourceName: jsii.String("aws-service-role/" + configService + "/AWSServiceRoleForConfig"),
	})
}

// grantConfigDelivery lets Config write for this account only (the AWS page
// "Permissions for the Amazon S3 bucket for the AWS Config delivery channel").
func grantConfigDelivery(bucket awss3.Bucket) {
	allow := func(sid string, resource *string, condition map[string]any, actions ...string) {
		condition["aws:SourceAccount"] = awscdk.Aws_ACCOUNT_ID()
		bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        &sid,
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(configService), nil)},
			Actions:    jsii.Strings(actions...),
			Resources:  &[]*string{resource},
			Conditions: &map[string]any{"StringEquals": condition},
		}))
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
