package controls

import (
	"fmt"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// networkChecks judge VPCs, subnets, network ACLs and security groups.
// https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
var networkChecks = map[string]check{
	"EC2.2":   closesDefaultGroup,
	"EC2.6":   hasFlowLog,
	"EC2.10":  hasEndpoint("ec2"),
	"EC2.13":  closedTo([]string{"tcp"}, everywhere, 22),
	"EC2.14":  closedTo([]string{"tcp"}, everywhere, 3389),
	"EC2.15":  all(property("MapPublicIpOnLaunch", nil, false), property("AssignIpv6AddressOnCreation", nil, false)),
	"EC2.16":  isAssociated,
	"EC2.18":  opensOnlyTheWeb,
	"EC2.19":  closedTo([]string{"tcp"}, everywhere, highRisk...),
	"EC2.21":  refusesAdministration,
	"EC2.53":  closedTo([]string{"tcp", "udp"}, everywhere[:1], 22, 3389),
	"EC2.54":  closedTo([]string{"tcp", "udp"}, everywhere[1:], 22, 3389),
	"EC2.55":  hasEndpoint("ecr.api"),
	"EC2.56":  hasEndpoint("ecr.dkr"),
	"EC2.57":  hasEndpoint("ssm"),
	"EC2.58":  hasEndpoint("ssm-contacts"),
	"EC2.60":  hasEndpoint("ssm-incidents"),
	"EC2.172": blocksInternetGateways,
}

var (
	// everywhere are all addresses of IPv4, then of IPv6.
	everywhere = []string{"0.0.0.0/0", "::/0"}

	// highRisk are the ports of EC2.19.
	highRisk = []float64{
		20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300,
	}
)

// closesDefaultGroup judges a VPC by a rule that runs AWS's runbook for its default
// security group on a schedule: no template changes that group.
func closesDefaultGroup(e *environment, vpc resource) verdict {
	group := fmt.Sprintf("${%s.%s.DefaultSecurityGroup}", vpc.Stack.ID, vpc.ID)
	closes := func(rule resource, target any) bool {
		return strings.Contains(e.text(rule, at(target, "Arn")), "/AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules:") &&
			strings.Contains(e.text(rule, at(target, "Input")), group)
	}
	return holds(slices.ContainsFunc(e.byType["AWS::Events::Rule"], func(rule resource) bool {
		return rule.at("ScheduleExpression") != nil && rule.at("State") != "DISABLED" &&
			slices.ContainsFunc(assembly.AsList(rule.at("Targets")), func(target any) bool { return closes(rule, target) })
	}))
}

func hasFlowLog(e *environment, vpc resource) verdict {
	return holds(slices.ContainsFunc(e.referring("AWS::EC2::FlowLog", "ResourceId", vpc), func(log resource) bool {
		return isOneOf(log.at("TrafficType"), []any{"ALL", "REJECT"})
	}))
}

// hasEndpoint checks that a VPC has an interface endpoint of a service.
func hasEndpoint(service string) check {
	return func(e *environment, vpc resource) verdict {
		return holds(slices.ContainsFunc(e.referring("AWS::EC2::VPCEndpoint", "VpcId", vpc), func(endpoint resource) bool {
			name := strings.Split(e.text(endpoint, endpoint.at("ServiceName")), ".") // com.amazonaws.REGION.SERVICE
			return endpoint.at("VpcEndpointType") == "Interface" && len(name) > 3 && strings.Join(name[3:], ".") == service
		}))
	}
}

// blocksInternetGateways judges a VPC by the setting of the account.
func blocksInternetGateways(e *environment, _ resource) verdict {
	return holds(slices.ContainsFunc(e.byType["AWS::EC2::VPCBlockPublicAccessOptions"], func(options resource) bool {
		return isOneOf(options.at("InternetGatewayBlockMode"), []any{"block-bidirectional", "block-ingress"})
	}))
}

// closedTo checks that no rule of a security group lets the addresses reach a port.
func closedTo(protocols, addresses []string, ports ...float64) check {
	return func(e *environment, group resource) verdict {
		return holds(!slices.ContainsFunc(ingress(e, group), func(rule any) bool {
			of := protocol(at(rule, "IpProtocol"))
			return isFrom(rule, addresses) && (of == "-1" || slices.Contains(protocols, of) && reaches(rule, "FromPort", "ToPort", ports))
		}))
	}
}

// opensOnlyTheWeb allows TCP from everywhere to ports 80 and 443 alone, and no UDP.
func opensOnlyTheWeb(e *environment, group resource) verdict {
	return holds(!slices.ContainsFunc(ingress(e, group), func(rule any) bool {
		from, to, of := at(rule, "FromPort"), at(rule, "ToPort"), protocol(at(rule, "IpProtocol"))
		web := of == "tcp" && isOneOf(from, []any{80.0, 443.0}) && isOneOf(to, []any{from})
		return isFrom(rule, everywhere) && slices.Contains([]string{"tcp", "udp", "-1"}, of) && !web
	}))
}

// ingress returns the rules in a security group and those in resources of their own.
func ingress(e *environment, group resource) []any {
	rules := slices.Clone(assembly.AsList(group.at("SecurityGroupIngress")))
	for _, rule := range e.referring("AWS::EC2::SecurityGroupIngress", "GroupId", group) {
		rules = append(rules, map[string]any(rule.Properties))
	}
	return rules
}

func isFrom(rule any, addresses []string) bool {
	return slices.ContainsFunc(addresses, func(all string) bool { return at(rule, "CidrIp") == all || at(rule, "CidrIpv6") == all })
}

// protocol returns tcp, udp or -1 for all of them, also where a number stands for it.
func protocol(value any) string {
	text := fmt.Sprint(value)
	if name, ok := map[string]string{"6": "tcp", "17": "udp"}[text]; ok {
		return name
	}
	return text
}

// reaches reports whether a port is in the range of a rule. One without a range has all.
func reaches(rule any, fromPath, toPath string, ports []float64) bool {
	from, limited := at(rule, fromPath).(float64)
	to, _ := at(rule, toPath).(float64)
	if !limited || from < 0 {
		return true
	}
	return slices.ContainsFunc(ports, func(port float64) bool { return from <= port && port <= to })
}

func isAssociated(e *environment, acl resource) verdict {
	return holds(len(e.referring("AWS::EC2::SubnetNetworkAclAssociation", "NetworkAclId", acl)) > 0)
}

// refusesAdministration judges a network ACL by its entries for ports 22 and 3389.
func refusesAdministration(e *environment, acl resource) verdict {
	return holds(!slices.ContainsFunc(e.referring("AWS::EC2::NetworkAclEntry", "NetworkAclId", acl), func(entry resource) bool {
		open := entry.at("CidrBlock") == everywhere[0] || entry.at("Ipv6CidrBlock") == everywhere[1]
		of := protocol(entry.at("Protocol"))
		administration := of == "tcp" && reaches(map[string]any(entry.Properties), "PortRange/From", "PortRange/To", []float64{22, 3389})
		return open && entry.at("Egress") != true && entry.at("RuleAction") == "allow" && (of == "-1" || administration)
	}))
}
