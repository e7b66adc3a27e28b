package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsaccessanalyzer"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// unusedDays is after how many days without use access is reported.
const unusedDays = 90

// AccessAnalyzerProps configures an AccessAnalyzer.
type AccessAnalyzerProps struct {
	// UnusedAccess adds an analyzer of unused access, which AWS bills by the principal.
	UnusedAccess bool
}

// AccessAnalyzer finds resources that are shared with other accounts or the public.
// It outlives its stack.
type AccessAnalyzer struct {
	External awsaccessanalyzer.CfnAnalyzer

	// Unused is nil without UnusedAccess.
	Unused awsaccessanalyzer.CfnAnalyzer
}

// NewAccessAnalyzer defines an AccessAnalyzer.
func NewAccessAnalyzer(scope constructs.Construct, id string, props AccessAnalyzerProps) *AccessAnalyzer {
	this := constructs.NewConstruct(scope, &id)
	analyzer := &AccessAnalyzer{External: awsaccessanalyzer.NewCfnAnalyzer(this, jsii.String("External"), &awsaccessanalyzer.CfnAnalyzerProps{
		Type: jsii.String("ACCOUNT"),
	})}
	retain(analyzer.External)
	if !props.UnusedAccess {
		return analyzer
	}
	analyzer.Unused = awsaccessanalyzer.NewCfnAnalyzer(this, jsii.String("Unused"), &awsaccessanalyzer.CfnAnalyzerProps{
		Type: jsii.String("ACCOUNT_UNUSED_ACCESS"),
		AnalyzerConfiguration: &awsaccessanalyzer.CfnAnalyzer_AnalyzerConfigurationProperty{
			UnusedAccessConfiguration: &awsaccessanalyzer.CfnAnalyzer_UnusedAccessConfigurationProperty{
				UnusedAccessAge: jsii.Number(unusedDays),
			},
		},
	})
	retain(analyzer.Unused)
	return analyzer
}
