package review

import (
	"fmt"
	"maps"
	"slices"
)

// routeTargets are the properties that say where a route leads, in words. A gateway of
// another kind, such as one for a VPC endpoint of S3, stays in AWS.
var routeTargets = map[string]string{
	"GatewayId":                   "an internet gateway",
	"NatGatewayId":                "a NAT gateway",
	"EgressOnlyInternetGatewayId": "an egress-only internet gateway",
	"TransitGatewayId":            "a transit gateway",
	"VpcPeeringConnectionId":      "another VPC",
	"InstanceId":                  "an instance",
	"NetworkInterfaceId":          "a network interface",
}

// judgeRoutes finds subnets that reach more than before.
func judgeRoutes(c *comparison) {
	before, after := c.base.routes(), c.head.routes()
	for _, subnet := range slices.Sorted(maps.Keys(after)) {
		for _, route := range slices.Sorted(maps.Keys(after[subnet])) {
			if _, was := before[subnet][route]; !was {
				c.find(Wider, after[subnet][route], "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
					"%s gets a route to %s", subnet, route)
			}
		}
	}
}

// routes returns the routes of each subnet, or of each route table without one: the words
// for where it leads, and the resource.
func (e *environment) routes() map[string]map[string]*resource {
	tables := map[string]map[string]*resource{}
	for _, route := range e.ofType("AWS::EC2::Route") {
		for property, words := range routeTargets {
			if route.values[property] == nil || property == "GatewayId" && !e.isInternet(route.values[property]) {
				continue
			}
			table := e.named(route.values["RouteTableId"])
			if tables[table] == nil {
				tables[table] = map[string]*resource{}
			}
			tables[table][fmt.Sprintf("%s by %s", destination(route), words)] = route
		}
	}
	found := maps.Clone(tables)
	for _, association := range e.ofType("AWS::EC2::SubnetRouteTableAssociation") {
		table := e.named(association.values["RouteTableId"])
		delete(found, table)
		found[e.named(association.values["SubnetId"])] = tables[table]
	}
	return found
}

// isInternet reports whether a gateway is one to the internet, or may be.
func (e *environment) isInternet(gateway any) bool {
	target, ok := e.target(gateway)
	return !ok || target.Type == "AWS::EC2::InternetGateway"
}

// named returns the key of the resource that a value refers to, or the value.
func (e *environment) named(value any) string {
	if target, ok := e.target(value); ok {
		return target.shared
	}
	return text(value)
}

func destination(route *resource) string {
	for _, property := range []string{"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"} {
		if value := route.values[property]; value != nil {
			return text(value)
		}
	}
	return "somewhere"
}
