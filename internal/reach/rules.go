package reach

import (
	"fmt"
	"net/netip"
	"slices"

	"catalog-infra/internal/assembly"
)

// rule is a rule of a security group.
type rule struct {
	at      string // stack/logical id of the resource that has it
	group   string
	peer    string // a group, a range, a prefix list, or what is only known on deploy
	inbound bool
	ports   Ports
}

// nobody are the ranges of rules that only replace the one by which EC2 lets a group out
// anywhere. The first is CDK's.
var nobody = []string{"255.255.255.255/32", "127.0.0.1/32"}

func (n *Network) readRules() {
	for _, group := range n.all.OfType("AWS::EC2::SecurityGroup") {
		for _, inline := range group.Properties.Objects("SecurityGroupIngress") {
			n.addRule(group, group.Key(), inline, true)
		}
		// EC2 lets a group out anywhere unless CloudFormation replaces that rule.
		outbound := group.Properties.Objects("SecurityGroupEgress")
		if len(outbound) == 0 {
			outbound = []assembly.Object{{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}}
		}
		for _, inline := range outbound {
			n.addRule(group, group.Key(), inline, false)
		}
	}
	for _, found := range n.all.OfType("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress") {
		for _, group := range n.groups(found, found.Properties["GroupId"]) {
			n.addRule(found, group, found.Properties, found.Type == "AWS::EC2::SecurityGroupIngress")
		}
	}
}

func (n *Network) addRule(at assembly.Placed, group string, properties assembly.Object, inbound bool) {
	ports := Ports{protocolOf(properties["IpProtocol"]), port(properties["FromPort"], 0), port(properties["ToPort"], 65535)}
	for _, property := range []string{
		"CidrIp", "CidrIpv6", "SourceSecurityGroupId", "DestinationSecurityGroupId", "SourcePrefixListId", "DestinationPrefixListId",
	} {
		if value, ok := properties[property]; ok {
			if peer := n.peer(at.Stack, value); !slices.Contains(nobody, peer) {
				n.rules = append(n.rules, rule{at.Key(), group, peer, inbound, ports})
			}
		}
	}
}

// port returns a number that a template has as such or as text.
func port(value any, otherwise int) int {
	var number int
	if _, err := fmt.Sscan(fmt.Sprint(value), &number); err != nil {
		return otherwise
	}
	return number
}

// peer returns stack/logical id of a group, or the text.
func (n *Network) peer(stack assembly.Stack, value any) string {
	found, ok := n.first(stack, value)
	switch text, isText := value.(string); {
	case isText:
		return text
	case ok && found.Type == "AWS::EC2::VPC":
		return fmt.Sprint(found.Properties["CidrBlock"])
	case ok:
		return found.Key()
	}
	return "a value that is known on deploy"
}

// groups returns the security groups that a value names.
func (n *Network) groups(at assembly.Placed, value any) []string {
	named, texts := n.targets(at.Stack, value)
	var groups []string
	for _, found := range named {
		if found.Type == "AWS::EC2::SecurityGroup" {
			groups = append(groups, found.Key())
		} else {
			n.unread(at, "its security group is a "+found.Type)
		}
	}
	for _, text := range texts {
		n.unread(at, "its security group "+text+" is in no template")
	}
	if len(named)+len(texts) == 0 {
		n.unread(at, "it names no security group, so it may have its VPC's default one")
	}
	return groups
}

// ends returns the nodes that a rule is about: those that have a group, or the one that
// is outside.
func (n *Network) ends(group string) []*Node {
	var all []*Node
	for _, node := range n.Nodes {
		if slices.Contains(node.groups, group) {
			all = append(all, node)
		}
	}
	if len(all) == 0 {
		return []*Node{describe(group)}
	}
	return all
}

// covers reports whether the peer of a rule is the node.
func (n *Network) covers(peer string, node *Node) bool {
	if slices.Contains(node.groups, peer) {
		return true
	}
	prefix, err := netip.ParsePrefix(peer)
	return err == nil && slices.ContainsFunc(node.subnets, func(subnet string) bool {
		own, err := netip.ParsePrefix(n.resources[subnet].Properties.Text("CidrBlock"))
		return err == nil && own.Overlaps(prefix)
	})
}
