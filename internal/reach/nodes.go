package reach

import (
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// inVPC are the types with network interfaces, and where each names its groups and subnets.
var inVPC = []struct {
	resource        string
	kind            Kind
	groups, subnets []string
}{
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", LoadBalancer, []string{"SecurityGroups"}, []string{"Subnets"}},
	{"AWS::ECS::Service", Service, []string{"NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"},
		[]string{"NetworkConfiguration", "AwsvpcConfiguration", "Subnets"}},
	{"AWS::Lambda::Function", Function, []string{"VpcConfig", "SecurityGroupIds"}, []string{"VpcConfig", "SubnetIds"}},
	// The application that rotates secrets takes lists with commas:
	// https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas
	{"AWS::Serverless::Application", Function, []string{"Parameters", "vpcSecurityGroupIds"}, []string{"Parameters", "vpcSubnetIds"}},
	{"AWS::RDS::DBCluster", Database, []string{"VpcSecurityGroupIds"}, []string{"DBSubnetGroupName"}},
	{"AWS::RDS::DBInstance", Database, []string{"VPCSecurityGroups"}, []string{"DBSubnetGroupName"}},
	{"AWS::EC2::VPCEndpoint", Endpoint, []string{"SecurityGroupIds"}, []string{"SubnetIds"}},
}

// publicAPIs are types that AWS gives an address that everybody reaches.
var publicAPIs = []string{
	"AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::AppRunner::Service", "AWS::AppSync::GraphQLApi", "AWS::Lambda::Url",
}

func (n *Network) readNodes() {
	byID := map[string]*Node{}
	for _, kind := range inVPC {
		for _, found := range n.all.OfType(kind.resource) {
			node := n.node(found, kind.kind, kind.groups, kind.subnets)
			if len(node.subnets) > 0 || len(node.groups) > 0 {
				n.Nodes, byID[node.id] = append(n.Nodes, node), node
			}
		}
	}
	n.readDatabases(byID)
	n.readListeners(byID)
	n.readRotations(byID)
	for _, found := range n.all.OfType(publicAPIs...) {
		n.Nodes = append(n.Nodes, &Node{Kind: PublicAPI, id: found.Key(), Ports: []int{443}, Public: true})
	}
	for _, found := range n.all.OfType("AWS::CloudFront::Distribution") {
		n.Nodes = append(n.Nodes, &Node{Kind: Distribution, id: found.Key(), Ports: []int{80, 443}, Public: true})
	}
	for _, group := range n.all.OfType("AWS::EC2::SecurityGroup") {
		if !slices.ContainsFunc(n.Nodes, func(node *Node) bool { return slices.Contains(node.groups, group.Key()) }) {
			n.Nodes = append(n.Nodes, &Node{Kind: UnusedGroup, id: group.Key(), groups: []string{group.Key()}})
		}
	}
	n.readBuckets()
	n.readUnknown()
}

func (n *Network) node(found assembly.Placed, kind Kind, groups, subnets []string) *Node {
	node := &Node{Kind: kind, id: found.Key()}
	node.subnets = n.subnets(found, found.Properties.At(subnets...))
	if value := found.Properties.At(groups...); value != nil || len(node.subnets) > 0 {
		node.groups = n.groups(found, value)
	}
	switch kind {
	case LoadBalancer:
		node.subnets = append(node.subnets, n.subnets(found, found.Properties["SubnetMappings"])...)
		node.Public = found.Properties["Scheme"] != "internal" // by default it is internet-facing
	case Service:
		node.Public = found.Properties.At("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp") == "ENABLED"
		for _, target := range found.Properties.Objects("LoadBalancers") {
			node.Ports = append(node.Ports, port(target["ContainerPort"], 0))
		}
	case Database:
		node.Ports = []int{port(found.Properties["Port"], 0)}
	case Endpoint:
		node.Ports = []int{443}
		if tables := found.Properties["RouteTableIds"]; tables != nil {
			node.Kind, node.subnets = GatewayEndpoint, n.subnetsOfTables(found, tables)
		}
	}
	return node
}

// subnets returns the subnets that a value names, by themselves or as a subnet group.
func (n *Network) subnets(at assembly.Placed, value any) []string {
	named, texts := n.targets(at.Stack, value)
	var subnets []string
	for _, found := range named {
		switch found.Type {
		case "AWS::EC2::Subnet":
			subnets = append(subnets, found.Key())
		case "AWS::RDS::DBSubnetGroup":
			subnets = append(subnets, n.subnets(found, found.Properties["SubnetIds"])...)
		default:
			n.unread(at, "its subnet is a "+found.Type)
		}
	}
	for _, text := range texts {
		n.unread(at, "its subnet "+text+" is in no template")
	}
	return subnets
}

// subnetsOfTables returns the subnets whose traffic the route tables direct.
func (n *Network) subnetsOfTables(at assembly.Placed, tables any) []string {
	named, _ := n.targets(at.Stack, tables)
	var subnets []string
	for _, found := range n.all.OfType("AWS::EC2::SubnetRouteTableAssociation") {
		table, _ := n.first(found.Stack, found.Properties["RouteTableId"])
		subnet, ok := n.first(found.Stack, found.Properties["SubnetId"])
		if ok && slices.ContainsFunc(named, func(one assembly.Placed) bool { return one.Key() == table.Key() }) {
			subnets = append(subnets, subnet.Key())
		}
	}
	return subnets
}

// readDatabases gives clusters the public addresses of their instances. An instance that
// does not say whether it has one gets one where its VPC has an internet gateway:
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
func (n *Network) readDatabases(byID map[string]*Node) {
	for _, found := range n.all.OfType("AWS::RDS::DBInstance") {
		node := byID[found.Key()]
		if cluster, ok := n.first(found.Stack, found.Properties["DBClusterIdentifier"]); ok {
			node = byID[cluster.Key()]
		}
		if node != nil && found.Properties["PubliclyAccessible"] != false {
			node.Public = true
		}
	}
}

func (n *Network) readListeners(byID map[string]*Node) {
	for _, found := range n.all.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		balancer, ok := n.first(found.Stack, found.Properties["LoadBalancerArn"])
		if node := byID[balancer.Key()]; ok && node != nil {
			node.Ports = append(node.Ports, port(found.Properties["Port"], 0))
		}
	}
}

func (n *Network) readRotations(byID map[string]*Node) {
	for _, found := range n.all.OfType("AWS::SecretsManager::RotationSchedule") {
		function, ok := n.first(found.Stack, found.Properties["RotationLambdaARN"])
		if node := byID[function.Key()]; ok && node != nil {
			node.Kind = Rotation
		}
	}
}

// inNetwork matches the properties by which a resource is in a VPC.
var inNetwork = regexp.MustCompile(`(?i)subnet|securitygroup|networkinterface`)

// networkID matches the IDs of subnets and groups.
var networkID = regexp.MustCompile(`^(subnet|sg)-`)

// read are types that name subnets or groups and are read above, or do not talk.
var read = []string{
	"AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroup", "AWS::EC2::SubnetRouteTableAssociation",
	"AWS::EC2::NatGateway", "AWS::EC2::FlowLog", "AWS::RDS::DBSubnetGroup", "AWS::CloudFront::VpcOrigin", "AWS::SSM::Document",
}

// readUnknown notes resources of other types that are in a VPC.
func (n *Network) readUnknown() {
	for _, id := range sortedKeys(n.resources) {
		found := n.resources[id]
		known := slices.Contains(read, found.Type) || strings.HasPrefix(found.Type, "AWS::IAM::")
		for _, kind := range inVPC {
			known = known || kind.resource == found.Type
		}
		if !known && (found.Type == "AWS::EC2::EIPAssociation" || n.isInNetwork(found.Stack, map[string]any(found.Properties), "")) {
			n.unread(found, "it is in a network, and its type is not read")
		}
	}
}

func (n *Network) isInNetwork(stack assembly.Stack, value any, property string) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return n.isInNetwork(stack, element, property) })
	case map[string]any:
		if target, ok := n.all.Target(stack, value); ok {
			return inNetwork.MatchString(property) && (target.Type == "AWS::EC2::Subnet" || target.Type == "AWS::EC2::SecurityGroup")
		}
		return slices.ContainsFunc(sortedKeys(value), func(key string) bool {
			if strings.HasPrefix(key, "Fn::") {
				return n.isInNetwork(stack, value[key], property)
			}
			return n.isInNetwork(stack, value[key], key)
		})
	case string:
		return inNetwork.MatchString(property) && networkID.MatchString(value)
	}
	return false
}

func (n *Network) unread(at assembly.Placed, why string) {
	n.Unread = append(n.Unread, at.Key()+" ("+at.Type+"): "+why)
}
