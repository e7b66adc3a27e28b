package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// KeyProps configures a Key. Without LogGroups, TrailName and AlarmTopics only
// those may use it whom the account's IAM policies let.
type KeyProps struct {
	// Description says what is encrypted with the key: whoever deletes a key
	// loses that.
	Description string

	// Disposable deletes the key with its stack, after the seven days that AWS
	// wants at least. By default it stays, with what is encrypted.
	Disposable bool

	// LogGroups lets CloudWatch Logs use the key for log groups of this account
	// and region.
	LogGroups bool

	// TrailName lets the CloudTrail trail of this name use the key. Default:
	// none.
	TrailName string

	// AlarmTopics lets CloudWatch, for alarms of this account, and EventBridge
	// use the key: they publish to topics that are encrypted with it.
	AlarmTopics bool
}

// NewKey defines a key that is rotated every year. Its policy is complete: CDK
// takes the key for an imported one and adds nothing, which would be the names
// of roles in later stacks (pitfall B1). Those roles have the permission in
// policies of their own.
func NewKey(scope constructs.Construct, id string, props KeyProps) awskms.IKey {
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
	return awskms.Key_FromKeyArn(this, jsii.String("Key"), key.AttrArn())
}

// statements begin with AWS's own default, without which nobody could
// administer the key. It has no condition: KMS makes no key whose policy, as far
// as it can tell, lets nobody change it later.
func (p KeyProps) statements(scope constructs.Construct) *[]awsiam.PolicyStatement {
	statements := []awsiam.PolicyStatement{allow(awsiam.NewAccountRootPrincipal(), nil, "kms:*")}
	if p.LogGroups {
		statements = append(statements, forLogGroups(awscdk.Stack_Of(scope)))
	}
	if p.TrailName != "" {
		statements = append(statements, forTrail(awscdk.Stack_Of(scope), p.TrailName)...)
	}
	if p.AlarmTopics {
		statements = append(statements, forAlarmTopics()...)
	}
	return &statements
}

// forLogGroups is what the AWS page "Encrypt log data in CloudWatch Logs" asks
// for, but for kms:DescribeKey: CloudWatch Logs says for which log group it comes
// in the encryption context, which describing a key does not have.
func forLogGroups(stack awscdk.Stack) awsiam.PolicyStatement {
	groups := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String("*"),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	return allow(service(*jsii.Sprintf("logs.%s.amazonaws.com", *stack.Region())),
		map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": groups}},
		"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")
}

// forTrail is what the AWS page "Configure KMS key policies for CloudTrail"
// asks for. CloudTrail never decrypts.
func forTrail(stack awscdk.Stack, name string) []awsiam.PolicyStatement {
	trail := awscdk.ArnComponents{Service: jsii.String("cloudtrail"), Resource: jsii.String("trail"), ResourceName: &name}
	forIt := map[string]any{"aws:SourceArn": stack.FormatArn(&trail)}
	trail.Region = jsii.String("*")
	ofIt := map[string]any{"kms:EncryptionContext:aws:cloudtrail:arn": stack.FormatArn(&trail)}
	return []awsiam.PolicyStatement{
		allow(service("cloudtrail.amazonaws.com"), map[string]any{"StringEquals": forIt, "StringLike": ofIt}, "kms:GenerateDataKey*"),
		allow(service("cloudtrail.amazonaws.com"), map[string]any{"StringEquals": forIt}, "kms:DescribeKey"),
	}
}

// forAlarmTopics lets CloudWatch in for alarms of this account, and EventBridge
// for whoever has a rule with the topic: it does not tell KMS on whose behalf
// it comes, so that any condition would refuse it.
func forAlarmTopics() []awsiam.PolicyStatement {
	ours := map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}}
	return []awsiam.PolicyStatement{
		allow(service("cloudwatch.amazonaws.com"), ours, "kms:Decrypt", "kms:GenerateDataKey*"),
		allow(service("events.amazonaws.com"), nil, "kms:Decrypt", "kms:GenerateDataKey*"),
	}
}

func service(name string) awsiam.IPrincipal { return awsiam.NewServicePrincipal(&name, nil) }

// allow is about the key itself: that is what the resource "*" means in its
// policy.
func allow(who awsiam.IPrincipal, conditions map[string]any, actions ...string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{who},
		Actions:    jsii.Strings(actions...),
		Resources:  jsii.Strings("*"),
		Conditions: &conditions,
	})
}
