package automation

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/alerting"
	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// TriggerProps configures a Trigger. Either Pattern or Schedule is given.
type TriggerProps struct {
	// Pattern is an event pattern of EventBridge, Schedule a cron or rate expression
	// of EventBridge in UTC.
	Pattern  map[string]any
	Schedule string

	// Meaning says in one line what is started when.
	Meaning string `required:"true"`

	// Runbook is started without approval, so it must be harmless.
	Runbook *Runbook `required:"true"`

	// Parameters are the runbook's. If one without a default is missing, Automation
	// refuses the start and reports it nowhere. A value may name parts of the event,
	// by <name>.
	Parameters map[string]string

	// Paths are the parts of the event by name, as JSON paths.
	Paths map[string]string
}

// Trigger is a rule of EventBridge that starts a runbook.
type Trigger struct {
	Rule awsevents.CfnRule
}

// NewTrigger defines a Trigger.
func NewTrigger(scope constructs.Construct, id string, props TriggerProps) *Trigger {
	required.Check(id, props, required.If((props.Pattern == nil) == (props.Schedule == ""), "either Pattern or Schedule"))
	this := constructs.NewConstruct(scope, &id)
	role := permissions.NewServiceRole(this, "Role", permissions.ServiceRoleProps{
		Service: "events.amazonaws.com", Description: props.Meaning, Statements: props.Runbook.StartStatements(),
	})
	rule := &awsevents.CfnRuleProps{
		Description: &props.Meaning,
		Targets:     &[]any{props.target(role.Role)},
	}
	if props.Schedule != "" {
		rule.ScheduleExpression = &props.Schedule
	} else {
		rule.EventPattern = props.Pattern
	}
	return &Trigger{awsevents.NewCfnRule(this, jsii.String("Rule"), rule)}
}

func (p TriggerProps) target(role awsiam.IRole) *awsevents.CfnRule_TargetProperty {
	target := &awsevents.CfnRule_TargetProperty{
		Id:      jsii.String("Runbook"),
		Arn:     p.Runbook.definitionARN("$DEFAULT"),
		RoleArn: role.RoleArn(),
	}
	if len(p.Paths) > 0 {
		target.InputTransformer = &awsevents.CfnRule_InputTransformerProperty{
			InputPathsMap: p.Paths, InputTemplate: p.input(),
		}
	} else {
		target.Input = p.input()
	}
	return target
}

// input returns the parameters as JSON. StartAutomationExecution takes a list for
// each.
func (p TriggerProps) input() *string {
	lists := map[string][]string{}
	for name, value := range p.Parameters {
		lists[name] = []string{value}
	}
	return jsii.String(alerting.InputTemplate(lists))
}
