package audit

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecurityhub"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// standards are the resource names of the standards, all of which are regional.
// https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html
var standards = map[string]string{
	"foundational": "aws-foundational-security-best-practices/v/1.0.0",
	"cis-1.4":      "cis-aws-foundations-benchmark/v/1.4.0",
	"cis-3.0":      "cis-aws-foundations-benchmark/v/3.0.0",
	"nist-800-53":  "nist-800-53/v/5.0.0",
	"pci-dss-4.0":  "pci-dss/v/4.0.1",
}

// SecurityHubProps configures Security Hub.
type SecurityHubProps struct {
	// Standards are checked: foundational, cis-1.4, cis-3.0, nist-800-53 or
	// pci-dss-4.0. Default: none, so that only findings of others are collected.
	Standards []string
}

// NewSecurityHub defines Security Hub and what it checks, which stay when their
// stack is deleted. Standards that AWS enables by default are not: the list is
// complete. A check that several standards have makes one finding.
func NewSecurityHub(scope constructs.Construct, id string, props SecurityHubProps) {
	this := constructs.NewConstruct(scope, &id)
	hub := awssecurityhub.NewCfnHub(this, jsii.String("Hub"), &awssecurityhub.CfnHubProps{
		EnableDefaultStandards:  false,
		ControlFindingGenerator: jsii.String("SECURITY_CONTROL"),
		AutoEnableControls:      true,
	})
	retain(hub)
	for _, name := range props.Standards {
		standard := awssecurityhub.NewCfnStandard(this, &name, &awssecurityhub.CfnStandardProps{
			StandardsArn: standardARN(this, name),
		})
		standard.AddResourceDependency(hub, nil)
		retain(standard)
	}
}

func standardARN(scope constructs.Construct, name string) *string {
	path, known := standards[name]
	if !known {
		panic(fmt.Sprintf("audit: unknown Security Hub standard %q", name))
	}
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("securityhub"), Account: jsii.String(""),
		Resource: jsii.String("standards"), ResourceName: &path,
	})
}
