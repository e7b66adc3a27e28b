package diagram

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// incident is the picture of who notifies whom: what sends events, which runbooks they
// start, what reaches people, and what people start.
func incident(f facts) drawing {
	topic := f.first("AWS::SNS::Topic").Key()
	automatic := map[string]box{}
	d := drawing{arrows: []arrow{{topic, "people", "e-mail"}, {"people", "alone", "start"}, {"people", "approved", "start"}}}
	d.add(box{id: topic, label: "SNS topic", class: management}, box{id: "people", label: "People on call", class: person})
	d.add(box{id: "alarms", label: f.count("alarm", "alarms", alarmTypes...) + "\nof CloudWatch", class: management})
	d.connect("alarms", topic)
	for _, rule := range f.OfType("AWS::Events::Rule") {
		for _, target := range rule.Properties.Objects("Targets") {
			started := f.started(rule, target.At("Arn"))
			if started.id != topic {
				automatic[started.id] = started
			}
			d.connect(eventSource(rule), started.id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(automatic)) {
		d.add(automatic[id])
	}
	d.addSources(topic)
	d.byPeople(f, automatic, topic)
	return d
}

// addSources adds what the arrows of rules come from. The services whose events only
// notify are one box.
func (d *drawing) addSources(topic string) {
	targets := map[string][]string{}
	for _, way := range d.arrows {
		targets[way.from] = append(targets[way.from], way.to)
	}
	var notifying []string
	for _, source := range slices.Sorted(maps.Keys(targets)) {
		switch {
		case slices.ContainsFunc(d.boxes, func(b box) bool { return b.id == source }):
		case slices.Equal(targets[source], []string{topic}):
			notifying = append(notifying, source)
		default:
			d.add(box{id: source, label: source, class: security})
		}
	}
	d.arrows = slices.DeleteFunc(d.arrows, func(way arrow) bool { return slices.Contains(notifying, way.from) })
	if len(notifying) > 0 {
		d.add(box{id: "notifying", label: strings.Join(notifying, "\n"), class: security})
		d.connect("notifying", topic)
	}
}

// byPeople adds the runbooks that no event starts, and the arrow of each that notifies.
func (d *drawing) byPeople(f facts, automatic map[string]box, topic string) {
	var alone, approved []string
	for _, document := range f.OfType("AWS::SSM::Document") {
		_, byEvent := automatic[document.Key()]
		switch {
		case byEvent && f.refersTo(document, topic):
			d.connect(document.Key(), topic)
		case byEvent:
		case approves(document):
			approved = append(approved, f.runbook(document))
		default:
			alone = append(alone, f.runbook(document))
		}
	}
	d.add(
		box{id: "alone", label: "Without an approver:\n" + strings.Join(alone, "\n"), class: management},
		box{id: "approved", label: "Once a second person approves:\n" + strings.Join(approved, "\n"), class: management})
}

// add adds boxes that the drawing does not have.
func (d *drawing) add(boxes ...box) {
	for _, added := range boxes {
		if !slices.ContainsFunc(d.boxes, func(b box) bool { return b.id == added.id }) {
			d.boxes = append(d.boxes, added)
		}
	}
}

// connect adds an arrow, once.
func (d *drawing) connect(from, to string) {
	if way := (arrow{from, to, ""}); !slices.Contains(d.arrows, way) {
		d.arrows = append(d.arrows, way)
	}
}

// services has the names of the services that send events, by their sources.
var services = map[string]string{
	"aws.access-analyzer": "Access Analyzer", "aws.backup": "AWS Backup", "aws.ecs": "ECS", "aws.guardduty": "GuardDuty",
	"aws.inspector2": "Inspector", "aws.secretsmanager": "Secrets Manager", "aws.securityhub": "Security Hub",
	"aws.ssm": "Systems Manager",
}

// eventSource names the service whose events a rule matches.
func eventSource(rule assembly.Placed) string {
	if rule.Properties.At("ScheduleExpression") != nil {
		return "Schedule"
	}
	sources := rule.Properties.List("EventPattern", "source")
	if len(sources) == 0 {
		return "Events"
	}
	source, _ := sources[0].(string)
	return cmp.Or(services[source], source)
}

// started returns the box of the target of a rule: a topic, or a runbook.
func (f facts) started(rule assembly.Placed, arn any) box {
	for _, target := range f.references(rule.Stack, arn) {
		return box{id: target.Key(), label: f.runbook(target), class: management}
	}
	name := fmt.Sprint(arn)
	name = name[strings.LastIndex(name, "/")+1:]
	return box{id: name, label: strings.ReplaceAll(strings.TrimSuffix(name, ":$DEFAULT"), "-", "-\n"), class: management}
}

// runbook returns the name of a document, without that of the environment.
func (f facts) runbook(document assembly.Placed) string {
	name := document.Properties.Text("Name")
	for _, stack := range f.Stacks {
		name = strings.TrimPrefix(name, strings.TrimSuffix(stack.Name, stack.ID))
	}
	return name
}

// refersTo reports whether the resource refers to another one.
func (f facts) refersTo(from assembly.Placed, id string) bool {
	return slices.ContainsFunc(f.references(from.Stack, map[string]any(from.Properties)), func(target assembly.Placed) bool {
		return target.Key() == id
	})
}

// approves reports whether a runbook has a step that waits for an approval.
func approves(document assembly.Placed) bool {
	steps := document.Properties.Objects("Content", "mainSteps")
	return slices.ContainsFunc(steps, func(step assembly.Object) bool { return step.At("action") == "aws:approve" })
}
