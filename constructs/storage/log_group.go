package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// LogGroupProps configures a LogGroup.
type LogGroupProps struct {
	// Name is the physical name. Default: one made by CloudFormation.
	Name string

	// RetentionDays is one of the numbers that CloudWatch Logs knows.
	// Default: 365.
	RetentionDays int

	// Key encrypts the logs; its policy must let log groups use it. Without the
	// key the logs cannot be read, so it must stay as long as they do. Default:
	// one that CloudWatch Logs has.
	Key awskms.IKey

	// AllowDeletion turns deletion protection off, which refuses every deletion
	// of the group, whoever asks for it.
	AllowDeletion bool

	// Disposable deletes the logs with the stack. By default they stay. It needs
	// AllowDeletion.
	Disposable bool
}

// NewLogGroup defines a log group that never keeps logs for ever.
func NewLogGroup(scope constructs.Construct, id string, props LogGroupProps) awslogs.LogGroup {
	if props.RetentionDays == 0 {
		props.RetentionDays = 365
	}
	group := awslogs.NewLogGroup(scope, &id, &awslogs.LogGroupProps{
		LogGroupName:              optional(props.Name),
		EncryptionKey:             props.Key,
		DeletionProtectionEnabled: jsii.Bool(!props.AllowDeletion),
		RemovalPolicy:             removal(props.Disposable),
	})
	// The L2 takes one constant for each number; the number itself is plainer.
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(props.RetentionDays))
	return group
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func removal(disposable bool) awscdk.RemovalPolicy {
	if disposable {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_RETAIN
}
