package invariants

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/config"
)

// Invariant is true of every environment.
type Invariant struct {
	// Name says what is true, Advice what to do where it is not.
	Name, Advice string

	// Broken returns a line for each place where it is not.
	Broken func(*Environment) []string
}

// asHere is the advice where the name of the invariant says all.
const asHere = "What is compared is in test/invariants"

// All are the invariants.
var All = slices.Concat(ofResources, ofEnvironments, ofNames)

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// stackOrder is the order of the stacks, in which references go one way.
var stackOrder = []string{"second-vault", "network", "security-groups", "data", "iam", "compute", "monitoring", "response", "audit"}

// StacksDependOnEarlierOnes says that no reference goes back.
var StacksDependOnEarlierOnes = Invariant{"stacks depend on earlier ones only, by references that are strong", "Hand the value from the earlier stack " +
	"to the later one in stacks/app.go. A new stack belongs into stackOrder of test/invariants/invariants.go, behind those that it refers to and before " +
	"those that refer to it, and among the stacks of docs/architecture.md", func(env *Environment) (broken []string) {
	exporter := map[any]string{}
	for _, stack := range env.Stacks {
		for _, output := range stack.Template.Outputs {
			exporter[output.Export.Name] = stack.ID
		}
	}
	for _, stack := range env.Stacks {
		place := slices.Index(stackOrder, stack.ID)
		if place < 0 {
			broken = append(broken, fmt.Sprintf("stack %q is not in stackOrder", stack.ID))
			continue
		}
		needed := stack.Dependencies
		for _, name := range imported.FindAllStringSubmatch(stack.Text, -1) {
			needed = append(needed, exporter[name[1]])
		}
		for _, earlier := range needed {
			if !slices.Contains(stackOrder[:place], earlier) {
				broken = append(broken, fmt.Sprintf("stack %q depends on %q", stack.ID, earlier))
			}
		}
		if strings.Contains(stack.Text, "Fn::GetStackOutput") {
			broken = append(broken, stack.ID+" has a weak reference")
		}
	}
	return broken
}}

var imported = regexp.MustCompile(`"Fn::ImportValue": "([^"]*)"`)

// leftovers stand in a template where CDK did not know a value.
var leftovers = regexp.MustCompile(`\$\{Token\[|<unresolved-token>|\[object Object\]|"undefined"|unknown-(account|region)`)

// NoStackHasANote says that CDK has nothing to say. A notice at each synthesis is
// soon overlooked, and a warning with it.
var NoStackHasANote = Invariant{"no stack has a warning or a notice", asHere, func(env *Environment) (broken []string) {
	for _, stack := range env.Stacks {
		for path, notes := range stack.Notes {
			for _, note := range notes {
				if slices.Contains([]string{"aws:cdk:error", "aws:cdk:warning", "aws:cdk:info"}, note.Type) {
					broken = append(broken, fmt.Sprintf("%s: %v", path, note.Data))
				}
			}
		}
	}
	return broken
}}

var ofEnvironments = []Invariant{
	DataOutlivesItsStack,
	{"what stays needs nothing that goes", "Give what it refers to the same RemovalPolicy", func(env *Environment) (broken []string) {
		for _, stack := range env.Stacks {
			for _, r := range env.Resources() {
				if r.Stack == stack.ID && stays(r.Resource) {
					broken = append(broken, going(stack, r)...)
				}
			}
		}
		return broken
	}},
	StacksDependOnEarlierOnes,
	StrangersAreBlockedFirst,
	NothingMoreIsOpen,
	{"a disposable environment leaves nothing but what the account relies on", "Give it the RemovalPolicy DESTROY where env.lifecycle.disposable; " +
		"a bucket also AutoDeleteObjects", func(env *Environment) (broken []string) {
		for _, r := range env.Resources() {
			deleted := r.DeletionPolicy == "" || r.DeletionPolicy == "Delete"
			if env.Lifecycle == config.LifecycleDisposable && !deleted && r.Stack != "audit" {
				broken = append(broken, r.String())
			}
		}
		return broken
	}},
	// CDK's function empties a stack's bucket before CloudFormation deletes it. Ours runs
	// a task.
	{"a function that runs at deployment empties a disposable environment's bucket or runs a task", asHere, func(env *Environment) (broken []string) {
		for _, r := range env.Resources() {
			runs := r.Type == "AWS::Lambda::Function" || strings.Contains(r.Type, "Custom")
			empties := env.Lifecycle == config.LifecycleDisposable && strings.Contains(r.Type+r.ID, "S3AutoDeleteObjects")
			runsTask := r.Type == "Custom::TaskRun" || r.Properties.At("Environment", "Variables", "TASK") != nil
			if runs && !empties && !runsTask {
				broken = append(broken, r.String())
			}
		}
		return broken
	}},
	eachStack("only a protected environment refuses to be deleted", func(env *Environment, stack Stack) bool {
		return stack.Protected == (env.Lifecycle == config.LifecycleProtected)
	}),
	eachStack("a stack is in a region that the file names", func(env *Environment, stack Stack) bool {
		return stack.Region == env.Region || stack.ID == "second-vault" && stack.Region == env.Backup.CopyToRegion
	}),
	eachStack("a stack fits into CloudFormation's limits", func(_ *Environment, stack Stack) bool {
		return len(stack.Template.Resources) <= 500 && len(stack.Template.Outputs) <= 200 && len(stack.Text) <= 1_000_000
	}),
	{"behind CloudFront the listener or a web ACL asks for the origin header", asHere, func(env *Environment) (broken []string) {
		if env.Edge.Ingress.AnyViewer() || len(env.Resources("AWS::WAFv2::WebACL")) > 0 {
			return nil
		}
		for _, r := range env.Resources("AWS::ElasticLoadBalancingV2::ListenerRule") {
			for _, condition := range r.Properties.Objects("Conditions") {
				if condition["Field"] != "http-header" {
					broken = append(broken, r.String())
				}
			}
		}
		return broken
	}},
	NoStackHasANote,
	{"synthesis needs no access to AWS", asHere, func(env *Environment) (broken []string) {
		if len(env.Missing) > 0 {
			broken = append(broken, fmt.Sprint(env.Missing...))
		}
		for _, stack := range env.Stacks {
			if strings.Contains(stack.Text, "dummy1") {
				broken = append(broken, stack.ID+": the zones were to be looked up")
			}
		}
		return broken
	}},
	eachStack("no template has an unresolved value", func(_ *Environment, stack Stack) bool {
		return leftovers.FindString(stack.Text) == ""
	}),
	{"whatever has tags has those of every resource and the file's", asHere, func(env *Environment) (broken []string) {
		for _, r := range env.Resources() {
			tags, ok := r.Properties["Tags"].([]any)
			if !ok {
				continue
			}
			has := map[string]any{}
			for _, tag := range tags {
				has[fmt.Sprint(tag.(Object)["Key"])] = tag.(Object)["Value"]
			}
			for key, value := range env.wantedTags() {
				if has[key] != value {
					broken = append(broken, fmt.Sprintf("%s: %s is %v", r, key, has[key]))
				}
			}
		}
		return broken
	}},
}

func (e *Environment) wantedTags() map[string]string {
	tags := map[string]string{"project": config.Project, "environment": e.Environment}
	for key, value := range e.Tags {
		tags[key] = value
	}
	return tags
}

func eachStack(name string, holds func(*Environment, Stack) bool) Invariant {
	return Invariant{name, asHere, func(env *Environment) (broken []string) {
		for _, stack := range env.Stacks {
			if !holds(env, stack) {
				broken = append(broken, stack.ID)
			}
		}
		return broken
	}}
}

// StrangersAreBlockedFirst says that the rule of priority 0 of a web ACL blocks
// what lacks the origin header, whatever the web ACL's mode.
var StrangersAreBlockedFirst = Invariant{"a web ACL blocks first what did not come from the environment's own distribution", "The rule is RuleOrigin of " +
	"constructs/waf/web_acl.go", func(env *Environment) (broken []string) {
	for _, firewall := range env.Resources("AWS::WAFv2::WebACL") {
		rules, _ := firewall.Properties["Rules"].([]any)
		if !slices.ContainsFunc(rules, func(one any) bool {
			rule := one.(Object)
			return rule["Priority"] == 0.0 && equal(rule["Action"], Object{"Block": Object{}}) && rule["Statement"].(Object)["NotStatement"] != nil
		}) {
			broken = append(broken, firewall.String())
		}
	}
	return broken
}}
