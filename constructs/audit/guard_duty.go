package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsguardduty"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// GuardDutyProps configures GuardDuty.
type GuardDutyProps struct {
	// Plans are the protection plans, as the API names its features. Default:
	// none but the foundational data sources, which are always watched.
	Plans []string
}

// NewGuardDuty defines the account's detector, which stays when its stack is
// deleted. Plans are features: data sources, the older way to name some of
// them, are refused beside features (pitfall F1).
func NewGuardDuty(scope constructs.Construct, id string, props GuardDutyProps) {
	features := make([]any, len(props.Plans))
	for i, plan := range props.Plans {
		features[i] = &awsguardduty.CfnDetector_CFNFeatureConfigurationProperty{
			Name: &plan, Status: jsii.String("ENABLED"),
		}
	}
	retain(awsguardduty.NewCfnDetector(scope, &id, &awsguardduty.CfnDetectorProps{
		Enable:                     true,
		FindingPublishingFrequency: jsii.String("FIFTEEN_MINUTES"),
		Features:                   &features,
	}))
}
