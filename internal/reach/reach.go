// Package reach says who can talk to whom on which port, from what the templates of an
// environment define: security groups, routes, gateways, endpoints, listeners, public
// addresses, origins and the policies of buckets. Network ACLs are not read: without them
// more is open.
package reach

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// Kind says what talks or is talked to.
type Kind string

// The kinds of nodes.
const (
	Internet        Kind = "internet"      // a range with public addresses
	Range           Kind = "range"         // a range of private addresses
	PrefixList      Kind = "prefix list"   // addresses that a template does not have
	ForeignGroup    Kind = "foreign group" // a security group that no template defines
	Unknown         Kind = "unknown"       // a value that is known on deploy only
	UnusedGroup     Kind = "unused group"  // a security group that nothing has
	Distribution    Kind = "distribution"  // of CloudFront
	LoadBalancer    Kind = "load balancer"
	Service         Kind = "service"  // tasks of Amazon ECS
	Rotation        Kind = "rotation" // the function that rotates a secret
	Function        Kind = "function" // any other function in a VPC
	Database        Kind = "database"
	Endpoint        Kind = "interface endpoint"
	GatewayEndpoint Kind = "gateway endpoint"
	Bucket          Kind = "bucket"
	PublicAPI       Kind = "public API" // what has a public address of AWS by itself
)

// Node talks, or is talked to.
type Node struct {
	// Name is unique among the nodes: the logical id without CDK's hash, a range, or the ID
	// of a prefix list or group.
	Name string
	Kind Kind

	// Ports are those on which it listens by TCP.
	Ports []int

	// Public reports whether it has a public address.
	Public bool

	id      string   // stack/logical id; empty for what no template defines
	groups  []string // stack/logical id, or the ID of a foreign one
	subnets []string
}

// String returns the kind and the name.
func (n *Node) String() string {
	if n.Name == string(n.Kind) {
		return n.Name
	}
	return string(n.Kind) + " " + n.Name
}

// Path is open: rules and routes let one node reach another.
type Path struct {
	From, To *Node
	Ports    Ports

	// Through are the NAT gateway, the web ACL and the header that a listener asks for.
	Through []string
}

// Network is an environment as its templates define it.
type Network struct {
	Nodes []*Node

	// Paths are sorted by their ends and ports, each once.
	Paths []Path

	// Unread are lines about what could not be read, so that more may be open.
	Unread []string

	all       *assembly.Assembly
	resources map[string]assembly.Placed
	outside   map[string]*Node
	rules     []rule
	routes    map[string][]route // by subnet
}

// hash is what CDK appends to a logical id.
var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// Read returns the network of an environment.
func Read(all *assembly.Assembly) *Network {
	n := &Network{all: all, resources: map[string]assembly.Placed{}, outside: map[string]*Node{}, routes: map[string][]route{}}
	for _, stack := range all.Stacks {
		for _, resource := range stack.Template.Resources {
			found := assembly.Placed{Resource: resource, Stack: stack}
			n.resources[found.Key()] = found
		}
	}
	n.readRoutes()
	n.readNodes()
	n.readRules()
	n.nameNodes()
	n.connect()
	slices.SortFunc(n.Nodes, func(a, b *Node) int { return cmp.Or(compareKinds(a.Kind, b.Kind), strings.Compare(a.Name, b.Name)) })
	places := map[*Node]int{}
	for place, node := range n.Nodes {
		places[node] = place
	}
	slices.SortFunc(n.Paths, func(a, b Path) int {
		return cmp.Or(places[a.From]-places[b.From], places[a.To]-places[b.To], strings.Compare(a.Ports.protocol, b.Ports.protocol),
			a.Ports.from-b.Ports.from, a.Ports.to-b.Ports.to)
	})
	n.Paths = slices.CompactFunc(n.Paths, func(a, b Path) bool { return a.From == b.From && a.To == b.To && a.Ports == b.Ports })
	slices.Sort(n.Unread)
	n.Unread = slices.Compact(n.Unread)
	return n
}

// order is that of a request: from viewers to the database.
var order = []Kind{
	Internet, PrefixList, Range, ForeignGroup, Unknown, Distribution, PublicAPI, LoadBalancer, Service, Rotation, Function, UnusedGroup,
	Database, Endpoint, GatewayEndpoint, Bucket,
}

func compareKinds(a, b Kind) int { return slices.Index(order, a) - slices.Index(order, b) }

// targets returns the resources that a value names, also through imports, and the plain
// texts in it that name none.
func (n *Network) targets(stack assembly.Stack, value any) (named []assembly.Placed, texts []string) {
	switch value := value.(type) {
	case string:
		for _, text := range strings.Split(value, ",") {
			if text != "" {
				texts = append(texts, text)
			}
		}
	case []any:
		for _, element := range value {
			inner, more := n.targets(stack, element)
			named, texts = append(named, inner...), append(texts, more...)
		}
	case map[string]any:
		if found, ok := n.all.Target(stack, value); ok {
			return []assembly.Placed{found}, nil
		}
		for _, key := range sortedKeys(value) {
			inner, more := n.targets(stack, value[key])
			named, texts = append(named, inner...), append(texts, more...)
		}
	}
	return named, texts
}

// first returns the one resource that a value names.
func (n *Network) first(stack assembly.Stack, value any) (assembly.Placed, bool) {
	named, _ := n.targets(stack, value)
	if len(named) == 0 {
		return assembly.Placed{}, false
	}
	return named[0], true
}

// outsider returns the node of what no template defines.
func (n *Network) outsider(name string) *Node {
	described := describe(name)
	if n.outside[described.Name] == nil {
		n.outside[described.Name] = described
		n.Nodes = append(n.Nodes, described)
	}
	return n.outside[described.Name]
}

// describe returns what no template defines as a node.
func describe(name string) *Node {
	prefix, err := netip.ParsePrefix(name)
	switch {
	case err == nil && prefix.Bits() == 0:
		return &Node{Name: string(Internet), Kind: Internet}
	case err == nil && isPrivate(prefix):
		return &Node{Name: name, Kind: Range}
	case err == nil:
		return &Node{Name: name, Kind: Internet}
	case strings.HasPrefix(name, "pl-"):
		return &Node{Name: name, Kind: PrefixList}
	case strings.HasPrefix(name, "sg-"):
		return &Node{Name: name, Kind: ForeignGroup}
	}
	return &Node{Name: name, Kind: Unknown}
}

// private are the ranges that no route of the internet leads to, RFC 1918 and RFC 6598.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fc00::/7"),
}

func isPrivate(prefix netip.Prefix) bool {
	return slices.ContainsFunc(private, func(known netip.Prefix) bool {
		return known.Contains(prefix.Addr()) && known.Bits() <= prefix.Bits()
	})
}

// nameNodes gives each node its logical id without the hash, or with its stack where two
// have the same.
func (n *Network) nameNodes() {
	seen := map[string]int{}
	short := func(node *Node) string { return hash.ReplaceAllString(n.resources[node.id].ID, "") }
	for _, node := range n.Nodes {
		if node.id != "" {
			seen[short(node)]++
		}
	}
	for _, node := range n.Nodes {
		switch {
		case node.id == "":
		case seen[short(node)] == 1:
			node.Name = short(node)
		default:
			node.Name = node.id
		}
	}
}
