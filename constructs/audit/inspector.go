package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewInspector lets Amazon Inspector scan every image in the account's registry,
// when it is pushed and again whenever a vulnerability becomes known. The
// setting is the registry's: it stays when its stack is deleted, and it takes
// the place of the repositories' own scans.
func NewInspector(scope constructs.Construct, id string) {
	retain(awsecr.NewCfnRegistryScanningConfiguration(scope, &id, &awsecr.CfnRegistryScanningConfigurationProps{
		ScanType: jsii.String("ENHANCED"),
		Rules: &[]any{&awsecr.CfnRegistryScanningConfiguration_ScanningRuleProperty{
			ScanFrequency: jsii.String("CONTINUOUS_SCAN"),
			RepositoryFilters: &[]any{&awsecr.CfnRegistryScanningConfiguration_RepositoryFilterProperty{
				Filter: jsii.String("*"), FilterType: jsii.String("WILDCARD"),
			}},
		}},
	}))
}
