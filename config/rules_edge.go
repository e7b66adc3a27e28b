package config

import (
	"slices"
	"strings"
)

func checkViewer(c Config) []problem {
	return slices.Concat(
		unless(c.Edge.Domain == "" || c.Edge.ViewerCertificateARN != "", "edge.viewerCertificateArn",
			"the ARN of an ACM certificate in us-east-1 that covers %s, or no edge.domain", c.Edge.Domain),
		unless(c.Edge.Domain != "" || c.Edge.ViewerCertificateARN == "", "edge.domain",
			"the name that edge.viewerCertificateArn is for, or no certificate"),
	)
}

func checkOrigin(c Config) []problem {
	zone, certificate, domain := c.Edge.HostedZoneID, c.Edge.OriginCertificateARN, c.Edge.OriginDomain
	if zone != "" {
		return slices.Concat(
			unless(certificate == "", "edge.originCertificateArn", "none, since one is created in edge.hostedZoneId, or no hosted zone"),
			unless(domain != "", "edge.originDomain",
				"a name in edge.hostedZoneId for the load balancer, such as origin.example.com, or no hosted zone"),
		)
	}
	return slices.Concat(
		unless(domain == "" || certificate != "", "edge.originCertificateArn",
			"the ARN of an ACM certificate in %s that covers %s, or edge.hostedZoneId to create it in, or no edge.originDomain", c.Region, domain),
		unless(domain != "" || certificate == "", "edge.originDomain",
			"the name that edge.originCertificateArn is for, or no certificate"),
	)
}

// checkDomains refuses one name at both ends, and names that cannot be in one zone.
func checkDomains(c Config) []problem {
	domain, origin := c.Edge.Domain, c.Edge.OriginDomain
	if domain == "" || origin == "" {
		return nil
	}
	together := c.Edge.HostedZoneID == "" || registrable(domain) == registrable(origin)
	return slices.Concat(
		unless(domain != origin, "edge.originDomain", "another name than edge.domain, which leads to CloudFront"),
		unless(together, "edge.originDomain", "a name in the hosted zone of edge.domain, which is %s, or no edge.hostedZoneId", domain),
	)
}

// registrable returns the last two labels of a name, above which there is no hosted
// zone. For names under co.uk and the like it is too short, so more is accepted.
func registrable(domain string) string {
	labels := strings.Split(domain, ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}

func checkPrefixList(c Config) []problem {
	const field = "edge.originPrefixList"
	known := originPrefixLists[c.Region]
	written := c.Edge.OriginPrefixList
	switch {
	case c.elsewhere():
		return nil // another region has another list
	case c.Edge.Ingress.AnyViewer():
		return unless(written == "", field, "none with edge.ingress internet, or edge.ingress cloudfront")
	case known != "":
		return unless(written == "" || written == known, field, "none, as in %s it is %s", c.Region, known)
	}
	return unless(written != "", field,
		"the id of com.amazonaws.global.cloudfront.origin-facing in %s (aws ec2 describe-managed-prefix-lists), "+
			"or edge.ingress internet", c.Region)
}
