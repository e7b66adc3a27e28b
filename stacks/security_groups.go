package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/constructs/database"
	"catalog-infra/constructs/web"
)

// SecurityGroups is the stack that says who may talk to whom. Every rule is
// here and has a literal port: one added from another stack would make the two
// stacks depend on each other (pitfalls A6 and B2).
type SecurityGroups struct {
	awscdk.Stack

	LoadBalancer, Tasks, Rotation, Database awsec2.SecurityGroup

	// IsolatedLoadBalancer and IsolatedDatabase take the places of the above
	// when an incident is contained. Both are nil in a short-lived environment.
	IsolatedLoadBalancer, IsolatedDatabase awsec2.SecurityGroup
}

// NewSecurityGroups defines the security-group stack.
func NewSecurityGroups(env environment, network *Network) *SecurityGroups {
	stack := env.newStack("security-groups", "Every security-group rule of the Product Catalog API")
	group := func(id, description string) awsec2.SecurityGroup {
		return awsec2.NewSecurityGroup(stack, &id, &awsec2.SecurityGroupProps{
			Vpc:              network.Vpc.Vpc,
			Description:      &description,
			AllowAllOutbound: jsii.Bool(false),
		})
	}
	this := &SecurityGroups{
		Stack:        stack,
		LoadBalancer: group("LoadBalancer", "Load balancer of the catalog API"),
		Tasks:        group("Tasks", "Tasks of the catalog API"),
		Rotation:     group("Rotation", "Function that rotates the database password"),
		Database:     group("Database", "Catalog database"),
	}
	this.allow(env, network.EndpointSecurityGroup)
	if !env.ShortLived {
		this.IsolatedLoadBalancer = group("IsolatedLoadBalancer", "Load balancer of the catalog API while it is isolated")
		this.IsolatedDatabase = group("IsolatedDatabase", "Catalog database while it is isolated")
		// Nobody gets in. The health checks go on, so that ECS keeps the tasks,
		// which are evidence.
		connect(this.IsolatedLoadBalancer, this.Tasks, env.Service.Port, "Health checks of the isolated load balancer")
	}
	return this
}

// allow writes every rule there is. The database has none for going out.
func (g *SecurityGroups) allow(env environment, endpoints awsec2.ISecurityGroup) {
	anywhere := awsec2.Peer_AnyIpv4()
	viewers, who := origins(env)
	g.LoadBalancer.AddIngressRule(viewers, tcp(listenerPort(env.Edge)), jsii.Sprintf("%s to the load balancer", who), nil)
	connect(g.LoadBalancer, g.Tasks, env.Service.Port, "Load balancer to the tasks")
	connect(g.Tasks, g.Database, database.Port, "Tasks to the database")
	connect(g.Rotation, g.Database, database.Port, "Rotation function to the database")
	g.Tasks.AddEgressRule(anywhere, tcp(web.HTTPSPort), jsii.String("Tasks to AWS services and package sources"), nil)
	g.Rotation.AddEgressRule(anywhere, tcp(web.HTTPSPort), jsii.String("Rotation function to Secrets Manager"), nil)
	if endpoints == nil {
		return
	}
	// The group is the network stack's; as remote rules these stay here.
	remote := jsii.Bool(true)
	endpoints.AddIngressRule(g.Tasks, tcp(web.HTTPSPort), jsii.String("Tasks to interface endpoints"), remote)
	endpoints.AddIngressRule(g.Rotation, tcp(web.HTTPSPort), jsii.String("Rotation function to interface endpoints"), remote)
}

// origins is where requests come from. CloudFront's list counts as 55 of the 60
// rules that a group may have, so it fits once, for one port (pitfall D4).
func origins(env environment) (peer awsec2.IPeer, who string) {
	if env.anyViewer() {
		return awsec2.Peer_AnyIpv4(), "Viewers"
	}
	return awsec2.Peer_PrefixList(jsii.String(env.PrefixList())), "CloudFront"
}

// connect lets from reach to at both ends.
func connect(from, to awsec2.SecurityGroup, port int, why string) {
	from.AddEgressRule(to, tcp(port), &why, nil)
	to.AddIngressRule(from, tcp(port), &why, nil)
}

func tcp(port int) awsec2.Port { return awsec2.Port_Tcp(jsii.Number(port)) }

// listenerPort is the one port the load balancer listens on.
func listenerPort(edge config.Edge) int {
	if edge.HTTPSOrigin() {
		return web.HTTPSPort
	}
	return web.HTTPPort
}
