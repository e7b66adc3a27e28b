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
		port := "80"
		if env.Edge.HTTPSOrigin() {
			port = "443"
		}
		require.Equal(t, []string{"LoadBalancer in tcp " + port + " from pl-fab65393"}, about(rulesOf(t, env), "LoadBalancer in "))
	})
}

func TestCloudFrontsAddressesAreTheRegions(t *testing.T) {
	env := withoutRunbooks(t, "prod", func(cfg *config.Config) {
		cfg.Region = "eu-west-2"
		cfg.Edge.OriginPrefixList = "pl-0123456789abcdef0"
	})

	require.Equal(t, []string{"LoadBalancer in tcp 80 from pl-0123456789abcdef0"}, about(rulesOf(t, env), "LoadBalancer in "))
}

// A group may have 60 rules in each direction, of which CloudFront's list takes
// 55 each time it is named.
func TestCloudFrontsAddressesFitIntoTheLoadBalancersGroup(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		weight := weightOf(about(rulesOf(t, env), "LoadBalancer "))
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

func TestLoadBalancerRefusesRequestsWithoutTheSecret(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		compute := env.stack(t, "compute")
		require.Equal(t, []any{props{"Type": "fixed-response", "FixedResponseConfig": props{"StatusCode": "403"}}},
			compute.one(listener).Properties["DefaultActions"])

		rule := compute.one(listenerRule).Properties
		require.Equal(t, ref(compute.id(listener)), rule["ListenerArn"])
		require.Equal(t, []any{props{"Type": "forward", "TargetGroupArn": ref(compute.id(targetGroup))}}, rule["Actions"])
		require.Equal(t, []any{resolved(compute.id(secretType))}, acceptedValues(t, compute))
	})
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

func TestCloudFrontSendsTheSecret(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		require.Equal(t, []any{props{
			"HeaderName":  "X-Origin-Verify",
			"HeaderValue": resolved(env.stack(t, "compute").id(secretType)),
		}}, originOf(t, env)["OriginCustomHeaders"])
	})
}

// Generated means that no template has it, and no person chose it.
func TestSecretOfTheHeaderIsGenerated(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		header := env.stack(t, "compute").one(secretType).Properties
		require.Equal(t, props{"PasswordLength": 32.0, "ExcludePunctuation": true}, header["GenerateSecretString"])
		require.NotContains(t, header, "SecretString")
	})
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

// Otherwise CloudFront would send a value that is not accepted yet.
func TestLoadBalancerAcceptsAValueBeforeCloudFrontSendsIt(t *testing.T) {
	inEnvironmentsBehindCloudFront(t, func(t *testing.T, env *environment) {
		compute := env.stack(t, "compute")
		require.Contains(t, compute.one(distribution).DependsOn, compute.id(listenerRule))
	})
}

func TestOpenIngressAnswersEverybodyWithoutSecret(t *testing.T) {
	for _, env := range []*environment{reference(t, "dev"), shortLived(t, "dev")} {
		t.Run(env.Environment, func(t *testing.T) {
			compute := env.stack(t, "compute")
			require.Equal(t, []any{props{"Type": "forward", "TargetGroupArn": ref(compute.id(targetGroup))}},
				compute.one(listener).Properties["DefaultActions"])
			compute.count(listenerRule, 0)
			compute.count(secretType, 0)
			require.NotContains(t, originOf(t, env), "OriginCustomHeaders")
			require.Equal(t, []string{"LoadBalancer in tcp 80 from 0.0.0.0/0"}, about(rulesOf(t, env), "LoadBalancer in "))
		})
	}
}

// An ingress that is missing is closed.
func TestNoIngressIsNotTheInternet(t *testing.T) {
	env := withoutRunbooks(t, "prod", func(cfg *config.Config) { cfg.Edge.Ingress, cfg.Edge.WAF.Mode = "", "" })

	require.Equal(t, []string{"LoadBalancer in tcp 80 from pl-fab65393"}, about(rulesOf(t, env), "LoadBalancer in "))
	env.stack(t, "compute").count(listenerRule, 1)
	for rule, action := range actionsOf(t, env.stack(t, "compute").one(webACL).Properties) {
		require.Equal(t, "blocks", action, rule)
	}
}

func TestOnlyListedCountriesAreAnswered(t *testing.T) {
	require.Equal(t, props{"RestrictionType": "whitelist", "Locations": []any{"SE", "NO"}},
		at(t, distributionOf(t, unusualProd(t)), "Restrictions", "GeoRestriction"))
	require.NotContains(t, distributionOf(t, reference(t, "prod")), "Restrictions")
}
