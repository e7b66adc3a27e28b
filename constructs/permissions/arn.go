package permissions

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
)

// ARN returns the ARN of a resource in the account and region of the stack, such as
// ARN(scope, "logs", "log-group:*").
func ARN(scope constructs.Construct, service, resource string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: &service, Resource: &resource, ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})
}

// ARNIn is like ARN for another region, which may be "*", or empty for a global service.
func ARNIn(scope constructs.Construct, region, service, resource string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: &service, Region: &region, Resource: &resource, ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	})
}
