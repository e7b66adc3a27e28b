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

	// Recorder is what AWS Config records with, where it is created beside
	// Security Hub: a standard that is enabled before stays without data
	// (https://github.com/awslabs/aws-securityhub-multiaccount-scripts/issues/54).
	Recorder *ConfigRecorder

	// Accepted are the findings that nobody is told of.
	Accepted []Accepted
}

// Accepted is what controls of Security Hub find and is meant to be.
type Accepted struct {
	// ID is the construct's. Controls are such as RDS.13.
	ID       string
	Controls []string

	// Reason is what whoever looks at a finding reads beside it, up to 512
	// characters.
	Reason string

	// Resources is how the ARNs of the resources begin that it is accepted of.
	// Default: of all in the account.
	Resources string

	// By says who accepts it.
	By string
}

// NewSecurityHub defines Security Hub and what it checks, which stay when their
// stack is deleted. Standards that AWS enables by default are not: the list is
// complete. A check that several standards have makes one finding. What is
// accepted stays accepted with them.
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
		if recorder := props.Recorder; recorder != nil {
			standard.AddResourceDependency(recorder.Recorder, nil)
			standard.AddResourceDependency(recorder.Channel, nil)
		}
		retain(standard)
	}
	for i, accepted := range props.Accepted {
		rule := newAcceptance(this, accepted, i+1)
		rule.AddResourceDependency(hub, nil)
		retain(rule)
	}
}

// newAcceptance suppresses findings with the reason. Security Hub applies such a
// rule before EventBridge hears of a finding
// (https://docs.aws.amazon.com/securityhub/latest/userguide/automation-rules.html),
// and to updates of it. A control that is disabled instead would also be
// disabled for what others own in the account.
func newAcceptance(scope constructs.Construct, accepted Accepted, order int) awssecurityhub.CfnAutomationRule {
	criteria := &awssecurityhub.CfnAutomationRule_AutomationRulesFindingFiltersProperty{
		ComplianceSecurityControlId: filters("EQUALS", accepted.Controls...),
		RecordState:                 filters("EQUALS", "ACTIVE"),
	}
	if accepted.Resources != "" {
		criteria.ResourceId = filters("PREFIX", accepted.Resources)
	}
	return awssecurityhub.NewCfnAutomationRule(scope, &accepted.ID, &awssecurityhub.CfnAutomationRuleProps{
		RuleName:    jsii.String(accepted.By + "-" + accepted.ID),
		RuleOrder:   jsii.Number(order),
		Description: &accepted.Reason,
		RuleStatus:  jsii.String("ENABLED"),
		Criteria:    criteria,
		Actions: &[]any{&awssecurityhub.CfnAutomationRule_AutomationRulesActionProperty{
			Type: jsii.String("FINDING_FIELDS_UPDATE"),
			FindingFieldsUpdate: &awssecurityhub.CfnAutomationRule_AutomationRulesFindingFieldsUpdateProperty{
				Workflow: &awssecurityhub.CfnAutomationRule_WorkflowUpdateProperty{Status: jsii.String("SUPPRESSED")},
				Note:     &awssecurityhub.CfnAutomationRule_NoteUpdateProperty{Text: &accepted.Reason, UpdatedBy: &accepted.By},
			},
		}},
	})
}

func filters(comparison string, values ...string) *[]any {
	found := make([]any, len(values))
	for i, value := range values {
		found[i] = &awssecurityhub.CfnAutomationRule_StringFilterProperty{Comparison: &comparison, Value: &value}
	}
	return &found
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
