package diagram

import (
	"fmt"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// groups has a box for each security group and for each peer outside of them, and an
// arrow for each rule that admits a connection.
func (f facts) groups() (box, []arrow) {
	frame := box{id: "groups", label: "Security groups: who may connect to whom", class: frame}
	for _, group := range f.all("AWS::EC2::SecurityGroup") {
		frame.boxes = append(frame.boxes, box{id: group.id(), label: wrapped(text(group.Properties.At("GroupDescription"))), class: security})
	}
	var admitted []arrow
	for _, rule := range f.rules() {
		for _, end := range []string{rule.from, rule.to} {
			if !slices.ContainsFunc(frame.boxes, func(b box) bool { return b.id == end }) {
				frame.boxes = append(frame.boxes, box{id: end, label: strings.Replace(end, "pl-", "prefix list\npl-", 1), class: networking})
			}
		}
		if !slices.Contains(admitted, rule) {
			admitted = append(admitted, rule)
		}
	}
	return frame, admitted
}

// rules are those of ingress, and those of egress to peers that are no group: the rule
// of ingress at the other group says the same. A range of one address that nobody has
// is CDK's way to allow nothing.
func (f facts) rules() []arrow {
	var rules []arrow
	add := func(at found, group string, rule assembly.Object, out bool) {
		peer := f.peer(at, rule)
		switch {
		case !out:
			rules = append(rules, arrow{peer, group, ports(rule)})
		case peer != "255.255.255.255/32" && !f.group(peer):
			rules = append(rules, arrow{group, peer, ports(rule)})
		}
	}
	for _, group := range f.all("AWS::EC2::SecurityGroup") {
		for _, rule := range group.Properties.Objects("SecurityGroupIngress") {
			add(group, group.id(), rule, false)
		}
		for _, rule := range group.Properties.Objects("SecurityGroupEgress") {
			add(group, group.id(), rule, true)
		}
	}
	for _, rule := range f.all("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress") {
		group := f.target(rule, rule.Properties.At("GroupId"))
		add(rule, group.id(), rule.Properties, rule.Type == "AWS::EC2::SecurityGroupEgress")
	}
	return rules
}

// group reports whether the id is a security group's.
func (f facts) group(id string) bool {
	return slices.ContainsFunc(f.all("AWS::EC2::SecurityGroup"), func(group found) bool { return group.id() == id })
}

// peer returns the id of the security group at the other end of a rule, or its range of
// addresses or prefix list.
func (f facts) peer(at found, rule assembly.Object) string {
	for _, key := range []string{"SourceSecurityGroupId", "DestinationSecurityGroupId"} {
		if rule.At(key) != nil {
			if group := f.target(at, rule.At(key)); group.id() != "" {
				return group.id()
			}
			return fmt.Sprint(rule.At(key))
		}
	}
	for _, key := range []string{"CidrIp", "CidrIpv6", "SourcePrefixListId", "DestinationPrefixListId"} {
		if peer := text(rule.At(key)); peer != "" {
			return peer
		}
	}
	return "known on deploy"
}

func ports(rule assembly.Object) string {
	from, to := rule.Int("FromPort"), rule.Int("ToPort")
	if from == to {
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d–%d", from, to)
}

// wrapped breaks a text in two lines, near its middle.
func wrapped(text string) string {
	middle := len(text) / 2
	if at := strings.Index(text[middle:], " "); at >= 0 && len(text) > 20 {
		return text[:middle+at] + "\n" + text[middle+at+1:]
	}
	return text
}
