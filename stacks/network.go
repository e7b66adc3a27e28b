package stacks

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"catalog-infra/constructs/network"
	"catalog-infra/constructs/storage"
	"catalog-infra/stacks/internal/environment"
)

// Network is the stack of the VPC.
type Network struct {
	awscdk.Stack

	VPC awsec2.IVpc

	// EndpointSecurityGroup is the group of the interface endpoints, or nil.
	EndpointSecurityGroup awsec2.ISecurityGroup

	// FlowLogs has a record of all traffic.
	FlowLogs awslogs.ILogGroup
}

func newNetwork(env environment.Environment) *Network {
	stack := env.NewStack("network", "VPC, subnets, NAT gateways, endpoints and flow log of the Product Catalog API")
	key := env.NewKey(stack, storage.KeyProps{Description: "Flow logs of " + env.Name, Disposable: env.Disposable})
	logs := env.NewLogGroup(stack, "FlowLogs", "", key)
	vpc := network.NewVpc(stack, "Network", network.VpcProps{
		CIDR:               env.Config.Network.CIDR,
		PrefixBits:         netip.MustParsePrefix(env.Config.Network.CIDR).Bits(),
		AvailabilityZones:  environment.ZoneNames(env.Config),
		NATGateways:        env.Config.Network.NATGateways,
		InterfaceEndpoints: env.Config.Network.InterfaceEndpoints,
		FlowLogs:           logs,
	})
	return &Network{stack, vpc.EC2, vpc.EndpointSecurityGroup, logs}
}
