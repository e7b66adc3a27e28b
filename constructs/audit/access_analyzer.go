package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsaccessanalyzer"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// AccessAnalyzerProps configures an AccessAnalyzer.
type AccessAnalyzerProps struct {
	// UnusedAccess adds an analyzer for what nobody used for 90 days, billed by
	// the principal.
	UnusedAccess bool
}

// NewAccessAnalyzer defines the analyzer that finds what is shared with other
// accounts or the world. It stays when its stack is deleted.
func NewAccessAnalyzer(scope constructs.Construct, id string, props AccessAnalyzerProps) {
	this := constructs.NewConstruct(scope, &id)
	retain(awsaccessanalyzer.NewCfnAnalyzer(this, jsii.String("External"), &awsaccessanalyzer.CfnAnalyzerProps{
		Type: jsii.String("ACCOUNT"),
	}))
	if !props.UnusedAccess {
		return
	}
	retain(awsaccessanalyzer.NewCfnAnalyzer(this, jsii.String("Unused"), &awsaccessanalyzer.CfnAnalyzerProps{
		Type: jsii.String("ACCOUNT_UNUSED_ACCESS"),
		AnalyzerConfiguration: &awsaccessanalyzer.CfnAnalyzer_AnalyzerConfigurationProperty{
			UnusedAccessConfiguration: &awsaccessanalyzer.CfnAnalyzer_UnusedAccessConfigurationProperty{
				UnusedAccessAge: jsii.Number(90),
			},
		},
	}))
}
