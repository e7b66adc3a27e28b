package reach

import (
	"maps"
	"net/netip"
	"slices"

	"catalog-infra/internal/assembly"
)

// connect finds the paths that are open.
func (n *Network) connect() {
	inbound, outbound := map[string][]rule{}, map[string][]rule{}
	for _, one := range n.rules {
		if one.inbound {
			inbound[one.group] = append(inbound[one.group], one)
		} else {
			outbound[one.group] = append(outbound[one.group], one)
		}
	}
	inside := slices.DeleteFunc(slices.Clone(n.Nodes), func(node *Node) bool { return len(node.groups) == 0 || node.Kind == UnusedGroup })
	for _, node := range inside {
		n.connectOutside(node, of(node, inbound), of(node, outbound))
		for _, other := range inside {
			n.connectInside(node, other, of(node, outbound), of(other, inbound))
		}
		n.connectGateways(node, of(node, outbound))
	}
	n.connectDistributions()
	n.connectPublic()
}

// of returns the rules of all groups of a node.
func of(node *Node, rules map[string][]rule) []rule {
	var all []rule
	for _, group := range node.groups {
		all = append(all, rules[group]...)
	}
	return all
}

func (n *Network) connectInside(from, to *Node, outbound, inbound []rule) {
	var admitted []rule
	for _, in := range inbound {
		if n.covers(in.peer, from) {
			admitted = append(admitted, in)
		}
	}
	for _, out := range outbound {
		if len(admitted) == 0 || !n.covers(out.peer, to) {
			continue
		}
		for _, in := range admitted {
			if ports, any := out.ports.and(in.ports); any {
				n.Paths = append(n.Paths, Path{From: from, To: to, Ports: ports})
			}
		}
	}
}

// connectOutside connects a node with what no template defines.
func (n *Network) connectOutside(node *Node, inbound, outbound []rule) {
	for _, in := range inbound {
		if peer, prefix := in.outside(n); peer != nil && n.arrives(peer, prefix, node) {
			n.Paths = append(n.Paths, Path{From: peer, To: node, Ports: in.ports, Through: n.guards(node)})
		}
	}
	for _, out := range outbound {
		peer, prefix := out.outside(n)
		if peer == nil {
			continue
		}
		path := Path{From: node, To: peer, Ports: out.ports}
		if peer.Kind == Range && n.isWithin(node, prefix) || peer.Kind == ForeignGroup || peer.Kind == Unknown {
			n.Paths = append(n.Paths, path)
		} else if gateway, leads := n.exit(node, out.peer); leads {
			path.Through = []string{gateway}
			n.Paths = append(n.Paths, path)
		}
	}
}

// arrives reports whether packets of what is outside find the node. CloudFront finds
// internal load balancers, too.
func (n *Network) arrives(peer *Node, prefix netip.Prefix, node *Node) bool {
	isCloudFront := node.Kind == LoadBalancer && peer.Kind == PrefixList
	return isCloudFront || peer.Kind == Range || n.isWithin(node, prefix) || n.isExposed(node)
}

// outside returns the node that is the peer of a rule, nil if it is a group of a template.
func (r rule) outside(n *Network) (*Node, netip.Prefix) {
	if _, isHere := n.resources[r.peer]; isHere {
		return nil, netip.Prefix{}
	}
	prefix, _ := netip.ParsePrefix(r.peer)
	return n.outsider(r.peer), prefix
}

// connectGateways connects a node with the gateway endpoints of its subnets.
func (n *Network) connectGateways(node *Node, outbound []rule) {
	for _, endpoint := range n.Nodes {
		directs := func(subnet string) bool { return slices.Contains(endpoint.subnets, subnet) }
		if endpoint.Kind != GatewayEndpoint || !slices.ContainsFunc(node.subnets, directs) {
			continue
		}
		for _, out := range outbound {
			_, isForeign := out.outside(n)
			ports, admitted := out.ports.and(tcp(443))
			if admitted && isForeign.IsValid() && !isPrivate(isForeign) {
				n.Paths = append(n.Paths, Path{From: node, To: endpoint, Ports: ports})
			}
		}
	}
}

// connectDistributions connects CloudFront with the load balancers and buckets of its
// origins. An origin by a name of the DNS may be each load balancer that admits its port.
func (n *Network) connectDistributions() {
	for _, from := range n.Nodes {
		if from.Kind != Distribution {
			continue
		}
		found := n.resources[from.id]
		for _, origin := range found.Properties.Objects("DistributionConfig", "Origins") {
			for _, path := range n.origin(found.Stack, origin) {
				path.From = from
				n.Paths = append(n.Paths, path)
			}
		}
	}
}

func (n *Network) origin(stack assembly.Stack, origin assembly.Object) []Path {
	endpoint, domain := object(origin["CustomOriginConfig"]), origin["DomainName"]
	var through []string
	if id := origin.At("VpcOriginConfig", "VpcOriginId"); id != nil {
		vpcOrigin, _ := n.first(stack, id)
		endpoint = object(vpcOrigin.Properties["VpcOriginEndpointConfig"])
		stack, domain, through = vpcOrigin.Stack, endpoint["Arn"], []string{"VPC origin"}
	}
	named, texts := n.targets(stack, domain)
	var paths []Path
	for _, node := range n.Nodes {
		isNamed := slices.ContainsFunc(named, func(one assembly.Placed) bool { return one.Key() == node.id })
		byName := len(named) == 0 && len(texts) > 0 && node.Kind == LoadBalancer
		for _, port := range called(endpoint) {
			if (isNamed || byName) && n.admitsEdge(node, port) {
				paths = append(paths, Path{To: node, Ports: tcp(port), Through: append(through, n.guards(node)...)})
			}
		}
		if node.Kind == Bucket && isNamed {
			paths = append(paths, Path{To: node, Ports: tcp(443)})
		}
	}
	return paths
}

// admitsEdge reports whether a rule lets in what may be CloudFront on the port.
func (n *Network) admitsEdge(node *Node, port int) bool {
	return slices.ContainsFunc(n.rules, func(one rule) bool {
		return one.inbound && slices.Contains(node.groups, one.group) && isEdge(one.peer) && tcp(port) == one.ports
	})
}

// isEdge reports whether the peer of a rule may be CloudFront.
func isEdge(peer string) bool {
	kind := describe(peer).Kind
	return kind == PrefixList || kind == Internet
}

// called returns the ports that CloudFront calls.
func called(endpoint assembly.Object) []int {
	http, https := port(endpoint["HTTPPort"], 80), port(endpoint["HTTPSPort"], 443)
	switch endpoint["OriginProtocolPolicy"] {
	case "http-only":
		return []int{http}
	case "https-only":
		return []int{https}
	}
	return []int{http, https}
}

// connectPublic connects the internet with what it reaches without a VPC.
func (n *Network) connectPublic() {
	for _, node := range slices.Clone(n.Nodes) {
		switch {
		case node.Kind == Distribution:
			for _, port := range node.Ports {
				path := Path{From: n.outsider("0.0.0.0/0"), To: node, Ports: tcp(port)}
				if acl := n.resources[node.id].Properties.At("DistributionConfig", "WebACLId"); acl != nil && acl != "" {
					path.Through = []string{"web ACL"}
				}
				n.Paths = append(n.Paths, path)
			}
		case node.Kind == PublicAPI, node.Kind == Bucket && node.Public:
			n.Paths = append(n.Paths, Path{From: n.outsider("0.0.0.0/0"), To: node, Ports: tcp(443)})
		}
	}
}

// guards returns the web ACL of a load balancer, and the headers that its listeners ask for.
func (n *Network) guards(node *Node) []string {
	var guards []string
	if node.Kind != LoadBalancer {
		return nil
	}
	if n.hasWebACL(node.id) {
		guards = append(guards, "web ACL")
	}
	for _, found := range n.all.OfType("AWS::ElasticLoadBalancingV2::ListenerRule") {
		listener, _ := n.first(found.Stack, found.Properties["ListenerArn"])
		balancer, _ := n.first(listener.Stack, listener.Properties["LoadBalancerArn"])
		for _, condition := range found.Properties.Objects("Conditions") {
			if name, ok := condition.At("HttpHeaderConfig", "HttpHeaderName").(string); ok && balancer.Key() == node.id {
				guards = append(guards, "header "+name)
			}
		}
	}
	return guards
}

func (n *Network) hasWebACL(balancer string) bool {
	return slices.ContainsFunc(n.all.OfType("AWS::WAFv2::WebACLAssociation"), func(found assembly.Placed) bool {
		target, _ := n.first(found.Stack, found.Properties["ResourceArn"])
		return target.Key() == balancer
	})
}

func object(value any) assembly.Object {
	found, _ := value.(map[string]any)
	return found
}

func sortedKeys[V any](entries map[string]V) []string { return slices.Sorted(maps.Keys(entries)) }
