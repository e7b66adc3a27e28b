package diagram

import (
	"fmt"
	"slices"

	"catalog-infra/internal/assembly"
)

// network is the picture of zones, subnets and routes, and of who can talk to whom.
func network(f facts) drawing {
	zones := box{id: "zones", class: invisible, rows: 1, gap: 30}
	for _, name := range f.zones() {
		zones.boxes = append(zones.boxes, f.zone(name))
	}
	frame := box{
		id: "vpc", label: "VPC " + f.first("AWS::EC2::VPC").Properties.Text("CidrBlock"), class: vpc, columns: 1, gap: 40,
		boxes: slices.Concat(f.gateways("AWS::EC2::InternetGateway"), []box{zones}, f.gateways("AWS::EC2::VPCEndpoint")),
	}
	paths, between := f.paths()
	return drawing{
		box:    box{columns: 1, gap: 30, boxes: []box{frame, paths}},
		arrows: append(f.routes(), between...),
	}
}

// gateways have the width of the VPC.
func (f facts) gateways(kind string) []box {
	var boxes []box
	for _, gateway := range f.OfType(kind) {
		label := "Internet gateway"
		if kind == "AWS::EC2::VPCEndpoint" {
			tables := number(len(gateway.Properties.List("RouteTableIds")), "route table", "route tables")
			label = fmt.Sprintf("%s endpoint, %s", gateway.Properties.Text("VpcEndpointType"), tables)
		}
		boxes = append(boxes, box{id: gateway.Key(), label: label, class: networking})
	}
	return boxes
}

// kindTag is the tag in which CDK says what routes a subnet has.
const kindTag = "aws-cdk:subnet-type"

// zone has a box for each of its subnets, with what is in it.
func (f facts) zone(name string) box {
	zone := box{id: name, label: name, class: zone, columns: 1, gap: 40}
	for _, kind := range []string{"Public", "Private", "Isolated"} {
		for _, subnet := range f.OfType("AWS::EC2::Subnet") {
			if subnet.Properties.Text("AvailabilityZone") == name && tag(subnet, kindTag) == kind {
				zone.boxes = append(zone.boxes, f.subnet(subnet))
			}
		}
	}
	return zone
}

func (f facts) subnet(subnet assembly.Placed) box {
	kind := tag(subnet, "aws-cdk:subnet-name")
	subnetBox := box{
		id: subnet.Key(), label: fmt.Sprintf("%s %s", kind, subnet.Properties.Text("CidrBlock")), class: private, rows: 1, gap: 20,
	}
	if tag(subnet, kindTag) == "Public" {
		subnetBox.class = public
	}
	for _, guest := range guests {
		for _, resource := range f.OfType(guest.resource) {
			if f.refersTo(resource, subnet.Key()) {
				subnetBox.boxes = append(subnetBox.boxes, box{id: guestID(subnet, resource), label: guest.label, class: guest.class})
			}
		}
	}
	return subnetBox
}

// guests are the types of what has an address in a subnet.
var guests = []struct {
	resource, label string
	class           class
}{
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "Load balancer", networking},
	{"AWS::EC2::NatGateway", "NAT gateway", networking},
	{"AWS::ECS::Service", "Tasks", compute},
	{"AWS::Serverless::Application", "Rotation", compute},
	{"AWS::RDS::DBSubnetGroup", "Aurora", database},
}

// guestID is unique for each subnet that a resource is in.
func guestID(subnet, resource assembly.Placed) string { return subnet.Key() + " " + resource.Key() }

// routes are the ways from subnets to gateways, by the route tables that they have.
func (f facts) routes() []arrow {
	tables := map[string]assembly.Placed{}
	for _, association := range f.OfType("AWS::EC2::SubnetRouteTableAssociation") {
		table := f.target(association, association.Properties.At("RouteTableId"))
		tables[table.Key()] = f.target(association, association.Properties.At("SubnetId"))
	}
	var routes []arrow
	for _, route := range f.OfType("AWS::EC2::Route") {
		subnet := tables[f.target(route, route.Properties.At("RouteTableId")).Key()]
		if nat := f.target(route, route.Properties.At("NatGatewayId")); nat.Key() != "" {
			at := f.target(nat, nat.Properties.At("SubnetId"))
			routes = append(routes, arrow{subnet.Key(), guestID(at, nat), ""})
		}
		if gateway := f.target(route, route.Properties.At("GatewayId")); gateway.Key() != "" {
			routes = append(routes, arrow{subnet.Key(), gateway.Key(), ""})
		}
	}
	return routes
}
