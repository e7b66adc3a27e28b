package test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// keptErrors are the answers that CloudFront keeps for ten seconds by itself, and
// of those that it keeps if the origin names an age, the ones that it takes a
// setting for.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
var keptErrors = []any{404.0, 405.0, 414.0, 500.0, 501.0, 502.0, 503.0, 504.0, 400.0, 403.0, 416.0}

// They are found by the path alone: an error of one caller would be the next
// one's.
func TestNoErrorIsCached(t *testing.T) {
	var want []any
	for _, status := range keptErrors {
		want = append(want, props{"ErrorCode": status, "ErrorCachingMinTTL": 0.0})
	}
	for _, env := range append(filedEnvironments(t), vpcOriginProd(t), vpcOriginProdWithoutCertificate(t)) {
		require.ElementsMatch(t, want, distributionOf(t, env)["CustomErrorResponses"], env.Environment)
	}
}

func balancerAttributes(t *testing.T, env *environment) props {
	t.Helper()
	return pairs(t, env.stack(t, "compute").one(loadBalancer).Properties["LoadBalancerAttributes"], "Key")
}

func distributionOf(t *testing.T, env *environment) props {
	t.Helper()
	return at(t, env.stack(t, "compute").one(distribution).Properties, "DistributionConfig").(props)
}

func behavior(t *testing.T, env *environment) props {
	t.Helper()
	return at(t, distributionOf(t, env), "DefaultCacheBehavior").(props)
}

// originOf returns the one origin, which the default behavior uses.
func originOf(t *testing.T, env *environment) props {
	t.Helper()
	origins := at(t, distributionOf(t, env), "Origins").([]any)
	require.Len(t, origins, 1)
	require.Equal(t, behavior(t, env)["TargetOriginId"], at(t, origins[0], "Id"))
	return origins[0].(props)
}

// Tags of the stack would reach the VPC origin through CloudFormation.
func TestStacksHaveNoTagsOfTheirOwn(t *testing.T) {
	for _, stack := range vpcOriginProd(t).Stacks() {
		require.Empty(t, *stack.Tags().TagValues(), *stack.StackName())
	}
}
