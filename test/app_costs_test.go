package test

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// billed counts what the README's table says bills by the hour.
var billed = map[string]func(t *testing.T, env *environment) int{
	"NAT gateways":       ofType("AWS::EC2::NatGateway"),
	"database instances": ofType("AWS::RDS::DBInstance"),
	"load balancers":     ofType("AWS::ElasticLoadBalancingV2::LoadBalancer"),
	"web ACLs":           ofType("AWS::WAFv2::WebACL"),
	"encryption keys":    ofType("AWS::KMS::Key"),
	"public IPv4 addresses": func(t *testing.T, env *environment) int {
		balancer := env.stack(t, "compute").one("AWS::ElasticLoadBalancingV2::LoadBalancer").Properties
		addresses := len(resourcesOf(t, env, "AWS::EC2::EIP"))
		if balancer["Scheme"] == "internet-facing" {
			addresses += len(balancer["Subnets"].([]any)) // one in each zone
		}
		return addresses
	},
	"Fargate tasks, at least": func(t *testing.T, env *environment) int {
		return int(env.stack(t, "compute").one("AWS::ApplicationAutoScaling::ScalableTarget").Properties["MinCapacity"].(float64))
	},
}

func ofType(kind string) func(t *testing.T, env *environment) int {
	return func(t *testing.T, env *environment) int { return len(resourcesOf(t, env, kind)) }
}

func TestTheReadmeSaysWhatBillsByTheHour(t *testing.T) {
	readme := read(t, "../README.md")
	for name, count := range billed {
		line := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(name) + ` \| (\d+) \| (\d+) \|$`).FindStringSubmatch(readme)
		require.Len(t, line, 3, "README.md: no line of %s", name)
		for i, suffix := range []string{"dev", "prod"} {
			require.Equal(t, strconv.Itoa(count(t, reference(t, suffix))), line[i+1], "%s of %s", name, suffix)
		}
	}
}
