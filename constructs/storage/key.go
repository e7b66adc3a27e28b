package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// KeyProps configures a Key. Without LogGroups, TrailName and AlarmTopics only
// principals with IAM permissions in this account may use the key.
type KeyProps struct {
	// Description names what the key encrypts: without the key it cannot be read.
	Description string `required:"true"`

	// Disposable deletes the key with its stack, after the 7 days that KMS waits at
	// least. Otherwise the key stays.
	Disposable bool

	// LogGroups allows CloudWatch Logs to use the key for log groups of this
	// account and region.
	LogGroups bool

	// TrailName allows the CloudTrail trail of this name to use the key.
	TrailName string

	// AlarmTopics allows CloudWatch and EventBridge to use the key, so that they
	// can publish to topics that are encrypted with it.
	AlarmTopics bool
}

// Key is a customer-managed key that KMS rotates every year.
type Key struct {
	KMS awskms.IKey
}

// NewKey defines a Key. CDK sees an imported key and cannot change its policy: a
// grant would add the names of roles in later stacks (pitfall B1). The policies of
// those roles allow the use of the key.
func NewKey(scope constructs.Construct, id string, props KeyProps) *Key {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
	key := awskms.NewCfnKey(this, jsii.String("Resource"), &awskms.CfnKeyProps{
		Description:       &props.Description,
		EnableKeyRotation: true,
		KeyPolicy:         awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: props.statements(this)}),
	})
	key.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	if props.Disposable {
		key.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
		key.SetPendingWindowInDays(jsii.Number(7))
	}
	return &Key{awskms.Key_FromKeyArn(this, jsii.String("Key"), key.AttrArn())}
}

// statements returns the key policy. It starts with AWS's default statement,
// without which nobody could administer the key. That one has no condition: KMS
// refuses a policy by which, as far as KMS can tell, nobody could change it.
func (p KeyProps) statements(scope constructs.Construct) *[]awsiam.PolicyStatement {
	statements := []awsiam.PolicyStatement{allow("kms:*").For(awsiam.NewAccountRootPrincipal())}
	if p.LogGroups {
		statements = append(statements, forLogGroups(scope))
	}
	if p.TrailName != "" {
		statements = append(statements, forTrail(scope, p.TrailName)...)
	}
	if p.AlarmTopics {
		statements = append(statements, forAlarmTopics()...)
	}
	return &statements
}

// forLogGroups returns the statement of the AWS page "Encrypt log data in
// CloudWatch Logs", without kms:DescribeKey: that call has no encryption context,
// by which the condition knows the log group.
func forLogGroups(scope constructs.Construct) awsiam.PolicyStatement {
	groups := permissions.ARN(scope, "logs", "log-group:*")
	return allow("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*").
		If(map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": groups}}).
		ForService("logs." + *awscdk.Stack_Of(scope).Region() + ".amazonaws.com")
}

// forTrail returns the statements of the AWS page "Configure KMS key policies for
// CloudTrail". CloudTrail never decrypts.
func forTrail(scope constructs.Construct, name string) []awsiam.PolicyStatement {
	const service = "cloudtrail.amazonaws.com"
	source := map[string]any{"aws:SourceArn": permissions.ARN(scope, "cloudtrail", "trail/"+name)}
	context := map[string]any{"kms:EncryptionContext:aws:cloudtrail:arn": permissions.ARNIn(scope, "*", "cloudtrail", "trail/"+name)}
	return []awsiam.PolicyStatement{
		allow("kms:GenerateDataKey*").If(map[string]any{"StringEquals": source, "StringLike": context}).ForService(service),
		allow("kms:DescribeKey").If(map[string]any{"StringEquals": source}).ForService(service),
	}
}

// forAlarmTopics allows CloudWatch for alarms of this account. EventBridge has no
// condition: it does not tell KMS which account's rule it acts for, so any
// condition would refuse it.
func forAlarmTopics() []awsiam.PolicyStatement {
	use := allow("kms:Decrypt", "kms:GenerateDataKey*")
	account := map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}
	return []awsiam.PolicyStatement{
		use.If(account).ForService("cloudwatch.amazonaws.com"),
		use.ForService("events.amazonaws.com"),
	}
}

// allow returns a statement about the key itself: in its policy the resource "*"
// means the key.
func allow(actions ...string) permissions.Statement {
	return permissions.Allow("", actions...).OnAll()
}
