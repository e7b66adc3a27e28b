package test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func endpointOf(t *testing.T, env *environment) any {
	t.Helper()
	return at(t, env.stack(t, "compute").one(vpcOrigin).Properties, "VpcOriginEndpointConfig")
}

func TestOriginsCertificateIsValidatedInTheZone(t *testing.T) {
	for _, env := range []*environment{hostedZoneProd(t), vpcOriginProd(t)} {
		require.Subset(t, env.stack(t, "compute").one(certificate).Properties, props{
			"DomainName":              "origin.example.com",
			"ValidationMethod":        "DNS",
			"DomainValidationOptions": []any{props{"DomainName": "origin.example.com", "HostedZoneId": "Z0123456789"}},
		})
	}
}

// Without a zone ACM would wait for a person, and the deployment for ACM.
func TestWithoutAZoneThereIsNoCertificateAndNoRecord(t *testing.T) {
	for _, env := range append(allEnvironments(t), domainProd(t), vpcOriginProdWithoutCertificate(t)) {
		env.stack(t, "compute").count(certificate, 0)
		env.stack(t, "compute").count(record, 0)
	}
}

// The load balancer has no IPv6 address for a record of that kind.
func TestDomainsLeadToCloudFrontAndTheLoadBalancer(t *testing.T) {
	for _, env := range []*environment{hostedZoneProd(t), vpcOriginProd(t)} {
		compute := env.stack(t, "compute")
		toCloudFront := props{"DNSName": attribute(compute.id(distribution), "DomainName"), "HostedZoneId": "Z2FDTNDATAQYW2"}
		toBalancer := props{
			"DNSName":      attribute(compute.id(loadBalancer), "DNSName"),
			"HostedZoneId": attribute(compute.id(loadBalancer), "CanonicalHostedZoneID"),
		}
		var records []any
		for _, r := range compute.ofType(record) {
			require.Equal(t, "Z0123456789", r.Properties["HostedZoneId"])
			rest := maps.Clone(r.Properties)
			delete(rest, "HostedZoneId")
			records = append(records, rest)
		}
		require.ElementsMatch(t, []any{
			props{"Name": "api.example.com", "Type": "A", "AliasTarget": toCloudFront},
			props{"Name": "api.example.com", "Type": "AAAA", "AliasTarget": toCloudFront},
			props{"Name": "origin.example.com", "Type": "A", "AliasTarget": toBalancer},
		}, records)
	}
}

func TestAZoneNeedsNoDomainForViewers(t *testing.T) {
	env := unusualDev(t)
	env.stack(t, "compute").count(record, 1)
	env.stack(t, "compute").count(certificate, 1)
}

func TestBehindAVPCOriginTheLoadBalancerHasNoPublicAddress(t *testing.T) {
	inVPCOriginEnvironments(t, func(t *testing.T, env *environment) {
		balancer := env.stack(t, "compute").one(loadBalancer).Properties
		require.Equal(t, "internal", balancer["Scheme"])
		env.requireTier(t, "Private", balancer["Subnets"])
	})
}

// A rule for the VPC's own range would not admit CloudFront.
func TestVPCOriginIsAdmittedByCloudFrontsAddressesOnOnePort(t *testing.T) {
	require.Equal(t, []string{"LoadBalancer in tcp 443 from pl-fab65393"}, about(rulesOf(t, vpcOriginProd(t)), "LoadBalancer in "))
	require.Equal(t, []string{"LoadBalancer in tcp 80 from pl-fab65393"}, about(rulesOf(t, vpcOriginProdWithoutCertificate(t)), "LoadBalancer in "))
}

func TestRequestsTakeTheVPCOrigin(t *testing.T) {
	inVPCOriginEnvironments(t, func(t *testing.T, env *environment) {
		compute := env.stack(t, "compute")
		require.Equal(t, props{"VpcOriginId": attribute(compute.id(vpcOrigin), "Id"), "OriginReadTimeout": float64(env.Edge.OriginTimeoutSeconds)}, originOf(t, env)["VpcOriginConfig"])
		require.NotContains(t, originOf(t, env), "CustomOriginConfig")
		require.Equal(t, ref(compute.id(loadBalancer)), at(t, endpointOf(t, env), "Arn"))
		name := attribute(compute.id(loadBalancer), "DNSName")
		if env.Edge.HTTPSOrigin() {
			require.Equal(t, "origin.example.com", originOf(t, env)["DomainName"])
		} else {
			require.Equal(t, name, originOf(t, env)["DomainName"])
		}
	})
}

// CloudFront's own choice is the viewer's protocol, and TLS 1.0.
func TestVPCOriginConnectsWhereTheLoadBalancerListens(t *testing.T) {
	inVPCOriginEnvironments(t, func(t *testing.T, env *environment) {
		want := map[any]props{
			"http-only":  {"Protocol": "HTTP", "Port": at(t, endpointOf(t, env), "HTTPPort")},
			"https-only": {"Protocol": "HTTPS", "Port": at(t, endpointOf(t, env), "HTTPSPort")},
		}
		policy := at(t, endpointOf(t, env), "OriginProtocolPolicy")
		require.Contains(t, want, policy)
		require.Subset(t, env.stack(t, "compute").one(listener).Properties, want[policy])
		require.Equal(t, []any{"TLSv1.2"}, at(t, endpointOf(t, env), "OriginSSLProtocols"))
	})
}

// CloudFront refuses to change a VPC origin that a distribution uses, its tags
// too. Another protocol therefore takes another one, under another name.
func TestVPCOriginIsNeverChanged(t *testing.T) {
	tagged := vpcOriginProd(t).stack(t, "compute")
	require.Contains(t, jsonOf(t, tagged.one(loadBalancer).Properties["Tags"]), `"team"`)
	require.NotContains(t, tagged.one(vpcOrigin).Properties, "Tags")

	plain := vpcOriginProdWithoutCertificate(t).stack(t, "compute")
	require.NotEqual(t, tagged.id(vpcOrigin), plain.id(vpcOrigin))
	require.Equal(t, config.Project+"-prod-https", at(t, endpointOf(t, vpcOriginProd(t)), "Name"))
	require.Equal(t, config.Project+"-prod-http", at(t, endpointOf(t, vpcOriginProdWithoutCertificate(t)), "Name"))
}

// Tags of the stack would reach the VPC origin through CloudFormation.
func TestStacksHaveNoTagsOfTheirOwn(t *testing.T) {
	for _, stack := range vpcOriginProd(t).Stacks() {
		require.Empty(t, *stack.Tags().TagValues(), *stack.StackName())
	}
}

// Destroying goes the other way round: a VPC origin that outlives its load
// balancer keeps interfaces in the subnets.
func TestVPCOriginIsMadeOnceTheLoadBalancerListens(t *testing.T) {
	inVPCOriginEnvironments(t, func(t *testing.T, env *environment) {
		compute := env.stack(t, "compute")
		require.Contains(t, compute.one(vpcOrigin).DependsOn, compute.id(listener))
	})
}

func TestOtherIngressesHaveNoVPCOrigin(t *testing.T) {
	for _, env := range append(allEnvironments(t), domainProd(t), hostedZoneProd(t)) {
		env.stack(t, "compute").count(vpcOrigin, 0)
	}
}

func TestShieldAdvancedIsOnlyWhereItIsConfigured(t *testing.T) {
	for _, env := range append(allEnvironments(t), shortLived(t, "prod"), domainProd(t)) {
		env.stack(t, "compute").count(protection, 0)
	}
}

// Shield Advanced takes no load balancer without a public address.
func TestShieldAdvancedProtectsWhatHasAPublicAddress(t *testing.T) {
	for _, c := range []struct {
		env   *environment
		names []string
	}{
		{hostedZoneProd(t), []string{config.Project + "-prod-distribution", config.Project + "-prod-load-balancer"}},
		{vpcOriginProd(t), []string{config.Project + "-prod-distribution"}},
	} {
		compute := c.env.stack(t, "compute")
		arns := map[string]any{
			config.Project + "-prod-distribution": join("arn:aws:cloudfront::", ref("AWS::AccountId"), ":distribution/",
				ref(compute.id(distribution))),
			config.Project + "-prod-load-balancer": ref(compute.id(loadBalancer)),
		}
		protected := map[string]any{}
		for id, r := range compute.ofType(protection) {
			protected[textOf(t, id, r.Properties, "Name")] = r.Properties["ResourceArn"]
		}
		require.ElementsMatch(t, c.names, slices.Collect(maps.Keys(protected)))
		require.Subset(t, arns, protected)
	}
}
