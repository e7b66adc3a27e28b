package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// demand is how many addresses are needed in each private subnet, and for what.
type demand struct {
	addresses int
	what      string
}

// demands returns what needs addresses. Public and database subnets never fill up, not
// even with 15 readers in two zones and a restored cluster beside them.
func (c Config) demands() []demand {
	zones := max(len(c.Network.Zones), 1)
	all := []demand{
		{5, "that AWS keeps"},
		// In a deployment new tasks start before the old ones stop. That is also enough
		// when one of two zones fails.
		{(2*c.Service.MaxTasks + zones - 1) / zones, fmt.Sprintf("for twice service.maxTasks in %d zones", zones)},
		{1, "for the rotation function"},
	}
	if len(c.Service.Migration.Command) > 0 {
		all = append(all, demand{1, "for service.migration"})
	}
	if endpoints := len(c.Network.InterfaceEndpoints); endpoints > 0 {
		all = append(all, demand{endpoints, "for network.interfaceEndpoints"})
	}
	if c.Edge.Ingress.Internal() {
		all = append(all,
			// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
			demand{8, "for the load balancer"},
			demand{1, "for CloudFront"})
	}
	return all
}

func checkCIDR(c Config) []problem {
	prefix, err := netip.ParsePrefix(c.Network.CIDR)
	if err != nil || !prefix.Addr().IsPrivate() {
		return unless(false, "network.cidr", "%s", formats["cidr"].message())
	}
	return unless(prefix == prefix.Masked(), "network.cidr", "%q, the start of that range", prefix.Masked())
}

// checkAddresses refuses a range whose private subnets, an eighth of it each, are too
// small for the demands. The range can never be changed.
func checkAddresses(c Config) []problem {
	prefix, err := netip.ParsePrefix(c.Network.CIDR)
	if err != nil {
		return nil
	}
	sum, parts := 0, []string{}
	for _, demand := range c.demands() {
		sum += demand.addresses
		parts = append(parts, fmt.Sprintf("%d %s", demand.addresses, demand.what))
	}
	smallest := 24
	for private(smallest) < sum {
		smallest--
	}
	return unless(prefix.Bits() <= smallest, "network.cidr",
		"/%d or wider: a private subnet of a /%d has %d addresses, and %d are needed (%s)",
		smallest, prefix.Bits(), private(prefix.Bits()), sum, strings.Join(parts, ", "))
}

// private returns how many addresses a private subnet has, by the bits of the VPC's
// range.
func private(bits int) int { return 1 << (32 - bits - 3) }
