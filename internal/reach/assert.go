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
	for _, found := range n.all.OfType("AWS::EC2::Subnet") {
		if found.Properties["MapPublicIpOnLaunch"] == true {
			breaches = append(breaches, found.Key()+" gives a public address to what is launched in it")
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

// needed are the links that the platform needs, on the ports on which the second end
// listens. An unused group is for load balancers that are isolated.
var needed = map[[2]Kind]bool{
	{Internet, LoadBalancer}: true, {PrefixList, LoadBalancer}: true,
	{LoadBalancer, Service}: true, {UnusedGroup, Service}: true,
	{Service, Database}: true, {Rotation, Database}: true,
	{Service, Endpoint}: true, {Rotation, Endpoint}: true,
}

// allows reports whether the platform needs a rule, or the environment has chosen it.
func (e Expected) allows(from, to *Node, ports Ports) bool {
	switch {
	case needed[[2]Kind{from.Kind, to.Kind}]:
		return ports.isPort(to.Ports...) && e.admits(from)
	case to.Name == string(Internet) && ports == tcp(443): // AWS's services have no fixed addresses
		return from.Kind == Service || from.Kind == Rotation
	}
	return from.Kind == Service && slices.ContainsFunc(e.Egress, func(listed Destination) bool {
		return describe(listed.To).Name == to.Name && ports == tcp(listed.Port)
	})
}

// admits reports whether load balancers may be reached from outside.
func (e Expected) admits(from *Node) bool {
	switch from.Kind {
	case Internet:
		return e.Internet
	case PrefixList:
		return e.PrefixList == "" || e.PrefixList == from.Name
	}
	return true
}

// exposures returns what is wrong with a node whatever the rules are.
func (n *Network) exposures(node *Node, expected Expected) []string {
	switch node.Kind {
	case Distribution, GatewayEndpoint:
		return nil
	case Bucket:
		return n.exposuresOfBucket(node)
	}
	breaches := n.exposuresOfSubnets(node)
	if node.Public && (node.Kind != LoadBalancer || !expected.PublicLoadBalancer) {
		breaches = append(breaches, node.String()+" has a public address")
	}
	return breaches
}

func (n *Network) exposuresOfSubnets(node *Node) []string {
	var breaches []string
	for _, subnet := range node.subnets {
		switch {
		case n.leadsToInternet(subnet) && (node.Kind != LoadBalancer || !node.Public):
			breaches = append(breaches, fmt.Sprintf("%s is in %s, which has a route to an internet gateway", node, subnet))
		case node.Kind == Database && len(n.routes[subnet]) > 0:
			breaches = append(breaches, fmt.Sprintf("%s is in %s, which has a route by %s", node, subnet, n.routes[subnet][0].by))
		}
	}
	return breaches
}

func (n *Network) exposuresOfBucket(node *Node) []string {
	var breaches []string
	if !isBlocked(n.resources[node.id]) {
		breaches = append(breaches, node.String()+" does not block all public access")
	}
	if n.admitsEverybody(n.resources[node.id]) {
		breaches = append(breaches, node.String()+" has a policy that allows everybody something")
	}
	return breaches
}

// openListeners returns the listeners of load balancers with a public address that
// forward every request, whether it came through CloudFront or not. A web ACL may refuse
// those that did not.
func (n *Network) openListeners() []string {
	var breaches []string
	for _, found := range n.all.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		balancer, _ := n.first(found.Stack, found.Properties["LoadBalancerArn"])
		isOpen := balancer.Properties["Scheme"] != "internal" && !n.hasWebACL(balancer.Key())
		for _, action := range found.Properties.Objects("DefaultActions") {
			if isOpen && action["Type"] == "forward" {
				breaches = append(breaches, found.Key()+" forwards every request, whether it came through CloudFront or not")
			}
		}
	}
	return breaches
}
