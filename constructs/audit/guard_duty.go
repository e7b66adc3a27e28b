package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsguardduty"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// GuardDutyProps configures a GuardDuty.
type GuardDutyProps struct {
	// Plans are protection plans beside the foundational data sources, as the API names
	// its features.
	Plans []string
}

// GuardDuty is the account's detector, which outlives its stack.
type GuardDuty struct {
	Detector awsguardduty.CfnDetector
}

// NewGuardDuty defines a GuardDuty. Plans are features: AWS refuses data sources, the
// older name of some of them, beside features (pitfall F1).
func NewGuardDuty(scope constructs.Construct, id string, props GuardDutyProps) *GuardDuty {
	features := make([]any, len(props.Plans))
	for i, plan := range props.Plans {
		features[i] = &awsguardduty.CfnDetector_CFNFeatureConfigurationProperty{
			Name: &plan, Status: jsii.String("ENABLED"),
		}
	}
	detector := awsguardduty.NewCfnDetector(scope, &id, &awsguardduty.CfnDetectorProps{
		Enable:                     true,
		FindingPublishingFrequency: jsii.String("FIFTEEN_MINUTES"),
		Features:                   &features,
	})
	retain(detector)
	return &GuardDuty{detector}
}
