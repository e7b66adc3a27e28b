package reach

import (
	"net/netip"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// route is a way out of a subnet.
type route struct {
	// by is the property that names the gateway, such as NatGatewayId, and gateway the
	// name of that.
	by, gateway string

	destination string // a range or a prefix list
	toInternet  bool   // by an internet gateway
}

// readRoutes reads where the traffic of each subnet may go beside its VPC. A subnet
// without a table of its own has the main one, which leads nowhere.
func (n *Network) readRoutes() {
	tables := map[string][]route{}
	for _, found := range n.all.OfType("AWS::EC2::Route") {
		if table, ok := n.first(found.Stack, found.Properties["RouteTableId"]); ok {
			tables[table.Key()] = append(tables[table.Key()], n.route(found))
		} else {
			n.unread(found, "its route table is in no template")
		}
	}
	for _, found := range n.all.OfType("AWS::EC2::SubnetRouteTableAssociation") {
		subnet, isHere := n.first(found.Stack, found.Properties["SubnetId"])
		table, hasTable := n.first(found.Stack, found.Properties["RouteTableId"])
		if isHere && hasTable {
			n.routes[subnet.Key()] = append(n.routes[subnet.Key()], tables[table.Key()]...)
			continue
		}
		n.unread(found, "its subnet or its route table is in no template")
	}
}

func (n *Network) route(found assembly.Placed) route {
	var this route
	for _, property := range sortedKeys(found.Properties) {
		switch value := found.Properties[property]; {
		case property == "RouteTableId":
		case strings.HasPrefix(property, "Destination"):
			this.destination, _ = value.(string)
		default:
			this.by = property
			gateway, isHere := n.first(found.Stack, value)
			this.gateway = hash.ReplaceAllString(gateway.ID, "")
			this.toInternet = property == "GatewayId" && (!isHere || gateway.Type == "AWS::EC2::InternetGateway")
		}
	}
	return this
}

// exit returns the gateway by which a node reaches a destination outside of its VPC.
func (n *Network) exit(node *Node, destination string) (gateway string, ok bool) {
	for _, subnet := range node.subnets {
		for _, way := range n.routes[subnet] {
			if way.covers(destination) && (!way.toInternet || node.Public) {
				return way.gateway, true
			}
		}
	}
	return "", false
}

// covers reports whether the route is for a destination.
func (r route) covers(destination string) bool {
	own, notRange := netip.ParsePrefix(r.destination)
	wanted, noRange := netip.ParsePrefix(destination)
	if notRange != nil || noRange != nil {
		return r.destination == destination
	}
	return own.Bits() <= wanted.Bits() && own.Contains(wanted.Addr())
}

// isExposed reports whether packets from the internet find the node, as they may where its
// subnets are in no template.
func (n *Network) isExposed(node *Node) bool {
	return node.Public && (len(node.subnets) == 0 || slices.ContainsFunc(node.subnets, n.leadsToInternet))
}

func (n *Network) leadsToInternet(subnet string) bool {
	return slices.ContainsFunc(n.routes[subnet], func(way route) bool { return way.toInternet })
}

// isWithin reports whether a range is of the subnets' VPCs.
func (n *Network) isWithin(node *Node, destination netip.Prefix) bool {
	for _, subnet := range node.subnets {
		vpc, ok := n.first(n.resources[subnet].Stack, n.resources[subnet].Properties["VpcId"])
		prefix, err := netip.ParsePrefix(vpc.Properties.Text("CidrBlock"))
		if ok && err == nil && prefix.Overlaps(destination) {
			return true
		}
	}
	return false
}
