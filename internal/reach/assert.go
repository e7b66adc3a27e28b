package reach

import (
	"fmt"
	"slices"
)

// Expected is what an environment chooses of what may reach what. The zero value expects
// a load balancer without a public address, and tasks that reach HTTPS and nothing else.
type Expected struct {
	// PublicLoadBalancer and Internet allow load balancers a public address, and everybody
	// to reach their listeners. Without Internet a prefix list may, that of CloudFront.
	PublicLoadBalancer, Internet bool

	// PrefixList is the ID of CloudFront's; any where it is empty.
	PrefixList string

	// Egress are the further destinations of tasks.
	Egress []Destination
}

// Destination is a TCP port and a range, prefix list or security group.
type Destination struct {
	Port int
	To   string
}

// Breaches returns a line for each rule, route, address and policy that opens more than
// the platform needs, and for what could not be read. Each counts by itself: a rule that
// admits the internet is one even where no route leads there.
func (n *Network) Breaches(expected Expected) []string {
	var breaches []string
	for _, one := range n.rules {
		breaches = append(breaches, n.breachesOf(one, expected)...)
	}
	for _, node := range n.Nodes {
		breaches = append(breaches, n.exposures(node, expected)...)
	}
	for _, found := range n.ofType("AWS::EC2::Subnet") {
		if found.Properties["MapPublicIpOnLaunch"] == true {
			breaches = append(breaches, found.id()+" gives a public address to what is launched in it")
		}
	}
	if !expected.Internet {
		breaches = append(breaches, n.openListeners()...)
	}
	for _, line := range n.Unread {
		breaches = append(breaches, "not read: "+line)
	}
	slices.Sort(breaches)
	return slices.Compact(breaches)
}

func (n *Network) breachesOf(one rule, expected Expected) []string {
	var breaches []string
	for _, node := range n.ends(one.group) {
		for _, peer := range n.ends(one.peer) {
			from, to := node, peer
			if one.inbound {
				from, to = peer, node
			}
			if !expected.allows(from, to, one.ports) {
				breaches = append(breaches, fmt.Sprintf("%s lets %s reach %s on %s", one.at, from, to, one.ports))
			}
		}
	}
	return breaches
}

// allows reports whether the platform needs a rule.
func (e Expected) allows(from, to *Node, ports Ports) bool {
	listens := ports.isPort(to.Ports...)
	switch from.Kind {
	case Internet:
		return to.Kind == LoadBalancer && e.Internet && listens
	case PrefixList:
		return to.Kind == LoadBalancer && listens && (e.PrefixList == "" || e.PrefixList == from.Name)
	case LoadBalancer, UnusedGroup: // one is for load balancers that are isolated
		return to.Kind == Service && listens
	case Service:
		return isCommon(to, ports) || slices.ContainsFunc(e.Egress, func(listed Destination) bool {
			return (listed.To == to.Name || listed.To == "0.0.0.0/0" && to.Name == string(Internet)) && ports == tcp(listed.Port)
		})
	case Rotation:
		return isCommon(to, ports)
	}
	return false
}

// isCommon reports whether tasks and the rotation need the path: to the database, and by
// HTTPS to AWS's services, which have no fixed addresses.
func isCommon(to *Node, ports Ports) bool {
	switch to.Kind {
	case Database, Endpoint:
		return ports.isPort(to.Ports...)
	case Internet:
		return to.Name == string(Internet) && ports == tcp(443)
	}
	return false
}

// exposures returns what is wrong with a node whatever the rules are.
func (n *Network) exposures(node *Node, expected Expected) []string {
	var breaches []string
	breach := func(format string, values ...any) {
		breaches = append(breaches, node.String()+" "+fmt.Sprintf(format, values...))
	}
	switch {
	case node.Kind == Bucket && !isBlocked(n.resources[node.id]):
		breach("does not block all public access")
	case node.Kind == PublicAPI, node.Public && node.Kind != Distribution && node.Kind != Bucket && (node.Kind != LoadBalancer || !expected.PublicLoadBalancer):
		breach("has a public address")
	}
	if node.Kind == Bucket && n.admitsEverybody(n.resources[node.id]) {
		breach("has a policy that allows everybody something")
	}
	for _, subnet := range node.subnets {
		switch {
		case node.Kind == GatewayEndpoint:
		case node.Kind != LoadBalancer && n.leadsToInternet(subnet):
			breach("is in %s, which has a route to an internet gateway", subnet)
		case node.Kind == LoadBalancer && !node.Public && n.leadsToInternet(subnet):
			breach("is internal and in %s, which has a route to an internet gateway", subnet)
		case node.Kind == Database && len(n.routes[subnet]) > 0:
			breach("is in %s, which has a route by %s", subnet, n.routes[subnet][0].by)
		}
	}
	return breaches
}

// openListeners returns the listeners of load balancers with a public address that
// forward every request, whether it came through CloudFront or not. A web ACL may refuse
// those that did not.
func (n *Network) openListeners() []string {
	var breaches []string
	for _, found := range n.ofType("AWS::ElasticLoadBalancingV2::Listener") {
		balancer, _ := n.first(found.stack, found.Properties["LoadBalancerArn"])
		isOpen := balancer.Properties["Scheme"] != "internal" && !n.hasWebACL(balancer.id())
		for _, action := range found.Properties.Objects("DefaultActions") {
			if isOpen && action["Type"] == "forward" {
				breaches = append(breaches, found.id()+" forwards every request, whether it came through CloudFront or not")
			}
		}
	}
	return breaches
}
