package stacks

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"

	"catalog-infra/constructs/network"
	"catalog-infra/constructs/storage"
)

// Network is the stack of what everything else runs in.
type Network struct {
	awscdk.Stack

	*network.Vpc

	// FlowLogs has a record of all traffic.
	FlowLogs awslogs.ILogGroup
}

// NewNetwork defines the network stack.
func NewNetwork(env environment) *Network {
	stack := env.newStack("network", "VPC, subnets, NAT gateways, endpoints and flow log of the Product Catalog API")
	key := env.newKey(stack, storage.KeyProps{
		Description: "Flow logs of " + env.name,
		Disposable:  env.lifecycle.disposable,
		LogGroups:   true,
	})
	logs := env.newLogGroup(stack, "FlowLogs", "", key)
	vpc := network.NewVpc(stack, "Network", network.VpcProps{
		CIDR:               env.Network.CIDR,
		PrefixBits:         netip.MustParsePrefix(env.Network.CIDR).Bits(),
		AvailabilityZones:  zoneNames(env.Config),
		NATGateways:        env.Network.NATGateways,
		InterfaceEndpoints: env.Network.InterfaceEndpoints,
		FlowLogs:           logs,
	})
	return &Network{stack, vpc, logs}
}
