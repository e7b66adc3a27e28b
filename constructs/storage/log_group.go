package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// LogGroupProps configures a LogGroup.
type LogGroupProps struct {
	// Name is the physical name. If it is empty, CloudFormation generates one.
	Name string

	// RetentionDays is one of the numbers of days that CloudWatch Logs accepts.
	RetentionDays int `required:"true"`

	// Key encrypts the logs. Its policy must have KeyProps.LogGroups, and it must
	// outlive the logs. Nil means CloudWatch Logs' own key.
	Key awskms.IKey

	// AllowDeletion turns deletion protection off.
	AllowDeletion bool

	// Disposable deletes the logs with the stack, which needs AllowDeletion.
	// Otherwise they stay.
	Disposable bool
}

// LogGroup is a log group whose events expire.
type LogGroup struct {
	Logs awslogs.LogGroup
}

// NewLogGroup defines a LogGroup.
func NewLogGroup(scope constructs.Construct, id string, props LogGroupProps) *LogGroup {
	required.Check(id, props)
	settings := &awslogs.LogGroupProps{
		EncryptionKey:             props.Key,
		DeletionProtectionEnabled: jsii.Bool(!props.AllowDeletion),
		RemovalPolicy:             RemovalPolicy(props.Disposable),
	}
	if props.Name != "" {
		settings.LogGroupName = &props.Name
	}
	group := awslogs.NewLogGroup(scope, &id, settings)
	// The L2 takes an enum of retentions; the L1 takes the number.
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(props.RetentionDays))
	return &LogGroup{group}
}
