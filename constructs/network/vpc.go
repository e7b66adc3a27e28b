package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// maxZones is the number of zones whose subnets are reserved in the range, so that a
// zone that is added later renumbers no subnet (pitfall B6).
const maxZones = 3

// The names of the subnet groups.
const (
	publicSubnets  = "Public"
	privateSubnets = "Private"
	dataSubnets    = "Data"
)

// VpcProps configures a Vpc.
type VpcProps struct {
	// CIDR is the address range; PrefixBits is the length of its prefix, 16 for a /16,
	// and at most 24.
	CIDR       string `required:"true"`
	PrefixBits int    `required:"true"`

	// AvailabilityZones are the full names of two or three zones. Their order decides
	// which subnet is in which zone: append only.
	AvailabilityZones []string `required:"true"`

	// NATGateways is the number of NAT gateways.
	NATGateways int `required:"true"`

	// InterfaceEndpoints are the AWS services that get an interface endpoint, by the
	// last part of the endpoint's name, such as "ecr.api".
	InterfaceEndpoints []string

	// FlowLogs receives a record of all traffic.
	FlowLogs awslogs.ILogGroup `required:"true"`
}

// Vpc has three tiers of subnets in every zone: public ones with the internet gateway,
// private ones behind the NAT gateways, and data subnets without a route out.
type Vpc struct {
	EC2 awsec2.IVpc

	// EndpointSecurityGroup is the group of the interface endpoints, without any rule.
	// It is nil without interface endpoints.
	EndpointSecurityGroup awsec2.ISecurityGroup
}

// NewVpc defines a Vpc.
func NewVpc(scope constructs.Construct, id string, props VpcProps) *Vpc {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
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
	addS3Endpoint(vpc)
	return &Vpc{vpc, addInterfaceEndpoints(this, vpc, props.InterfaceEndpoints)}
}

// subnets returns subnets of an eighth of the range, public and private, and of a
// sixteenth for data. Three zones take 15/16 of it. In the smallest range, a /24, a
// public subnet is a /27, which a load balancer needs.
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

// Private selects the subnets of the tasks, whose traffic leaves through the NAT
// gateways.
func Private() *awsec2.SubnetSelection { return selection(privateSubnets) }

// Data selects the subnets of the database, which have no route out.
func Data() *awsec2.SubnetSelection { return selection(dataSubnets) }

func selection(name string) *awsec2.SubnetSelection {
	return &awsec2.SubnetSelection{SubnetGroupName: &name}
}
