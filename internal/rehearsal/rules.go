package rehearsal

import (
	"fmt"
	"strings"

	"catalog-infra/internal/assembly"
)

// rule is a rule of a security group.
type rule struct {
	// id is the logical id of what has the rule.
	id string

	// group and peer are stack/logical id of a security group. A peer may also be a
	// CIDR or a prefix list.
	group, peer string

	inbound  bool
	protocol string
	from, to int
}

// rules returns all rules of the account.
func (a *account) rules() []rule {
	var all []rule
	for _, stack := range a.stacks {
		all = append(all, a.rulesOf(stack)...)
	}
	return all
}

// rulesOf returns the rules that a stack defines, in groups of whichever stack.
func (a *account) rulesOf(stack assembly.Stack) []rule {
	var all []rule
	for _, id := range sortedKeys(stack.Template.Resources) {
		resource := stack.Template.Resources[id]
		switch resource.Type {
		case "AWS::EC2::SecurityGroupIngress":
			all = append(all, a.rule(stack, id, resource.Properties, a.key(stack, resource.Properties["GroupId"]), true))
		case "AWS::EC2::SecurityGroupEgress":
			all = append(all, a.rule(stack, id, resource.Properties, a.key(stack, resource.Properties["GroupId"]), false))
		case "AWS::EC2::SecurityGroup":
			for _, inline := range resource.Properties.Objects("SecurityGroupIngress") {
				all = append(all, a.rule(stack, id, inline, stack.ID+"/"+id, true))
			}
			for _, inline := range resource.Properties.Objects("SecurityGroupEgress") {
				all = append(all, a.rule(stack, id, inline, stack.ID+"/"+id, false))
			}
		}
	}
	return all
}

// peers are the properties that say who may come in, or where one may go.
var peers = []string{
	"SourceSecurityGroupId", "DestinationSecurityGroupId", "SourcePrefixListId", "DestinationPrefixListId", "CidrIp", "CidrIpv6",
}

func (a *account) rule(stack assembly.Stack, id string, properties assembly.Object, group string, inbound bool) rule {
	found := rule{id: id, group: group, inbound: inbound, protocol: text(properties["IpProtocol"]),
		from: properties.Int("FromPort"), to: properties.Int("ToPort")}
	for _, property := range peers {
		if value, ok := properties[property]; ok {
			found.peer = a.key(stack, value)
		}
	}
	return found
}

// key returns stack/logical id of the resource that a value refers to, through
// imports; of any other value its text.
func (a *account) key(stack assembly.Stack, value any) string {
	if owner, resource, ok := a.target(stack, value); ok {
		return owner.ID + "/" + resource.ID
	}
	return text(value)
}

// rulesPerGroup is the default quota of rules of a security group, inbound and
// outbound each: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
const rulesPerGroup = 60

// heaviestList is the weight of the AWS-managed prefix list that counts most, that
// of CloudFront: https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
const heaviestList = 55

func (r rule) weight() int {
	if strings.HasPrefix(r.peer, "pl-") {
		return heaviestList
	}
	return 1
}

// sideBySide refuses rules that together exceed the quota while the stack is
// updated: new ones are made before old ones are deleted.
func sideBySide(d deployment) []Step {
	next := d.account.clone()
	next.put(d.after)
	weights, there := map[string]int{}, map[rule]bool{}
	for _, old := range d.account.rules() {
		weights[old.side()] += old.weight()
		there[old] = true
	}
	changed := map[string]bool{}
	for _, young := range next.rulesOf(d.after) {
		changed[young.side()] = true
		if !there[young] {
			weights[young.side()] += young.weight()
			there[young] = true
		}
	}
	var steps []Step
	for _, side := range sortedKeys(weights) {
		if weights[side] > rulesPerGroup && changed[side] {
			steps = append(steps, d.refuse("old and new rules together make %d %s, the quota is %d", weights[side], side, rulesPerGroup))
		}
	}
	return steps
}

func (r rule) side() string {
	if r.inbound {
		return fmt.Sprintf("inbound rules of %s", r.group)
	}
	return fmt.Sprintf("outbound rules of %s", r.group)
}

// admits reports whether the rule allows TCP at the port.
func (r rule) admits(port int) bool {
	return r.protocol == "-1" || r.protocol == "tcp" && r.from <= port && port <= r.to
}

// repeatedRules finds rules that are deleted although another resource has the same one.
// AWS has it once, so that it is gone afterwards:
// https://github.com/Crown-Commercial-Service/digitalmarketplace-aws/pull/104
func repeatedRules(d deployment) []Step {
	next := d.account.clone()
	next.put(d.after)
	same := map[rule]string{}
	for _, young := range next.rules() {
		id := young.id
		young.id = ""
		same[young] = id
	}
	former := map[string][]rule{}
	for _, old := range d.account.rulesOf(d.before) {
		id := old.id
		old.id = ""
		former[id] = append(former[id], old)
	}
	var steps []Step
	for _, found := range d.changes {
		if found.after != nil {
			continue
		}
		for _, old := range former[found.id] {
			if other, ok := same[old]; ok {
				steps = append(steps, Step{Stack: d.after.ID, Resource: found.id, Type: found.before.Type, Action: Check, Verdict: ServiceCut,
					Why: other + " has the same rule, which AWS has once: it is deleted with this one"})
			}
		}
	}
	return steps
}
