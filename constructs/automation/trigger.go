package automation

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// TriggerProps configures a Start.
type TriggerProps struct {
	// Pattern is that of the events, Schedule a cron or rate expression of
	// EventBridge, in UTC. One of them is given.
	Pattern  map[string]any
	Schedule string

	// Meaning says in one line what is started when.
	Meaning string

	// Runbook is started. It must be able to hurt nobody: nobody is asked.
	Runbook *Runbook

	// Account is that of the stack, whose events alone start the runbook.
	Account string

	// Parameters are the runbook's; all without a default must be given, else
	// nothing is started and nobody hears of it. A value may name parts of the
	// event, by <name>.
	Parameters map[string]string

	// Paths are the parts of the event by name, as JSON paths.
	Paths map[string]string
}

// NewTrigger defines a rule of EventBridge that starts a runbook, and returns it.
func NewTrigger(scope constructs.Construct, id string, props TriggerProps) awsevents.CfnRule {
	if props.Account == "" {
		panic("automation: " + id + ": got no Account, without which anybody's events could assume the role")
	}
	this := constructs.NewConstruct(scope, &id)
	role := newServiceRole(this, "Role", "events.amazonaws.com", RoleProps{Description: props.Meaning, Statements: props.Runbook.StartStatements()}, map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": props.Account},
	})
	rule := &awsevents.CfnRuleProps{
		Description: &props.Meaning,
		Targets:     &[]any{props.target(role)},
	}
	if props.Schedule != "" {
		rule.ScheduleExpression = &props.Schedule
	} else {
		rule.EventPattern = props.Pattern
	}
	return awsevents.NewCfnRule(this, jsii.String("Rule"), rule)
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

// input has a list for each parameter, as StartAutomationExecution takes them.
func (p TriggerProps) input() *string {
	lists := map[string][]string{}
	for name, value := range p.Parameters {
		lists[name] = []string{value}
	}
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // <name> must stay as it is
	if err := encoder.Encode(lists); err != nil {
		panic(err) // only if a map of texts could not be written
	}
	return jsii.String(strings.TrimSpace(text.String()))
}
