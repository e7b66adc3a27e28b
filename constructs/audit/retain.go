package audit

import "github.com/aws/aws-cdk-go/awscdk/v2"

// sevenYears is how long records are kept by default, in days.
const sevenYears = 2557

// retain keeps resources when their stack is deleted: other environments of
// the account rely on them. A creation that fails takes them away again, since
// an account has one of each: what stayed would refuse the next attempt.
func retain(resources ...awscdk.CfnResource) {
	for _, resource := range resources {
		resource.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	}
}
