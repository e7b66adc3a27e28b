// Package network defines where the platform runs.
package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// maxZones is how many zones' subnets are cut from the range at once, so that
// adding a zone later renumbers nothing (pitfall B6).
const maxZones = 3

// The names of the subnet groups.
const (
	publicSubnets  = "Public"
	privateSubnets = "Private"
	dataSubnets    = "Data"
)

// VpcProps configures a Vpc.
type VpcProps struct {
	// CIDR is the address range; PrefixBits is the length of its prefix, 16
	// for a /16, and at most 24.
	CIDR       string
	PrefixBits int

	// AvailabilityZones are the zones' full names, two or three. Their order
	// decides which subnet is in which zone: append only.
	AvailabilityZones []string

	// NATGateways is how many NAT gateways there are. Default: one for each
	// zone.
	NATGateways int

	// InterfaceEndpoints are the AWS services that get an interface endpoint,
	// by the last part of their endpoint's name, e.g. "ecr.api". Default: none.
	InterfaceEndpoints []string

	// FlowLogs receives a record of all traffic.
	FlowLogs awslogs.ILogGroup
}

// Vpc is a virtual private cloud with three tiers of subnets in every zone:
// public ones behind the internet gateway, private ones behind the NAT
// gateways, and data subnets without a route out.
type Vpc struct {
	constructs.Construct

	EC2 awsec2.IVpc

	// EndpointSecurityGroup is the group of the interface endpoints, without
	// any rule; nil where there are no interface endpoints.
	EndpointSecurityGroup awsec2.ISecurityGroup
}

// NewVpc defines a Vpc.
func NewVpc(scope constructs.Construct, id string, props VpcProps) *Vpc {
	this := constructs.NewConstruct(scope, &id)
	if props.NATGateways == 0 {
		props.NATGateways = len(props.AvailabilityZones)
	}
	vpc := awsec2.NewVpc(this, jsii.String("Vpc"), &awsec2.VpcProps{
		IpAddresses:         awsec2.IpAddresses_Cidr(&props.CIDR),
		EnableDnsSupport:    jsii.Bool(true),
		EnableDnsHostnames:  jsii.Bool(true),
		AvailabilityZones:   jsii.Strings(props.AvailabilityZones...),
		ReservedAzs:         jsii.Number(maxZones - len(props.AvailabilityZones)),
		NatGateways:         jsii.Number(props.NATGateways),
		SubnetConfiguration: subnets(props.PrefixBits),
	})
	logTraffic(this, vpc, props.FlowLogs)
	addLayerEndpoint(vpc)
	return &Vpc{this, vpc, addInterfaceEndpoints(this, vpc, props.InterfaceEndpoints)}
}

// subnets gives each public and private subnet an eighth of the range and each
// data subnet a sixteenth. Three zones take 15/16 of it, and in the smallest
// range, a /24, a public subnet is still the /27 that a load balancer needs.
func subnets(prefixBits int) *[]*awsec2.SubnetConfiguration {
	subnet := func(name string, kind awsec2.SubnetType, bits int) *awsec2.SubnetConfiguration {
		return &awsec2.SubnetConfiguration{Name: &name, SubnetType: kind, CidrMask: jsii.Number(prefixBits + bits)}
	}
	public := subnet(publicSubnets, awsec2.SubnetType_PUBLIC, 3)
	public.MapPublicIpOnLaunch = jsii.Bool(false)
	return &[]*awsec2.SubnetConfiguration{
		public,
		subnet(privateSubnets, awsec2.SubnetType_PRIVATE_WITH_EGRESS, 3),
		subnet(dataSubnets, awsec2.SubnetType_PRIVATE_ISOLATED, 4),
	}
}

// Public selects the subnets of the load balancer.
func Public() *awsec2.SubnetSelection { return selection(publicSubnets) }

// Private selects the subnets of the tasks, whose traffic leaves through the
// NAT gateways.
func Private() *awsec2.SubnetSelection { return selection(privateSubnets) }

// Data selects the subnets of the database, which have no route out.
func Data() *awsec2.SubnetSelection { return selection(dataSubnets) }

func selection(name string) *awsec2.SubnetSelection {
	return &awsec2.SubnetSelection{SubnetGroupName: &name}
}
