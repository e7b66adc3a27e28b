package alerting

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NotificationRuleProps configures an Event.
type NotificationRuleProps struct {
	Description
	Mail

	// Pattern is that of EventBridge.
	Pattern map[string]any

	// Topic is told.
	Topic awssns.ITopic
}

// Mail is what the e-mail of an event says beside its contract. All of it is
// needed but the paths. The texts are single lines, and name parts of the event by
// <name>.
type Mail struct {
	// What happened.
	What string

	// Which is what it happened to.
	Which string

	// Environment is whose topic is told: several may share a mailbox.
	Environment string

	// Look is the command of the AWS CLI that shows more. It is between double
	// quotes in the e-mail, so it has none.
	Look string

	// Paths are the parts of the event by name, as JSON paths, beside account,
	// region and time. EventBridge leaves out what an event does not have, and
	// does not escape what it has: name what every such event has, and no text that
	// people wrote.
	Paths map[string]string
}

// NewNotificationRule defines a rule that tells a topic of events on the account's bus.
// The topic must let EventBridge publish, as NewTopic's does: a role for it
// could not use the topic's key.
func NewNotificationRule(scope constructs.Construct, id string, props NotificationRuleProps) awsevents.CfnRule {
	text := props.Text()
	return awsevents.NewCfnRule(scope, &id, &awsevents.CfnRuleProps{
		Description:  &text,
		EventPattern: props.Pattern,
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("Topic"),
			Arn:              props.Topic.TopicArn(),
			InputTransformer: props.transformer(text),
		}},
	})
}

// everyEvent are parts that all events have.
var everyEvent = map[string]string{"account": "$.account", "region": "$.region", "time": "$.time"}

// transformer makes a mail of an event, a line for each line of the template.
// EventBridge takes a template of several texts in quotes, and leaves the quotes in
// what it sends.
func (m Mail) transformer(first string) *awsevents.CfnRule_InputTransformerProperty {
	m.check()
	paths := maps.Clone(everyEvent)
	maps.Copy(paths, m.Paths)
	lines := []string{
		first,
		"What: " + m.What,
		"Which: " + m.Which,
		"Where: environment " + m.Environment + ", account <account>, <region>, <time>",
		m.Look,
	}
	for i, line := range lines {
		lines[i] = quoted(line)
		for _, name := range placeholder.FindAllStringSubmatch(line, -1) {
			if paths[name[1]] == "" {
				panic(fmt.Sprintf("alerting: the mail of an event names <%s>, which has no path: %s", name[1], line))
			}
		}
	}
	return &awsevents.CfnRule_InputTransformerProperty{
		InputPathsMap: paths,
		InputTemplate: jsii.String(strings.Join(lines, "\n")),
	}
}

// placeholder is a part of an event in a text.
var placeholder = regexp.MustCompile(`<([^<>]*)>`)

func (m Mail) check() {
	if m.What == "" || m.Which == "" || m.Environment == "" || !strings.HasPrefix(m.Look, "aws ") || strings.Contains(m.Look, `"`) {
		panic(fmt.Sprintf("alerting: the mail of an event needs What, Which, Environment and, in Look, a command of the AWS CLI without double quotes, got %+v", m))
	}
}

// quoted is a line as a JSON text, in which < and > stay as they are.
func quoted(line string) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(line); err != nil {
		panic(err) // only if a text could not be written
	}
	return strings.TrimSpace(text.String())
}
