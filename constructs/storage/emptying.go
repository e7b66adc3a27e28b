package storage

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// EmptySilently takes the permission to log from CDK's function that empties a
// bucket with AutoDeleteObjects before its stack is deleted. Lambda would make
// a log group for it that outlives the stack and keeps logs for ever. What goes
// wrong is the reason that CloudFormation shows, with the stack trace.
func EmptySilently(bucket awss3.Bucket) {
	provider := awscdk.Stack_Of(bucket).Node().FindChild(jsii.String("Custom::S3AutoDeleteObjectsCustomResourceProvider"))
	provider.Node().FindChild(jsii.String("Role")).(awscdk.CfnResource).
		AddPropertyDeletionOverride(jsii.String("ManagedPolicyArns"))
}
