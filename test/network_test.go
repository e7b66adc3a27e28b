package test

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryTierHasASubnetInEveryZoneAndNoneOverlap(t *testing.T) {
	zones := map[string][]string{
		"dev":     {"eu-north-1a", "eu-north-1b"},
		"staging": {"eu-north-1a", "eu-north-1b", "eu-north-1c"},
		"prod":    {"eu-north-1a", "eu-north-1b", "eu-north-1c"},
		"pr-17":   {"eu-north-1a", "eu-north-1b"},
	}
	for _, env := range allEnvironments(t) {
		for _, tier := range []string{"Public", "Private", "Data"} {
			var got []string
			for _, s := range subnetsOf(t, env, tier) {
				got = append(got, s.zone)
				require.False(t, s.publicAddresses, "%s %s", env.Environment, s.id)
			}
			require.Equal(t, zones[env.Environment], got, "%s %s", env.Environment, tier)
		}
		all := subnetsOf(t, env, "")
		require.Len(t, all, 3*len(zones[env.Environment]), env.Environment)
		for i, a := range all {
			for _, b := range all[i+1:] {
				require.False(t, a.cidr.Overlaps(b.cidr), "%s %s %s", env.Environment, a.id, b.id)
			}
		}
	}
}

func TestOnlyPublicSubnetsAreBehindTheInternetGatewayAndThoseOfTheDatabaseHaveNoRoute(t *testing.T) {
	for tier, route := range map[string]string{
		"Public":  `^\[0\.0\.0\.0/0 by GatewayId NetworkVpcIGW\]$`,
		"Private": `^\[0\.0\.0\.0/0 by NatGatewayId NetworkVpcPublicSubnet\dNATGateway\]$`,
		"Data":    `^\[\]$`,
	} {
		for _, env := range allEnvironments(t) {
			used := map[string]bool{}
			for _, s := range subnetsOf(t, env, tier) {
				require.Regexp(t, route, fmt.Sprint(s.routes), "%s %s", env.Environment, s.id)
				used[fmt.Sprint(s.routes)] = true
			}
			require.Len(t, used, map[string]int{"Public": 1, "Private": env.Config.Network.NATGateways, "Data": 1}[tier], env.Environment)
		}
	}
}

func TestAThirdZoneDoesNotRenumber(t *testing.T) {
	before := reference(t, "dev")
	after := unusualDev(t)

	grown := map[string]subnet{}
	for _, s := range subnetsOf(t, after, "") {
		grown[s.id] = s
	}
	require.Len(t, grown, 9)
	for _, s := range subnetsOf(t, before, "") {
		require.Equal(t, s, grown[s.id], s.id)
	}
}

// A load balancer needs a /27 with eight free addresses in each zone.
func TestTheSmallestNetworkHasRoomForTheLoadBalancer(t *testing.T) {
	public := subnetsOf(t, unusualProd(t), "Public")
	require.Len(t, public, 3)
	for _, s := range public {
		require.LessOrEqual(t, s.cidr.Bits(), 27, s.id)
		require.True(t, netip.MustParsePrefix("192.168.7.0/24").Overlaps(s.cidr), s.id)
	}
}

// subnet is a subnet and where its traffic may go.
type subnet struct {
	id, zone, routeTable string
	cidr                 netip.Prefix
	publicAddresses      bool
	routes               []string
}

// subnetsOf returns the subnets of the tier in the order of their zones; with no
// tier, all.
func subnetsOf(t *testing.T, env *environment, tier string) []subnet {
	t.Helper()
	var found []subnet
	for _, r := range resourcesOf(t, env, "AWS::EC2::Subnet") {
		if !strings.HasPrefix(r.id, "NetworkVpc"+tier+"Subnet") && tier != "" {
			continue
		}
		routeTable := routeTableOf(t, env, r.id)
		found = append(found, subnet{
			id: r.id, zone: textOf(t, r, r.Properties, "AvailabilityZone"), routeTable: routeTable,
			cidr:            netip.MustParsePrefix(textOf(t, r, r.Properties, "CidrBlock")),
			publicAddresses: r.Properties["MapPublicIpOnLaunch"] != false,
			routes:          routesOf(t, env, routeTable),
		})
	}
	require.NotEmpty(t, found, tier)
	slices.SortFunc(found, func(a, b subnet) int { return strings.Compare(a.zone+a.id, b.zone+b.id) })
	return found
}

// routeTableOf returns the one route table of the subnet.
func routeTableOf(t *testing.T, env *environment, subnet string) string {
	t.Helper()
	var tables []string
	for _, r := range resourcesOf(t, env, "AWS::EC2::SubnetRouteTableAssociation") {
		if equal(r.Properties["SubnetId"], props{"Ref": subnet}) {
			tables = append(tables, at(t, r.Properties, "RouteTableId", "Ref").(string))
		}
	}
	require.Len(t, tables, 1, subnet)
	return tables[0]
}

func routesOf(t *testing.T, env *environment, routeTable string) []string {
	t.Helper()
	var routes []string
	for _, r := range resourcesOf(t, env, "AWS::EC2::Route") {
		if !equal(r.Properties["RouteTableId"], props{"Ref": routeTable}) {
			continue
		}
		for property, value := range r.Properties {
			if strings.HasSuffix(property, "Id") && property != "RouteTableId" {
				destination, _ := r.Properties["DestinationCidrBlock"].(string)
				routes = append(routes, destination+" by "+property+" "+readable(t, env, value))
			}
		}
	}
	slices.Sort(routes)
	return routes
}

// config/addresses.go counts the addresses that these resources take. Routes to NAT
// gateways and the subnets themselves take none.
func TestEveryResourceInPrivateSubnetsIsInTheCountOfAddresses(t *testing.T) {
	counted := []string{"AWS::EC2::VPCEndpoint", "AWS::ECS::Service", "AWS::ElasticLoadBalancingV2::LoadBalancer",
		functionKind, rotationFunction} // the function runs a task there
	var found []string
	private := regexp.MustCompile(`VpcPrivateSubnet\dSubnet`)
	for _, r := range resourcesIn(t, environmentsWithEverySetting(t)) {
		if r.Type != "AWS::EC2::SubnetRouteTableAssociation" && private.MatchString(jsonOf(t, r.Properties)) {
			found = append(found, r.Type)
		}
	}
	slices.Sort(found)

	require.Equal(t, counted, slices.Compact(found))
}

func TestAPrivateSubnetIsAnEighthOfTheRange(t *testing.T) {
	for _, env := range append(allEnvironments(t), unusualProd(t)) {
		for _, s := range subnetsOf(t, env, "Private") {
			require.Equal(t, netip.MustParsePrefix(env.Config.Network.CIDR).Bits()+3, s.cidr.Bits(), "%s %s", env.Environment, s.id)
		}
	}
}
