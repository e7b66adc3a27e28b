package stacks

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/database"
	"catalog-infra/constructs/web"
	"catalog-infra/stacks/internal/environment"
)

// SecurityGroups is the stack of the security groups and their rules, except
// those for ports that can change, which the compute stack has (see connectIn and
// admitViewers). Each rule has a literal port: a rule that CDK adds from another
// stack would make the two stacks depend on each other (pitfalls A6 and B2).
type SecurityGroups struct {
	awscdk.Stack

	LoadBalancer, Tasks, Rotation, Database awsec2.SecurityGroup

	// LoadBalancerHTTPS is the load balancer's second group. Viewers reach port 80
	// by the rule of LoadBalancer and port 443 by the rule of this group: the rules
	// of both ports do not fit into one group (pitfall D4).
	LoadBalancerHTTPS awsec2.SecurityGroup

	// IsolatedLoadBalancer and IsolatedDatabase replace LoadBalancer and Database
	// during containment. Both are nil in a short-lived environment.
	IsolatedLoadBalancer, IsolatedDatabase awsec2.SecurityGroup

	// GroupIDs are the IDs of all security groups of the environment, Rules their
	// rules, one line for each in the form that the runbook
	// tighten-security-groups compares.
	GroupIDs []*string
	Rules    []string

	// ids caches the ID of each group, which is a call to CDK's process.
	ids map[awsec2.ISecurityGroup]string
}

func newSecurityGroups(env environment.Environment, network *Network) *SecurityGroups {
	stack := env.NewStack("security-groups", "Every security-group rule of the Product Catalog API")
	this := &SecurityGroups{Stack: stack, ids: map[awsec2.ISecurityGroup]string{}}
	group := func(id, description string) awsec2.SecurityGroup {
		made := awsec2.NewSecurityGroup(stack, &id, &awsec2.SecurityGroupProps{
			Vpc:              network.VPC,
			Description:      &description,
			AllowAllOutbound: jsii.Bool(false),
		})
		this.GroupIDs = append(this.GroupIDs, jsii.String(this.id(made)))
		return made
	}
	this.LoadBalancer = group("LoadBalancer", "Load balancer of the catalog API")
	this.LoadBalancerHTTPS = group("LoadBalancerHTTPS", "Load balancer of the catalog API by HTTPS")
	this.Tasks = group("Tasks", "Tasks of the catalog API")
	this.Rotation = group("Rotation", "Function that rotates the database password")
	this.Database = group("Database", "Catalog database")
	this.allow(env, network.EndpointSecurityGroup)
	if !env.Config.ShortLived {
		this.IsolatedLoadBalancer = group("IsolatedLoadBalancer", "Load balancer of the catalog API while it is isolated")
		this.IsolatedDatabase = group("IsolatedDatabase", "Catalog database while it is isolated")
		this.nothingOut(this.IsolatedLoadBalancer)
		this.nothingOut(this.IsolatedDatabase)
	}
	return this
}

// allow adds the rules of the groups that are in use.
func (g *SecurityGroups) allow(env environment.Environment, endpoints awsec2.ISecurityGroup) {
	anywhere := awsec2.Peer_AnyIpv4()
	g.nothingOut(g.LoadBalancer)
	g.nothingOut(g.LoadBalancerHTTPS)
	g.connect(g.Tasks, g.Database, database.Port, "Tasks to the database")
	g.connect(g.Rotation, g.Database, database.Port, "Rotation function to the database")
	g.out(g.Tasks, anywhere, web.HTTPSPort, "Tasks to AWS services and package sources")
	g.out(g.Rotation, secretsManager(env, endpoints), web.HTTPSPort, "Rotation function to Secrets Manager")
	if slices.Contains(env.Config.Network.InterfaceEndpoints, "secretsmanager") {
		g.onlyToGroups(g.Rotation)
	}
	g.nothingOut(g.Database)
	if endpoints == nil {
		return
	}
	g.GroupIDs = append(g.GroupIDs, jsii.String(g.id(endpoints)))
	g.in(endpoints, g.Tasks, web.HTTPSPort, "Tasks to interface endpoints")
	g.in(endpoints, g.Rotation, web.HTTPSPort, "Rotation function to interface endpoints")
	g.nothingOut(endpoints)
}

// secretsManager returns the interface endpoint of Secrets Manager or, without
// one, any address, since the service has no fixed ones. The rotation function
// calls no other service.
func secretsManager(env environment.Environment, endpoints awsec2.ISecurityGroup) awsec2.IPeer {
	if slices.Contains(env.Config.Network.InterfaceEndpoints, "secretsmanager") {
		return endpoints
	}
	return awsec2.Peer_AnyIpv4()
}

// in allows traffic from peer to the group. A remote rule is defined in this stack
// even if the group is in another.
func (g *SecurityGroups) in(group awsec2.ISecurityGroup, peer awsec2.IPeer, port int, why string) {
	remote := *group.Stack().Node().Path() != *g.Stack.Node().Path()
	group.AddIngressRule(peer, tcp(port), &why, &remote)
	g.record(group, "in tcp", port, port, "from "+g.peerID(peer))
}

// out allows traffic from the group to peer.
func (g *SecurityGroups) out(group awsec2.ISecurityGroup, peer awsec2.IPeer, port int, why string) {
	group.AddEgressRule(peer, tcp(port), &why, nil)
	g.record(group, "out tcp", port, port, "to "+g.peerID(peer))
}

// connect allows traffic from one group to another, in the rules of both.
func (g *SecurityGroups) connect(from, to awsec2.SecurityGroup, port int, why string) {
	g.out(from, to, port, why)
	g.in(to, from, port, why)
}

// connectIn is like connect, but defines the rules in another stack and returns
// them. If the port changes, CloudFormation adds the new rules before it updates
// what depends on them, and deletes the old rules after it.
func (g *SecurityGroups) connectIn(stack awscdk.Stack, id string, from, to awsec2.SecurityGroup, port int,
	why string) []awscdk.CfnResource {
	fromID, toID, number := jsii.String(g.id(from)), jsii.String(g.id(to)), jsii.Number(port)
	g.record(from, "out tcp", port, port, "to "+*toID)
	g.record(to, "in tcp", port, port, "from "+*fromID)
	return []awscdk.CfnResource{
		awsec2.NewCfnSecurityGroupEgress(stack, jsii.String(id+"Egress"), &awsec2.CfnSecurityGroupEgressProps{
			GroupId: fromID, DestinationSecurityGroupId: toID, Description: &why,
			IpProtocol: jsii.String("tcp"), FromPort: number, ToPort: number,
		}),
		awsec2.NewCfnSecurityGroupIngress(stack, jsii.String(id+"Ingress"), &awsec2.CfnSecurityGroupIngressProps{
			GroupId: toID, SourceSecurityGroupId: fromID, Description: &why,
			IpProtocol: jsii.String("tcp"), FromPort: number, ToPort: number,
		}),
	}
}

// admitViewers defines, in another stack, the rule by which viewers or CloudFront
// reach the listener, and returns it. CloudFormation adds the rule for a new port
// before it creates the listener, and deletes the old rule at the end.
func (g *SecurityGroups) admitViewers(stack awscdk.Stack, env environment.Environment) awscdk.CfnResource {
	group, port := g.LoadBalancer, web.HTTPPort
	if env.Config.Edge.HTTPSOrigin() {
		group, port = g.LoadBalancerHTTPS, web.HTTPSPort
	}
	rule := &awsec2.CfnSecurityGroupIngressProps{
		GroupId: jsii.String(g.id(group)), IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(port), ToPort: jsii.Number(port),
	}
	peer := env.Config.PrefixList()
	if env.Config.Edge.Ingress.AnyViewer() {
		peer = "0.0.0.0/0"
		rule.CidrIp, rule.Description = &peer, jsii.String("Viewers to the load balancer")
	} else {
		rule.SourcePrefixListId, rule.Description = &peer, jsii.String("CloudFront to the load balancer")
	}
	g.record(group, "in tcp", port, port, "from "+peer)
	return awsec2.NewCfnSecurityGroupIngress(stack, jsii.String("ViewersToLoadBalancer"), rule)
}

// nothingOut records the rule that CDK adds to a group without egress rules. It
// matches no traffic, and replaces EC2's default rule, which allows all.
func (g *SecurityGroups) nothingOut(group awsec2.ISecurityGroup) {
	g.record(group, "out icmp", 252, 86, "to 255.255.255.255/32")
}

// onlyToGroups adds a rule to a group that reaches groups alone, for which CDK defines no
// rule in the group itself: EC2's default rule, which allows all, could stay beside the
// others. It is AWS's own example of one that replaces it:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
func (g *SecurityGroups) onlyToGroups(group awsec2.ISecurityGroup) {
	g.out(group, awsec2.Peer_Ipv4(jsii.String("127.0.0.1/32")), web.HTTPSPort, "Replaces the rule that allows all")
}

// record appends to Rules.
func (g *SecurityGroups) record(group awsec2.ISecurityGroup, protocol string, from, to int, peer string) {
	g.Rules = append(g.Rules, fmt.Sprintf("%s %s %d-%d %s", g.id(group), protocol, from, to, peer))
}

// id returns the ID of the group.
func (g *SecurityGroups) id(group awsec2.ISecurityGroup) string {
	if _, known := g.ids[group]; !known {
		g.ids[group] = *group.SecurityGroupId()
	}
	return g.ids[group]
}

// peerID returns the security group, address range or prefix list in EC2's form.
func (g *SecurityGroups) peerID(peer awsec2.IPeer) string {
	if group, ok := peer.(awsec2.ISecurityGroup); ok {
		return g.id(group)
	}
	return *peer.UniqueId()
}

func tcp(port int) awsec2.Port { return awsec2.Port_Tcp(jsii.Number(port)) }
