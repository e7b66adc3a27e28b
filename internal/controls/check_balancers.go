package controls

import (
	"slices"

	"catalog-infra/internal/assembly"
)

// balancerChecks judge load balancers, their listeners and targets, and web ACLs.
// https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html
var balancerChecks = map[string]check{
	"ELB.1":  onlyIf(isApplication, redirects),
	"ELB.4":  onlyIf(isApplication, attribute("routing.http.drop_invalid_header_fields.enabled", "true")),
	"ELB.5":  onlyIf(isApplication, attribute("access_logs.s3.enabled", "true")),
	"ELB.6":  attribute("deletion_protection.enabled", "true"),
	"ELB.12": onlyIf(isApplication, attribute("routing.http.desync_mitigation_mode", nil, "defensive", "strictest")),
	"ELB.13": func(e *environment, r resource) verdict {
		return holds(e.zones(r, assembly.AsList(r.at("Subnets"))) > 1)
	},
	"ELB.17": onlyIf(isEncrypted, property("SslPolicy",
		"ELBSecurityPolicy-TLS13-1-3-2021-06", "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
		"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
		"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
		"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09")),
	"ELB.18": isEncrypted,
	"ELB.21": onlyIf(not(property("TargetType", "lambda")), property("HealthCheckProtocol", "HTTPS")),
	"ELB.22": onlyIf(not(anyOf(property("TargetType", "lambda", "alb"), property("Protocol", "GENEVE"))),
		property("Protocol", "HTTPS", "TLS", "QUIC")),

	"WAF.10": func(_ *environment, acl resource) verdict { return holds(len(assembly.AsList(acl.at("Rules"))) > 0) },
	"WAF.12": each("Rules", "VisibilityConfig/CloudWatchMetricsEnabled", true),
}

var (
	isApplication = property("Type", nil, "application")
	isEncrypted   = property("Protocol", "HTTPS", "TLS")
)

// attribute checks an attribute of a load balancer. It is nil where AWS's default is left.
func attribute(key string, allowed ...any) check {
	return func(_ *environment, r resource) verdict {
		var value any
		for _, one := range assembly.AsList(r.at("LoadBalancerAttributes")) {
			if at(one, "Key") == key {
				value = at(one, "Value")
			}
		}
		return holds(isOneOf(value, allowed))
	}
}

// redirects passes a load balancer of which every listener of HTTP redirects to HTTPS.
func redirects(e *environment, balancer resource) verdict {
	listeners := e.referring("AWS::ElasticLoadBalancingV2::Listener", "LoadBalancerArn", balancer)
	return holds(!slices.ContainsFunc(listeners, func(listener resource) bool {
		return listener.at("Protocol") == "HTTP" &&
			!anyIn(listener.at("DefaultActions"), func(action any) bool { return at(action, "RedirectConfig/Protocol") == "HTTPS" })
	}))
}

// zones returns the number of availability zones of subnets.
func (e *environment) zones(r resource, subnets []any) int {
	zones := map[string]bool{}
	for _, value := range subnets {
		if subnet, ok := e.target(r, value); ok {
			zones[e.text(subnet, subnet.at("AvailabilityZone"))] = true
		}
	}
	return len(zones)
}
