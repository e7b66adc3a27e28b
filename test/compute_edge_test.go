package test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoadBalancerIsInThePublicSubnets(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		balancer := env.stack(t, "compute").one(loadBalancer).Properties
		require.Equal(t, "internet-facing", balancer["Scheme"])
		env.requireTier(t, "Public", balancer["Subnets"])

		groups := env.origins(t, balancer["SecurityGroups"])
		require.Len(t, groups, 1)
		require.Equal(t, "Load balancer of the catalog API", env.resource(t, groups[0]).Properties["GroupDescription"])
	})
}

func TestAccessLogsGoToTheLogBucketUnderTheGuidesPrefix(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		attributes := balancerAttributes(t, env)
		require.Equal(t, "true", attributes["access_logs.s3.enabled"])
		require.Equal(t, "alb-access-logs", attributes["access_logs.s3.prefix"])
		bucket := logBucketsOf(t, env)[logBucket].id
		require.Equal(t, []origin{{"data", bucket, ""}}, env.origins(t, attributes["access_logs.s3.bucket"]))
	})
}

func TestWithCertificateTheOnlyListenerIsHTTPSOfTLS12OrNewer(t *testing.T) {
	inDomainEnvironments(t, func(t *testing.T, env *environment) {
		only := env.stack(t, "compute").one(listener).Properties
		require.Subset(t, only, props{
			"Protocol":  "HTTPS",
			"Port":      443.0,
			"SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
		})
		want := any(originCertificate)
		if env.Edge.HostedZoneID != "" {
			want = ref(env.stack(t, "compute").id(certificate))
		}
		require.Equal(t, []any{props{"CertificateArn": want}}, only["Certificates"])
	})
}

// keptErrors are the answers that CloudFront keeps for ten seconds by itself, and
// of those that it keeps if the origin names an age, the ones that it takes a
// setting for.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
var keptErrors = []any{404.0, 405.0, 414.0, 500.0, 501.0, 502.0, 503.0, 504.0, 400.0, 403.0, 416.0}

// They are found by the path alone: an error of one caller would be the next
// one's.
func TestNoErrorIsCached(t *testing.T) {
	check := func(t *testing.T, env *environment) {
		var want []any
		for _, status := range keptErrors {
			want = append(want, props{"ErrorCode": status, "ErrorCachingMinTTL": 0.0})
		}
		require.ElementsMatch(t, want, distributionOf(t, env)["CustomErrorResponses"])
	}
	inFiledEnvironments(t, check)
	inVPCOriginEnvironments(t, check)
}

func TestOriginMayTakeAsLongAsConfigured(t *testing.T) {
	require.Equal(t, 60.0, at(t, originOf(t, tunedProd(t)), "CustomOriginConfig", "OriginReadTimeout"))
	require.Equal(t, 60.0, at(t, originOf(t, vpcOriginProdWithoutCertificate(t)), "VpcOriginConfig", "OriginReadTimeout"))
}

func TestOriginWithoutCertificateIsReachedByHTTP(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		balancer := env.stack(t, "compute").id(loadBalancer)
		require.Equal(t, attribute(balancer, "DNSName"), originOf(t, env)["DomainName"])
		require.Equal(t, "http-only", at(t, originOf(t, env), "CustomOriginConfig", "OriginProtocolPolicy"))
	})
}

func TestOriginWithCertificateIsReachedByHTTPSUnderItsName(t *testing.T) {
	inDomainEnvironments(t, func(t *testing.T, env *environment) {
		require.Equal(t, "origin.example.com", originOf(t, env)["DomainName"])
		require.Subset(t, originOf(t, env)["CustomOriginConfig"], props{
			"OriginProtocolPolicy": "https-only",
			"OriginSSLProtocols":   []any{"TLSv1.2"},
		})
	})
}

// CloudFront answers 502 where the load balancer does not listen.
func TestLoadBalancerListensWhereCloudFrontConnects(t *testing.T) {
	check := func(t *testing.T, env *environment) {
		custom := at(t, originOf(t, env), "CustomOriginConfig").(props)
		want := map[any]props{
			"http-only":  {"Protocol": "HTTP", "Port": custom["HTTPPort"]},
			"https-only": {"Protocol": "HTTPS", "Port": custom["HTTPSPort"]},
		}
		require.Subset(t, env.stack(t, "compute").one(listener).Properties, want[custom["OriginProtocolPolicy"]])

		open := about(rulesOf(t, env), "LoadBalancer in ")
		require.Len(t, open, 1)
		require.Contains(t, open[0], fmt.Sprintf(" tcp %v from ", env.stack(t, "compute").one(listener).Properties["Port"]))
	}
	inFiledEnvironments(t, check)
	t.Run("with certificates", func(t *testing.T) { check(t, domainProd(t)) })
	t.Run("with a hosted zone", func(t *testing.T) { check(t, hostedZoneProd(t)) })
}

func TestDomainNeedsTLS12AndItsCertificate(t *testing.T) {
	inDomainEnvironments(t, func(t *testing.T, env *environment) {
		require.Equal(t, []any{"api.example.com"}, distributionOf(t, env)["Aliases"])
		require.Equal(t, props{
			"AcmCertificateArn":      viewerCertificate,
			"MinimumProtocolVersion": "TLSv1.2_2021",
			"SslSupportMethod":       "sni-only",
		}, distributionOf(t, env)["ViewerCertificate"])
	})
}

func TestWithoutDomainThereIsNoAlias(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.NotContains(t, distributionOf(t, env), "Aliases")
		require.NotContains(t, distributionOf(t, env), "ViewerCertificate")
	})
}

func TestAnswersHaveSecurityHeaders(t *testing.T) {
	compute := reference(t, "prod").stack(t, "compute")
	const policy = "AWS::CloudFront::ResponseHeadersPolicy"
	require.Equal(t, ref(compute.id(policy)), behavior(t, reference(t, "prod"))["ResponseHeadersPolicyId"])
	headers := at(t, compute.one(policy).Properties, "ResponseHeadersPolicyConfig", "SecurityHeadersConfig")
	for header, want := range map[string]props{
		"ContentSecurityPolicy":   {"ContentSecurityPolicy": "default-src 'none'; frame-ancestors 'none'"},
		"ContentTypeOptions":      {},
		"FrameOptions":            {"FrameOption": "DENY"},
		"ReferrerPolicy":          {"ReferrerPolicy": "no-referrer"},
		"StrictTransportSecurity": {"AccessControlMaxAgeSec": 31536000.0, "IncludeSubdomains": true},
	} {
		t.Run(header, func(t *testing.T) {
			want["Override"] = true
			require.Equal(t, want, at(t, headers, header))
		})
	}
}

func balancerAttributes(t *testing.T, env *environment) props {
	t.Helper()
	return pairs(t, env.stack(t, "compute").one(loadBalancer).Properties["LoadBalancerAttributes"], "Key", "Value")
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
