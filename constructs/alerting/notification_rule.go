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

	"catalog-infra/constructs/required"
)

// NotificationRuleProps configures a NotificationRule.
type NotificationRuleProps struct {
	Description
	Mail

	// Pattern is an event pattern of EventBridge.
	Pattern map[string]any `required:"true"`

	// Topic receives the notification. It must be a Topic of this package, which
	// allows EventBridge to publish: a role could not use the topic's key.
	Topic awssns.ITopic `required:"true"`
}

// Mail is the text of a notification after its Description. The texts are single
// lines, and name parts of the event by <name>.
type Mail struct {
	// What happened.
	What string `required:"true"`

	// Which resource it happened to.
	Which string `required:"true"`

	// Environment is the environment's name: several may send to one mailbox.
	Environment string `required:"true"`

	// Look is a command of the AWS CLI that shows more. EventBridge puts it between
	// double quotes, so it must have none.
	Look string `required:"true"`

	// Paths are the parts of the event by name, as JSON paths, beside account,
	// region and time. EventBridge omits a part that the event does not have, and
	// escapes nothing: name parts that every such event has, and no free text.
	Paths map[string]string
}

// NotificationRule is a rule that sends an e-mail about events on the account's bus.
type NotificationRule struct {
	Rule awsevents.CfnRule
}

// NewNotificationRule defines a NotificationRule.
func NewNotificationRule(scope constructs.Construct, id string, props NotificationRuleProps) *NotificationRule {
	required.Check(id, props)
	text := props.Text()
	return &NotificationRule{awsevents.NewCfnRule(scope, &id, &awsevents.CfnRuleProps{
		Description:  &text,
		EventPattern: props.Pattern,
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{
			Id:               jsii.String("Topic"),
			Arn:              props.Topic.TopicArn(),
			InputTransformer: props.transformer(text),
		}},
	})}
}

// everyEvent has the parts of all events.
var everyEvent = map[string]string{"account": "$.account", "region": "$.region", "time": "$.time"}

// transformer returns the transformer that turns an event into an e-mail. Each line
// is a text in quotes, and EventBridge leaves the quotes in the e-mail.
func (m Mail) transformer(first string) *awsevents.CfnRule_InputTransformerProperty {
	if !strings.HasPrefix(m.Look, "aws ") || strings.Contains(m.Look, `"`) {
		panic("alerting: Look must be a command of the AWS CLI without double quotes, got " + m.Look)
	}
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
		lines[i] = InputTemplate(line)
		for _, name := range placeholder.FindAllStringSubmatch(line, -1) {
			if paths[name[1]] == "" {
				panic(fmt.Sprintf("alerting: Paths has no <%s>, which is used in: %s", name[1], line))
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

// InputTemplate returns texts as JSON for the target of a rule: < and > stay as they are.
func InputTemplate[T string | map[string][]string](content T) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(content); err != nil {
		panic(err) // texts can always be encoded
	}
	return strings.TrimSpace(text.String())
}
