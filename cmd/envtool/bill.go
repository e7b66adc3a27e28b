package main

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"catalog-infra/internal/assembly"
)

// charge is an hourly price of a resource type, whether it is used or not.
type charge struct {
	resource  string
	one, many string

	// count returns how often a resource is charged. If it is nil, once.
	count func(assembly.Template, assembly.Resource) count
}

// charges are the hourly prices of the types that an environment may contain, with the
// pages of the prices, which differ by region.
var charges = []charge{
	// https://aws.amazon.com/vpc/pricing/ (NAT gateway, public IPv4 address)
	{"AWS::EC2::NatGateway", "NAT gateway", "NAT gateways", nil},
	{"AWS::EC2::EIP", "public IPv4 address", "public IPv4 addresses", nil},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "public IPv4 address", "public IPv4 addresses", publicAddresses},
	// https://aws.amazon.com/privatelink/pricing/
	{"AWS::EC2::VPCEndpoint", "interface endpoint", "interface endpoints", interfaceEndpoint},
	// https://aws.amazon.com/elasticloadbalancing/pricing/
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer", "load balancers", nil},
	// https://aws.amazon.com/waf/pricing/
	{"AWS::WAFv2::WebACL", "web ACL", "web ACLs", nil},
	{"AWS::WAFv2::WebACL", "web ACL rule", "web ACL rules", webACLRules},
	// https://aws.amazon.com/rds/aurora/pricing/
	{"AWS::RDS::DBInstance", "database instance", "database instances", nil},
	// https://aws.amazon.com/kms/pricing/
	{"AWS::KMS::Key", "encryption key", "encryption keys", nil},
	// https://aws.amazon.com/fargate/pricing/
	{"AWS::ECS::Service", "Fargate task", "Fargate tasks", fargateTasks},
}

// count is how often a resource is charged: from least to most times, in each of the
// zones if it is charged by the zone.
type count struct {
	least, most int
	zones       int
}

// publicAddresses counts the addresses of a load balancer: one in each of its subnets,
// and more under load.
func publicAddresses(_ assembly.Template, balancer assembly.Resource) count {
	if balancer.Properties.At("Scheme") != "internet-facing" {
		return count{}
	}
	subnets := len(balancer.Properties.List("Subnets"))
	return count{least: subnets, most: subnets}
}

// webACLRules counts the rules of a web ACL.
func webACLRules(_ assembly.Template, firewall assembly.Resource) count {
	rules := len(firewall.Properties.List("Rules"))
	return count{least: rules, most: rules}
}

// interfaceEndpoint does not count gateway endpoints, which are free.
func interfaceEndpoint(_ assembly.Template, endpoint assembly.Resource) count {
	if endpoint.Properties.At("VpcEndpointType") != "Interface" {
		return count{}
	}
	return count{least: 1, most: 1, zones: len(endpoint.Properties.List("SubnetIds"))}
}

// fargateTasks counts the tasks that autoscaling allows. Without autoscaling it returns
// the desired count of the service, which is one by default.
func fargateTasks(template assembly.Template, service assembly.Resource) count {
	if service.Properties.At("LaunchType") != "FARGATE" {
		return count{}
	}
	for _, target := range template.OfType("AWS::ApplicationAutoScaling::ScalableTarget") {
		if mentions(target.Properties.At("ResourceId"), service.ID) {
			return count{least: target.Properties.Int("MinCapacity"), most: target.Properties.Int("MaxCapacity")}
		}
	}
	if service.Properties.At("DesiredCount") == nil {
		return count{least: 1, most: 1}
	}
	tasks := service.Properties.Int("DesiredCount")
	return count{least: tasks, most: tasks}
}

// mentions reports whether the id is anywhere in the value, as in a reference.
func mentions(value any, id string) bool {
	switch value := value.(type) {
	case map[string]any:
		for _, element := range value {
			if mentions(element, id) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return mentions(element, id) })
	case string:
		return value == id
	}
	return false
}

// bill has an item for each kind of charge.
type bill []item

type item struct {
	one, many string
	count
}

func billOf(template assembly.Template) bill {
	var hourly bill
	for _, charge := range charges {
		for _, resource := range template.OfType(charge.resource) {
			times := count{least: 1, most: 1}
			if charge.count != nil {
				times = charge.count(template, resource)
			}
			hourly = hourly.plus(item{charge.one, charge.many, times})
		}
	}
	return hourly
}

// plus returns the bill with the items added. An item of a kind that the bill has
// already raises its count.
func (b bill) plus(items ...item) bill {
	for _, added := range items {
		at := slices.IndexFunc(b, added.isLike)
		switch {
		case added.most == 0:
		case at < 0:
			b = append(b, added)
		default:
			b[at].least += added.least
			b[at].most += added.most
		}
	}
	return b
}

// isLike reports whether two items are of one kind.
func (i item) isLike(other item) bool { return i.one == other.one && i.zones == other.zones }

// wrapped returns the bill as at least one line. No line is wider than the columns,
// including its comma, unless it has a single item.
func (b bill) wrapped(columns int) []string {
	if len(b) == 0 {
		return []string{"-"}
	}
	lines := []string{b[0].String()}
	for _, item := range b[1:] {
		last := &lines[len(lines)-1]
		*last += ","
		if longer := *last + " " + item.String(); utf8.RuneCountInString(longer) < columns {
			*last = longer
		} else {
			lines = append(lines, item.String())
		}
	}
	return lines
}

// String returns text such as "2–10 Fargate tasks" or "3 interface endpoints × 2 zones".
func (i item) String() string {
	text := fmt.Sprint(i.least)
	if i.most != i.least {
		text += fmt.Sprintf("–%d", i.most)
	}
	text += " " + noun(i.most, i.one, i.many)
	if i.zones > 0 {
		text += fmt.Sprintf(" × %d %s", i.zones, noun(i.zones, "zone", "zones"))
	}
	return text
}

func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
