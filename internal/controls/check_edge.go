package controls

import (
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

const (
	viewerCertificate = "DistributionConfig/ViewerCertificate/"
	viewerPolicy      = "ViewerProtocolPolicy"
)

// edgeChecks judge distributions of CloudFront, and certificates.
// https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html
var edgeChecks = map[string]check{
	"ACM.1": property("ValidationMethod", "DNS"), // AWS renews the certificate then; by e-mail, a person has to answer
	"ACM.2": not(property("KeyAlgorithm", "RSA_1024")),

	"CloudFront.1": onlyIf(everyOrigin(isBucket, fine), not(property("DistributionConfig/DefaultRootObject", nil, ""))),
	"CloudFront.3": viewersEncrypt,
	"CloudFront.4": func(_ *environment, r resource) verdict {
		return holds(slices.ContainsFunc(assembly.AsList(r.at("DistributionConfig/OriginGroups/Items")), func(group any) bool {
			return len(assembly.AsList(at(group, "Members/Items"))) > 1
		}))
	},
	"CloudFront.5": set("DistributionConfig/Logging/Bucket"),
	"CloudFront.6": not(property("DistributionConfig/WebACLId", nil, "")),
	"CloudFront.7": hasOwnCertificate,
	"CloudFront.8": onlyIf(hasOwnCertificate, not(property(viewerCertificate+"SslSupportMethod", "vip"))),
	"CloudFront.9": everyOrigin(isCustom, func(e *environment, r resource, origin any) bool {
		switch at(origin, "CustomOriginConfig/OriginProtocolPolicy") {
		case "http-only":
			return false
		case "match-viewer":
			return viewersEncrypt(e, r) == passes
		}
		return true
	}),
	"CloudFront.10": everyOrigin(isCustom, func(_ *environment, _ resource, origin any) bool {
		protocols := assembly.AsList(at(origin, "CustomOriginConfig/OriginSSLProtocols"))
		return len(protocols) > 0 && !isOneOf("SSLv3", protocols) // left out, nothing excludes it
	}),
	"CloudFront.12": everyOrigin(isBucket, func(e *environment, r resource, origin any) bool {
		bucket, _ := e.target(r, at(origin, "DomainName"))
		return bucket.Type == "AWS::S3::Bucket"
	}),
	"CloudFront.13": everyOrigin(isBucket, hasAccessControl),
	"CloudFront.15": onlyIf(all(hasOwnCertificate, not(property(viewerCertificate+"SslSupportMethod", "vip"))),
		property(viewerCertificate+"MinimumProtocolVersion", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")),
	"CloudFront.16": everyOrigin(isFunctionURL, hasAccessControl),
}

// viewersEncrypt checks every behaviour.
var viewersEncrypt = all(
	not(property("DistributionConfig/DefaultCacheBehavior/"+viewerPolicy, "allow-all")),
	each("DistributionConfig/CacheBehaviors", viewerPolicy, "https-only", "redirect-to-https"),
)

// anOrigin says something of an origin of a distribution.
type anOrigin func(e *environment, distribution resource, origin any) bool

// everyOrigin checks the origins of a kind. A distribution without one is exempt.
func everyOrigin(kind, complies anOrigin) check {
	return func(e *environment, r resource) verdict {
		result := exempt
		for _, origin := range assembly.AsList(r.at("DistributionConfig/Origins")) {
			switch {
			case !kind(e, r, origin):
			case !complies(e, r, origin):
				return fails
			default:
				result = passes
			}
		}
		return result
	}
}

func isBucket(_ *environment, _ resource, origin any) bool {
	return at(origin, "S3OriginConfig") != nil
}

func isCustom(_ *environment, _ resource, origin any) bool {
	return at(origin, "CustomOriginConfig") != nil
}

// isFunctionURL knows the domain of a function's URL as text, and as CDK cuts it out of
// the attribute FunctionUrl.
func isFunctionURL(e *environment, r resource, origin any) bool {
	domain := e.text(r, at(origin, "DomainName"))
	return strings.Contains(domain, ".lambda-url.") || strings.Contains(domain, "FunctionUrl")
}

func hasAccessControl(_ *environment, _ resource, origin any) bool {
	return !isOneOf(at(origin, "OriginAccessControlId"), []any{nil, ""})
}

func fine(*environment, resource, any) bool { return true }

func hasOwnCertificate(_ *environment, r resource) verdict {
	return holds(r.at(viewerCertificate+"AcmCertificateArn") != nil || r.at(viewerCertificate+"IamCertificateId") != nil)
}
