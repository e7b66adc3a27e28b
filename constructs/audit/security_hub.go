package audit

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecurityhub"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// standards are the resource names of standards, all of which are regional.
// https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html
var standards = map[string]string{
	"foundational": "aws-foundational-security-best-practices/v/1.0.0",
	"cis-1.4":      "cis-aws-foundations-benchmark/v/1.4.0",
	"cis-3.0":      "cis-aws-foundations-benchmark/v/3.0.0",
	"nist-800-53":  "nist-800-53/v/5.0.0",
	"pci-dss-4.0":  "pci-dss/v/4.0.1",
}

// SecurityHubProps configures a SecurityHub.
type SecurityHubProps struct {
	// Standards are checked: foundational, cis-1.4, cis-3.0, nist-800-53 or
	// pci-dss-4.0. Without any, Security Hub only collects findings of other services.
	Standards []string

	// Recorder is AWS Config's, if the same stack creates it: a standard that is
	// enabled before it stays without data
	// (https://github.com/awslabs/aws-securityhub-multiaccount-scripts/issues/54).
	Recorder *ConfigRecorder

	// Suppressions are the findings that are accepted and notify nobody.
	Suppressions []Suppression
}

// Suppression is an automation rule that suppresses findings.
type Suppression struct {
	// ID is the construct id. Controls are ids of controls, such as RDS.13.
	ID       string
	Controls []string

	// Reason is the note on a suppressed finding, up to 512 characters.
	Reason string

	// ResourcePrefix is the start of the ARNs of the resources. If it is empty, the
	// rule is for all resources of the account.
	ResourcePrefix string

	// UpdatedBy is the author of the note.
	UpdatedBy string
}

// SecurityHub is Security Hub with exactly these standards and suppressions. All of it
// outlives the stack. A check that several standards have makes one finding.
type SecurityHub struct {
	Hub awssecurityhub.CfnHub
}

// NewSecurityHub defines a SecurityHub. It turns off the standards that AWS enables by
// default.
func NewSecurityHub(scope constructs.Construct, id string, props SecurityHubProps) *SecurityHub {
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
	for i, suppression := range props.Suppressions {
		rule := newSuppression(this, suppression, i+1)
		rule.AddResourceDependency(hub, nil)
		retain(rule)
	}
	return &SecurityHub{hub}
}

// newSuppression suppresses findings, and their updates, before Security Hub sends
// them to EventBridge
// (https://docs.aws.amazon.com/securityhub/latest/userguide/automation-rules.html).
// Disabling the control would disable it for other owners in the account, too.
func newSuppression(scope constructs.Construct, s Suppression, order int) awssecurityhub.CfnAutomationRule {
	criteria := &awssecurityhub.CfnAutomationRule_AutomationRulesFindingFiltersProperty{
		ComplianceSecurityControlId: filters("EQUALS", s.Controls...),
		RecordState:                 filters("EQUALS", "ACTIVE"),
	}
	if s.ResourcePrefix != "" {
		criteria.ResourceId = filters("PREFIX", s.ResourcePrefix)
	}
	return awssecurityhub.NewCfnAutomationRule(scope, &s.ID, &awssecurityhub.CfnAutomationRuleProps{
		RuleName:    jsii.String(s.UpdatedBy + "-" + s.ID),
		RuleOrder:   jsii.Number(order),
		Description: &s.Reason,
		RuleStatus:  jsii.String("ENABLED"),
		Criteria:    criteria,
		Actions: &[]any{&awssecurityhub.CfnAutomationRule_AutomationRulesActionProperty{
			Type: jsii.String("FINDING_FIELDS_UPDATE"),
			FindingFieldsUpdate: &awssecurityhub.CfnAutomationRule_AutomationRulesFindingFieldsUpdateProperty{
				Workflow: &awssecurityhub.CfnAutomationRule_WorkflowUpdateProperty{Status: jsii.String("SUPPRESSED")},
				Note:     &awssecurityhub.CfnAutomationRule_NoteUpdateProperty{Text: &s.Reason, UpdatedBy: &s.UpdatedBy},
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
