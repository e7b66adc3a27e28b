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

// resolved returns the reference by which CloudFormation finds a secret's value.
func resolved(id string) props {
	return join("{{resolve:secretsmanager:", ref(id), ":SecretString:::}}")
}

func TestOnlyCloudFrontReachesTheLoadBalancer(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		rule := "LoadBalancer in tcp 80"
		if env.Edge.HTTPSOrigin() {
			rule = "LoadBalancerHTTPS in tcp 443"
		}
		require.Equal(t, []string{rule + " from pl-fab65393"}, toLoadBalancer(t, env))
	})
}

func TestCloudFrontsAddressesAreTheRegions(t *testing.T) {
	env := withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Region = "eu-west-2"
		cfg.Edge.OriginPrefixList = "pl-0123456789abcdef0"
	})

	require.Equal(t, []string{"LoadBalancer in tcp 80 from pl-0123456789abcdef0"}, toLoadBalancer(t, env))
}

// A group may have 60 rules in each direction, of which CloudFront's list takes
// 55 each time it is named.
func TestCloudFrontsAddressesFitIntoTheLoadBalancersGroup(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		group := "LoadBalancer "
		if env.Edge.HTTPSOrigin() {
			group = "LoadBalancerHTTPS "
		}
		weight := weightOf(about(rulesOf(t, env), group))
		require.Greater(t, weight, 55)
		require.LessOrEqual(t, weight, 60)
	})
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

func TestRotatingTheHeaderAcceptsTheOldValueUntilTheNextRotation(t *testing.T) {
	rotated := func(env *environment) template {
		compute := env.stack(t, "compute")
		compute.count(secretType, 2)
		sent := at(t, originOf(t, env), "OriginCustomHeaders", 0, "HeaderValue")
		require.Equal(t, sent, acceptedValues(t, compute).([]any)[0], "what is sent is accepted")
		return compute
	}
	first := acceptedValues(t, reference(t, "prod").stack(t, "compute")).([]any)
	second := acceptedValues(t, rotated(tunedProd(t))).([]any)
	third := acceptedValues(t, rotated(vpcOriginProdWithoutCertificate(t))).([]any)

	require.Equal(t, first, second[1:])
	require.Equal(t, second[:1], third[1:])
	require.NotEqual(t, second[0], third[0])
}

// An ingress that is missing is closed.
func TestNoIngressIsNotTheInternet(t *testing.T) {
	env := withoutRunbooks(t, "prod", func(cfg *config.Config) { cfg.Edge.Ingress, cfg.Edge.WAF.Mode = "", "" })

	require.Equal(t, []string{"LoadBalancer in tcp 80 from pl-fab65393"}, toLoadBalancer(t, env))
	env.stack(t, "compute").count(listenerRule, 1)
	for rule, action := range actionsOf(t, env.stack(t, "compute").one(webACL).Properties) {
		require.Equal(t, "blocks", action, rule)
	}
}
