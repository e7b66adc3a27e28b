package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// securityGroup is the type of what AWS calls a group.
const securityGroup = "AWS::EC2::SecurityGroup"

// groupRule is a rule of a security group.
type groupRule struct {
	admission

	// at is the resource that has the rule, group the key of the group.
	at      *resource
	group   string
	inbound bool

	// says is the peer as the template has it.
	says string
}

// groupRules are the rules of an environment by group, and the groups of each resource
// that has any.
type groupRules struct {
	byGroup map[string][]groupRule
	members map[string][]string // the groups of a resource, by key
	hasIPv6 bool
}

func (e *environment) groupRules() groupRules {
	all := groupRules{map[string][]groupRule{}, map[string][]string{}, false}
	add := func(at *resource, group string, inbound bool, rule map[string]any) {
		all.byGroup[group] = append(all.byGroup[group], e.rulesIn(at, group, inbound, rule)...)
	}
	for _, key := range e.keys {
		found := e.resources[key]
		switch found.Type {
		case "AWS::EC2::SecurityGroupIngress":
			add(found, e.groupOf(found.values["GroupId"]), true, found.values)
		case "AWS::EC2::SecurityGroupEgress":
			add(found, e.groupOf(found.values["GroupId"]), false, found.values)
		case securityGroup:
			for _, rule := range objectsOf(found.values["SecurityGroupIngress"]) {
				add(found, found.shared, true, rule)
			}
			for _, rule := range objectsOf(found.values["SecurityGroupEgress"]) {
				add(found, found.shared, false, rule)
			}
		case "AWS::EC2::VPCCidrBlock", "AWS::EC2::SubnetCidrBlock":
			all.hasIPv6 = true
		default:
			all.members[found.shared] = e.groupsIn(found.values, "")
		}
	}
	return all
}

// groupOf returns the key of a group, or its id as a text.
func (e *environment) groupOf(value any) string {
	if target, ok := e.target(value); ok && target.Type == securityGroup {
		return target.shared
	}
	return text(value)
}

// groupsIn returns the groups that a resource is a member of: those in its lists of
// groups.
func (e *environment) groupsIn(value any, property string) []string {
	var all []string
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			all = append(all, e.groupsIn(inner, key)...)
		}
	case []any:
		for _, inner := range value {
			all = append(all, e.groupsIn(inner, property)...)
		}
	case string:
		if target, ok := e.target(value); ok && target.Type == securityGroup && strings.Contains(property, "Group") {
			all = append(all, target.shared)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// peerProperties are the properties that name the peer of a rule.
var peerProperties = []string{
	"CidrIp", "CidrIpv6", "SourcePrefixListId", "DestinationPrefixListId", "SourceSecurityGroupId", "DestinationSecurityGroupId",
	"SourceSecurityGroupName",
}

// noPeer is the address of a rule that CDK writes so that a group has one, and that lets
// nothing out: https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ec2/lib/security-group.ts
const noPeer = "255.255.255.255/32"

// rulesIn returns a rule of the template as one for each range of addresses.
func (e *environment) rulesIn(at *resource, group string, inbound bool, rule map[string]any) []groupRule {
	var all []groupRule
	for _, property := range peerProperties {
		peer, ok := rule[property]
		if !ok {
			continue
		}
		one := groupRule{at: at, group: group, inbound: inbound, says: e.groupOf(peer)}
		if text(peer) == noPeer {
			continue
		}
		one.protocol, one.ports = ports(rule)
		for _, cidr := range e.ranges(peer) {
			one.peer, one.addresses = one.says, numbers(0, 0)
			if found, isIPv6, ok := addresses(cidr); ok {
				one.peer, one.addresses, one.says = family(isIPv6), found, cidr
			}
			all = append(all, one)
		}
	}
	return all
}

func family(isIPv6 bool) string {
	if isIPv6 {
		return "IPv6"
	}
	return "IPv4"
}

// ranges returns the ranges of addresses in a prefix list of the template, else the peer
// itself.
func (e *environment) ranges(peer any) []string {
	list, ok := e.target(peer)
	if !ok || list.Type != "AWS::EC2::PrefixList" {
		return []string{text(peer)}
	}
	var all []string
	for _, entry := range objectsOf(list.values["Entries"]) {
		all = append(all, text(entry["Cidr"]))
	}
	return all
}

// protocols are the names that AWS's rules may have in place of numbers.
var protocols = map[string]string{"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}

// ports returns the protocol of a rule and its ports. Those of ICMP are the type, times
// 256, and the code.
func ports(rule map[string]any) (protocol string, found span) {
	protocol = strings.ToLower(text(rule["IpProtocol"]))
	if name, ok := protocols[protocol]; ok {
		protocol = name
	}
	from, to := numberOr(rule["FromPort"], -1), numberOr(rule["ToPort"], -1)
	switch {
	case protocol == allProtocols || from < 0:
		return protocol, numbers(0, 1<<16-1)
	case strings.HasPrefix(protocol, "icmp") && to < 0:
		return protocol, numbers(from<<8, from<<8+255)
	case strings.HasPrefix(protocol, "icmp"):
		return protocol, numbers(from<<8+to, from<<8+to)
	}
	return protocol, numbers(from, to)
}

// judgeGroups judges what security groups let in and out: as sets, whichever rules and
// groups of a resource they are in.
func judgeGroups(c *comparison) {
	before, after := c.base.groupRules(), c.head.groupRules()
	before.addDefaultEgress(c.base, nil)
	after.addDefaultEgress(c.head, c.base)
	for _, group := range slices.Sorted(maps.Keys(after.byGroup)) {
		for _, rule := range after.byGroup[group] {
			if !after.isOld(rule, before.byGroup[group]) && !after.isOldForMembers(rule, before) {
				c.find(Wider, rule.at, "", "%s", rule)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(after.members)) {
		if user := c.head.shared[key]; c.base.shared[key] != nil {
			c.judgeMember(user, before, after)
		}
	}
}

// judgeOpenGroups finds the rules of a new environment that let everybody in.
func judgeOpenGroups(c *comparison) {
	rules := c.head.groupRules()
	for _, group := range slices.Sorted(maps.Keys(rules.byGroup)) {
		for _, rule := range rules.byGroup[group] {
			if rule.inbound && (rule.says == "0.0.0.0/0" || rule.says == "::/0") {
				c.find(Wider, rule.at, sourceOf("EC2.18"), "%s", rule)
			}
		}
	}
}

// isOld reports whether all that a rule admits was admitted before. A prefix list or a
// group counts as a part of 0.0.0.0/0, unless the environment has IPv6.
func (g groupRules) isOld(rule groupRule, before []groupRule) bool {
	var admitted []admission
	for _, old := range before {
		if old.inbound != rule.inbound {
			continue
		}
		if old.says == "0.0.0.0/0" && rule.peer != "IPv6" && rule.peer != "IPv4" && !g.hasIPv6 {
			old.peer, old.addresses = rule.peer, rule.addresses
		}
		admitted = append(admitted, old.admission)
	}
	return rule.isAdmitted(admitted)
}

// isOldForMembers reports whether every member of the group was admitted the same before,
// by another of its groups.
func (g groupRules) isOldForMembers(rule groupRule, before groupRules) bool {
	count := 0
	for key, groups := range g.members {
		if !slices.Contains(groups, rule.group) {
			continue
		}
		count++
		var all []groupRule
		for _, group := range before.members[key] {
			all = append(all, before.byGroup[group]...)
		}
		if !g.isOld(rule, all) {
			return false
		}
	}
	return count > 0
}

// judgeMember judges groups that a resource joins: what they admit, and what admits them.
func (c *comparison) judgeMember(user *resource, before, after groupRules) {
	var old []groupRule
	for _, group := range before.members[user.shared] {
		old = append(old, before.byGroup[group]...)
	}
	for _, group := range after.members[user.shared] {
		if slices.Contains(before.members[user.shared], group) {
			continue
		}
		for _, rule := range after.byGroup[group] {
			if !after.isOld(rule, old) && after.isOld(rule, before.byGroup[group]) {
				c.find(Wider, user, "", "it joins %s: %s", group, rule)
			}
		}
		for _, other := range slices.Sorted(maps.Keys(after.byGroup)) {
			if slices.ContainsFunc(after.byGroup[other], func(rule groupRule) bool { return rule.inbound && rule.peer == group }) {
				c.find(Wider, user, "", "it joins %s, which %s lets in", group, other)
			}
		}
	}
}

// addDefaultEgress adds AWS's rules to the groups without one for what goes out. A group
// that had one and has none now does not get them back:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
func (g groupRules) addDefaultEgress(e, former *environment) {
	for _, group := range e.ofType(securityGroup) {
		hasRules := len(assembly.AsList(group.values["SecurityGroupEgress"])) > 0 ||
			slices.ContainsFunc(g.byGroup[group.shared], func(rule groupRule) bool { return !rule.inbound })
		if hasRules || former != nil && former.shared[group.shared] != nil {
			continue
		}
		for _, property := range []struct{ name, cidr string }{{"CidrIp", "0.0.0.0/0"}, {"CidrIpv6", "::/0"}} {
			rules := e.rulesIn(group, group.shared, false, map[string]any{"IpProtocol": allProtocols, property.name: property.cidr})
			g.byGroup[group.shared] = append(g.byGroup[group.shared], rules...)
		}
	}
}

// String returns text such as "api/Tasks lets in tcp 3000 from api/LoadBalancer".
func (r groupRule) String() string {
	what := r.protocol
	switch low, high := r.ports.low, r.ports.high; {
	case r.protocol == allProtocols:
		what = "everything"
	case low.Cmp(high) == 0:
		what += " " + low.String()
	case low.Sign() == 0 && high.Int64() == 1<<16-1:
		what += ", every port,"
	default:
		what += fmt.Sprintf(" %s-%s", low, high)
	}
	if r.inbound {
		return fmt.Sprintf("%s lets in %s from %s", r.group, what, r.says)
	}
	return fmt.Sprintf("%s lets out %s to %s", r.group, what, r.says)
}
