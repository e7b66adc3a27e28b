package test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

// A group may have 60 rules in each direction, of which CloudFront's list takes
// 55 each time it is named. Behind a VPC origin a rule for the VPC's own range would
// not admit CloudFront.
func TestOnlyCloudFrontReachesTheLoadBalancer(t *testing.T) {
	const http, https = "LoadBalancer in tcp 80 from pl-fab65393", "LoadBalancerHTTPS in tcp 443 from pl-fab65393"
	elsewhere := withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Region = "eu-west-2"
		cfg.Edge.OriginPrefixList = "pl-0123456789abcdef0"
	})
	for env, want := range map[*environment]string{
		reference(t, "staging"): http, reference(t, "prod"): http, shortLived(t, "prod"): http, vpcOriginProdWithoutCertificate(t): http,
		domainProd(t): https, hostedZoneProd(t): https, vpcOriginProd(t): https,
		elsewhere: "LoadBalancer in tcp 80 from pl-0123456789abcdef0",
	} {
		require.Equal(t, []string{want}, toLoadBalancer(t, env))
		group, _, _ := strings.Cut(want, "in ")
		weight := weightOf(about(rulesOf(t, env), group))
		require.Greater(t, weight, 55)
		require.LessOrEqual(t, weight, 60)
	}
}

// weightOf returns the number of rules that EC2 counts for the lines.
func weightOf(rules []string) int {
	weight := 0
	for _, rule := range rules {
		weight++
		if strings.Contains(rule, " from pl-") {
			weight += 54
		}
	}
	return weight
}

// acceptedValues returns the values in the only condition of a forwarded request.
func acceptedValues(t *testing.T, compute template) any {
	t.Helper()
	conditions := at(t, compute.one(listenerRule).Properties, "Conditions").([]any)
	require.Len(t, conditions, 1)
	require.Equal(t, "http-header", at(t, conditions, 0, "Field"))
	require.Equal(t, "X-Origin-Verify", at(t, conditions, 0, "HttpHeaderConfig", "HttpHeaderName"))
	return at(t, conditions, 0, "HttpHeaderConfig", "Values")
}

// CloudFront goes on sending the former value for minutes, after a deployment that
// raises the version, takes that back or fails.
func TestRotatingTheHeaderAndBackAcceptsWhatCloudFrontSends(t *testing.T) {
	var sent, accepted []any
	for version, env := range []*environment{reference(t, "prod"), tunedProd(t), vpcOriginProdWithoutCertificate(t)} {
		require.Equal(t, version+1, env.Edge.OriginHeaderVersion)
		sent = append(sent, at(t, originOf(t, env), "OriginCustomHeaders", 0, "HeaderValue"))
		accepted = append(accepted, acceptedValues(t, env.stack(t, "compute")))
	}
	require.Len(t, accepted[0], 2)
	require.Equal(t, sent[:2], accepted[0])
	require.ElementsMatch(t, sent, accepted[1])
	require.Len(t, accepted[2], 3)
	require.Subset(t, accepted[2], sent[1:])
}

// An ingress that is missing is closed.
func TestNoIngressIsNotTheInternet(t *testing.T) {
	env := withoutRunbooks(t, "prod", func(cfg *config.Config) { cfg.Edge.Ingress, cfg.Edge.WAF.Mode = "", "" })

	require.Equal(t, []string{"LoadBalancer in tcp 80 from pl-fab65393"}, toLoadBalancer(t, env))
	env.stack(t, "compute").count(listenerRule, 1)
	for rule, action := range actionsOf(t, env.stack(t, "compute").one(webACL).Properties) {
		require.True(t, action == "blocks" || rule == "geography", rule)
	}
}
