package audit

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsaccessanalyzer"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsguardduty"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
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
