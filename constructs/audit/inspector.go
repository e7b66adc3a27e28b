package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// InspectorProps configures an Inspector.
type InspectorProps struct {
	// Repositories is a wildcard filter of the names of repositories to scan.
	Repositories string `required:"true"`
}

// Inspector makes Amazon Inspector scan images on push, and again when a
// vulnerability becomes known. It is a setting of the account's registry: it outlives
// its stack and replaces the repositories' own scans.
type Inspector struct {
	Scanning awsecr.CfnRegistryScanningConfiguration
}

// NewInspector defines an Inspector.
func NewInspector(scope constructs.Construct, id string, props InspectorProps) *Inspector {
	required.Check(id, props)
	scanning := awsecr.NewCfnRegistryScanningConfiguration(scope, &id, &awsecr.CfnRegistryScanningConfigurationProps{
		ScanType: jsii.String("ENHANCED"),
		Rules: &[]any{&awsecr.CfnRegistryScanningConfiguration_ScanningRuleProperty{
			ScanFrequency: jsii.String("CONTINUOUS_SCAN"),
			RepositoryFilters: &[]any{&awsecr.CfnRegistryScanningConfiguration_RepositoryFilterProperty{
				Filter: &props.Repositories, FilterType: jsii.String("WILDCARD"),
			}},
		}},
	})
	retain(scanning)
	return &Inspector{scanning}
}
