package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/reach"
	"catalog-infra/test/invariants"
)

// opening opens more of a resource.
type opening struct {
	name   string
	change func(p assembly.Object)
}

// set sets a property at a path.
func set(name string, value any, path ...string) opening {
	return opening{name, func(p assembly.Object) {
		for _, key := range path[:len(path)-1] {
			p, _ = p[key].(map[string]any)
		}
		p[path[len(path)-1]] = value
	}}
}

// peer lets a rule be about somebody else.
func peer(property string, value any) opening {
	return opening{fmt.Sprint("peer ", value), func(p assembly.Object) {
		for _, other := range strings.Fields("CidrIp CidrIpv6 SourceSecurityGroupId DestinationSecurityGroupId SourcePrefixListId") {
			delete(p, other)
		}
		p[property] = value
	}}
}

var morePorts = []opening{
	{"all ports", func(p assembly.Object) { p["FromPort"], p["ToPort"] = 0.0, 65535.0 }},
	{"another port", func(p assembly.Object) { p["FromPort"], p["ToPort"] = 22.0, 22.0 }},
	{"a port more", func(p assembly.Object) { p["ToPort"] = p["ToPort"].(float64) + 1 }},
	{"all protocols", func(p assembly.Object) { p["IpProtocol"] = "-1" }},
}

// openings are by the type that they change.
var openings = map[string][]opening{
	"AWS::EC2::SecurityGroupIngress": append(morePorts, peer("CidrIp", "0.0.0.0/0"), peer("CidrIp", "203.0.113.0/24"),
		peer("CidrIp", "10.0.0.0/8"),
		peer("CidrIpv6", "2001:db8::/32"), peer("SourcePrefixListId", "pl-0123456789abcdef0"), peer("SourceSecurityGroupId", "sg-0123"),
		peer("CidrIp", props{"Ref": "AWS::NoValue"}), set("another group", "sg-0123", "GroupId")),
	"AWS::EC2::SecurityGroupEgress": append(morePorts, peer("CidrIp", "0.0.0.0/0"), peer("CidrIp", "10.0.0.0/8"),
		peer("DestinationSecurityGroupId", "sg-0123")),
	"AWS::EC2::SecurityGroup": {
		{"EC2's own rule", func(p assembly.Object) { delete(p, "SecurityGroupEgress") }},
		set("all out", []any{props{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}}, "SecurityGroupEgress"),
		set("HTTP out", []any{props{"IpProtocol": "tcp", "FromPort": 80.0, "ToPort": 80.0, "CidrIp": "0.0.0.0/0"}}, "SecurityGroupEgress"),
		set("all in", []any{props{"IpProtocol": 6.0, "FromPort": "443", "ToPort": "443", "CidrIp": "0.0.0.0/0"}}, "SecurityGroupIngress"),
	},
	"AWS::EC2::Subnet": {set("public addresses", true, "MapPublicIpOnLaunch")},
	"AWS::ECS::Service": {
		set("a public address", "ENABLED", "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp"),
		set("another group", []any{"sg-0123"}, "NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"),
		set("another subnet", []any{"subnet-0123"}, "NetworkConfiguration", "AwsvpcConfiguration", "Subnets"),
	},
	"AWS::RDS::DBCluster": {
		{"the default group", func(p assembly.Object) { delete(p, "VpcSecurityGroupIds") }},
		set("another port", 5433.0, "Port"),
	},
	"AWS::RDS::DBInstance": {
		set("a public address", true, "PubliclyAccessible"),
		{"AWS decides about a public address", func(p assembly.Object) { delete(p, "PubliclyAccessible") }},
	},
	"AWS::ElasticLoadBalancingV2::Listener": {set("another port", 8443.0, "Port")},
	"AWS::S3::Bucket": {
		{"no block", func(p assembly.Object) { delete(p, "PublicAccessBlockConfiguration") }},
		set("a public policy", false, "PublicAccessBlockConfiguration", "BlockPublicPolicy"),
		set("public objects", false, "PublicAccessBlockConfiguration", "IgnorePublicAcls"),
	},
	"AWS::S3::BucketPolicy": {
		set("everybody", []any{props{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}}, "PolicyDocument", "Statement"),
		set("everybody's users", props{"Effect": "Allow", "Principal": props{"AWS": []any{"*"}}, "NotAction": "s3:PutObject"},
			"PolicyDocument", "Statement"),
	},
}

// added are resources that open something wherever they are, and that are about a
// resource of the network stack.
var added = map[string]func(id string) assembly.Resource{
	"AWS::EC2::RouteTable": func(id string) assembly.Resource {
		return assembly.Resource{Type: "AWS::EC2::Route", Properties: assembly.Object{
			"RouteTableId": props{"Ref": id}, "DestinationCidrBlock": "192.0.2.0/24", "GatewayId": props{"Ref": "NetworkVpcIGW6BEA7B02"},
		}}
	},
	"AWS::EC2::Subnet": func(id string) assembly.Resource {
		return assembly.Resource{Type: "AWS::EC2::Instance", Properties: assembly.Object{"SubnetId": props{"Ref": id}}}
	},
	"AWS::EC2::EIP": func(string) assembly.Resource {
		return assembly.Resource{Type: "AWS::EC2::EIPAssociation", Properties: assembly.Object{"InstanceId": "i-0123"}}
	},
	"AWS::EC2::VPC": func(string) assembly.Resource {
		return assembly.Resource{Type: "AWS::Lambda::Url", Properties: assembly.Object{"AuthType": "NONE"}}
	},
}

func reachedEnvironments(t *testing.T) []*environment {
	t.Helper()
	return append(allEnvironments(t), vpcOriginProd(t), domainProd(t), ownImageDev(t))
}

// traffic is who reaches whom in each environment, but for how the load balancer is reached.
var traffic = []string{
	"internet to EdgeDistribution on 80", "internet to EdgeDistribution on 443",
	"IngressLoadBalancer to ApiService on 3000", "ApiService to DatabaseCluster on 5432", "Rotation to DatabaseCluster on 5432",
	"ApiService to internet on 443", "ApiService to NetworkVpcS3 on 443",
}

func TestWhoReachesWhom(t *testing.T) {
	byNAT := []string{"Rotation to internet on 443", "Rotation to NetworkVpcS3 on 443"}
	for _, env := range allEnvironments(t) {
		ingress := "pl-fab65393"
		if env.Edge.Ingress == config.IngressInternet {
			ingress = "internet"
		}
		requireTraffic(t, env, slices.Concat(byNAT, []string{
			ingress + " to IngressLoadBalancer on 80", "EdgeDistribution to IngressLoadBalancer on 80",
		}))
	}
	requireTraffic(t, domainProd(t), slices.Concat(byNAT, []string{
		"pl-fab65393 to IngressLoadBalancer on 443", "EdgeDistribution to IngressLoadBalancer on 443",
	}))
	requireTraffic(t, vpcOriginProd(t), []string{
		"pl-fab65393 to IngressLoadBalancer on 443", "EdgeDistribution to IngressLoadBalancer on 443",
		"ApiService to NetworkVpcecrapi on 443", "Rotation to NetworkVpcecrapi on 443",
		"ApiService to NetworkVpcsecretsmanager on 443", "Rotation to NetworkVpcsecretsmanager on 443",
		"DatabaseUserRotation to DatabaseCluster on 5432", "DatabaseUserRotation to NetworkVpcecrapi on 443",
		"DatabaseUserRotation to NetworkVpcsecretsmanager on 443",
	})
}

func requireTraffic(t *testing.T, env *environment, more []string) {
	t.Helper()
	var found []string
	for _, path := range reach.Read(assemblyOf(t, env)).Paths {
		found = append(found, fmt.Sprintf("%s to %s on %s", path.From.Name, path.To.Name, path.Ports))
	}
	require.ElementsMatch(t, append(more, traffic...), found, env.Environment)
}

func TestEachChangeThatOpensTheNetworkIsABreach(t *testing.T) {
	for _, env := range reachedEnvironments(t) {
		clean := assemblyOf(t, env)
		expected := invariants.Reach(env.Config)
		require.Empty(t, reach.Read(clean).Breaches(expected), env.Environment)
		tried := map[string]int{}
		for at, stack := range clean.Stacks {
			for _, id := range slices.Sorted(maps.Keys(stack.Template.Resources)) {
				resource := stack.Template.Resources[id]
				for _, one := range openings[resource.Type] {
					changedResource := resource
					changedResource.Properties = copied(t, resource.Properties)
					one.change(changedResource.Properties)
					if isOpenAlready(resource, one) || equal(copied(t, changedResource.Properties), copied(t, resource.Properties)) {
						continue
					}
					tried[resource.Type]++
					require.NotEmpty(t, breachesWith(clean, at, id, changedResource, expected), "%s: %s of %s", env.Environment, one.name, id)
				}
				if another := added[resource.Type]; another != nil && !isPublicTable(id) {
					tried["added for "+resource.Type]++
					require.NotEmpty(t, breachesWith(clean, at, "Added", another(id), expected), "%s: one more for %s", env.Environment, id)
				}
			}
		}
		require.Len(t, tried, len(openings)+len(added), "%v", tried)
	}
}

// isOpenAlready reports whether a rule admits everybody, or is by HTTPS from tasks or the
// rotation, which may reach everybody.
func isOpenAlready(resource assembly.Resource, one opening) bool {
	isHTTPSOut := resource.Type == "AWS::EC2::SecurityGroupEgress" && resource.Properties.Int("FromPort") == 443
	return resource.Properties["CidrIp"] == "0.0.0.0/0" && strings.HasPrefix(one.name, "peer") || isHTTPSOut && one.name == "peer 0.0.0.0/0"
}

// isPublicTable reports whether the route table is of the load balancer's subnets, where
// a route to the internet gateway is none too many.
func isPublicTable(id string) bool {
	return strings.Contains(id, "VpcPublicSubnet") && strings.Contains(id, "RouteTable")
}

func copied(t *testing.T, properties assembly.Object) assembly.Object {
	t.Helper()
	var copy assembly.Object
	require.NoError(t, json.Unmarshal(must(json.Marshal(properties)), &copy))
	return copy
}

// breachesWith returns the breaches of an assembly with one resource changed or added.
func breachesWith(clean *assembly.Assembly, at int, id string, resource assembly.Resource, expected reach.Expected) []string {
	resources := maps.Clone(clean.Stacks[at].Template.Resources)
	resource.ID = id
	resources[id] = resource
	altered := assembly.Assembly{Stacks: slices.Clone(clean.Stacks)}
	altered.Stacks[at].Template.Resources = resources
	return reach.Read(&altered).Breaches(expected)
}

// What is not in every environment.
func TestTheLoadBalancerIsReachedAsTheFileSays(t *testing.T) {
	withoutACL := withoutRunbooks(t, "prod", func(cfg *config.Config) { cfg.Edge.WAF.Mode = config.WAFOff })
	require.Empty(t, reach.Read(assemblyOf(t, withoutACL)).Breaches(invariants.Reach(withoutACL.Config)))
	for _, c := range []struct {
		env      *environment
		resource string
		opening  opening
	}{
		{vpcOriginProd(t), "AWS::ElasticLoadBalancingV2::LoadBalancer", set("a public address", "internet-facing", "Scheme")},
		{withoutACL, "AWS::ElasticLoadBalancingV2::Listener", set("forwards", []any{props{"Type": "forward"}}, "DefaultActions")},
		{reference(t, "prod"), "AWS::EC2::SecurityGroupIngress", peer("SourcePrefixListId", "pl-0")},
		{reference(t, "prod"), "AWS::EC2::SecurityGroupIngress", peer("CidrIpv6", "::/0")},
	} {
		clean := assemblyOf(t, c.env)
		for at, stack := range clean.Stacks {
			for _, resource := range stack.Template.OfType(c.resource) {
				resource.Properties = copied(t, resource.Properties)
				c.opening.change(resource.Properties)
				breaches := breachesWith(clean, at, resource.ID, resource, invariants.Reach(c.env.Config))
				require.NotEmpty(t, breaches, "%s of %s", c.opening.name, resource.ID)
			}
		}
	}
}

func TestARenamedResourceIsNoBreach(t *testing.T) {
	env := reference(t, "prod")
	network := reach.Read(assemblyOf(t, env))
	for _, stack := range assemblyOf(t, env).Stacks {
		for _, kind := range strings.Fields("EC2::SecurityGroup EC2::Subnet EC2::RouteTable RDS::DBCluster ECS::Service") {
			for _, resource := range stack.Template.OfType("AWS::" + kind) {
				other := reach.Read(renamed(t, env, resource.ID))
				require.Empty(t, other.Breaches(invariants.Reach(env.Config)), resource.ID)
				require.Len(t, other.Paths, len(network.Paths), resource.ID)
			}
		}
	}
}

func TestWhoReachesWhomIsAsDocumented(t *testing.T) {
	var text, picture strings.Builder
	network := reach.Read(assemblyOf(t, reference(t, "prod")))
	require.NoError(t, network.WriteText(&text))
	require.NoError(t, network.WriteMermaid(&picture))

	page := read(t, "../docs/architecture.md")
	require.Contains(t, page, "```text\n"+regexp.MustCompile(`(?m) +$`).ReplaceAllString(text.String(), "")+"```\n")
	require.Contains(t, page, "```mermaid\n"+picture.String()+"```\n")
}
