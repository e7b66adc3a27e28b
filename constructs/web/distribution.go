package web

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ViewerAddressHeader carries the viewer's address to the origin. Unlike
// X-Forwarded-For, which CloudFront only appends to, it has nothing in it that
// a viewer wrote.
const ViewerAddressHeader = "True-Client-IP"

// defaultOriginTimeout is CloudFront's own, in seconds.
const defaultOriginTimeout = 30

// DistributionProps configures a Distribution.
type DistributionProps struct {
	// Name tells distributions of several environments apart in the console,
	// and is part of the name of the distribution's function.
	Name string

	// OriginDomain is where requests are sent to.
	OriginDomain string

	// PlainOrigin sends them by HTTP. By default HTTPS is used, which needs a
	// certificate at the origin that covers OriginDomain.
	PlainOrigin bool

	// InternalOrigin is the load balancer without a public address that answers
	// under OriginDomain. It is reached through a VPC origin, which must not
	// change while a distribution uses it. Default: none, the origin has a public
	// address.
	InternalOrigin elbv2.IApplicationLoadBalancer

	// OriginTimeoutSeconds is how long the origin may take to begin an answer, and
	// between two parts of it. Default: 30.
	OriginTimeoutSeconds int

	// OriginSecret is sent to the origin in OriginHeader. Default: nothing is.
	OriginSecret *OriginSecret

	// Countries are those whose viewers are answered, ISO 3166-1 alpha-2.
	// Default: all.
	Countries []string

	// AccessLogs receives a line for each request, without cookies. The bucket
	// must accept ACLs. Default: nothing is logged.
	AccessLogs awss3.IBucket

	// Domain is the name viewers use, ViewerCertificateARN a certificate for
	// it, which must be in us-east-1. Default: none, viewers use the name and
	// certificate that CloudFront gives, for which CloudFront alone decides
	// the oldest TLS version.
	Domain, ViewerCertificateARN string
}

// NewDistribution defines a CloudFront distribution that viewers reach by
// HTTPS only and that caches nothing: what an API answers differs by caller.
func NewDistribution(scope constructs.Construct, id string, props DistributionProps) awscloudfront.Distribution {
	this := constructs.NewConstruct(scope, &id)
	distribution := &awscloudfront.DistributionProps{
		Comment:        &props.Name,
		HttpVersion:    awscloudfront.HttpVersion_HTTP2_AND_3,
		PriceClass:     awscloudfront.PriceClass_PRICE_CLASS_100,
		ErrorResponses: uncachedErrors(),
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin:                props.origin(this),
			ViewerProtocolPolicy:  awscloudfront.ViewerProtocolPolicy_REDIRECT_TO_HTTPS,
			AllowedMethods:        awscloudfront.AllowedMethods_ALLOW_ALL(),
			CachePolicy:           awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy:   awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
			ResponseHeadersPolicy: newResponseHeaders(this),
			FunctionAssociations:  newViewer(this, props.Name),
		},
	}
	if props.AccessLogs != nil {
		distribution.LogBucket = props.AccessLogs
		distribution.LogIncludesCookies = jsii.Bool(false)
	}
	if len(props.Countries) > 0 {
		distribution.GeoRestriction = awscloudfront.GeoRestriction_Allowlist(*jsii.Strings(props.Countries...)...)
	}
	if props.Domain != "" {
		distribution.DomainNames = jsii.Strings(props.Domain)
		// CloudFront's own certificate takes no other policy than its own, and CDK warns of one.
		distribution.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
		distribution.Certificate = awscertificatemanager.Certificate_FromCertificateArn(this, jsii.String("Certificate"), &props.ViewerCertificateARN)
	}
	return awscloudfront.NewDistribution(this, jsii.String("Distribution"), distribution)
}

// errorStatuses are the answers that CloudFront keeps for ten seconds whatever
// the cache policy says, unless it is told otherwise, and those that it keeps if
// the origin names an age. It finds what it kept by the path alone: an error of
// one caller would be the next one's. Of those in the list 412 and 415 are left
// out, which CloudFront takes no setting for; it keeps them only if the origin
// names an age.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomErrorResponse.html, 2026-11-27
var errorStatuses = []int{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}

func uncachedErrors() *[]*awscloudfront.ErrorResponse {
	var responses []*awscloudfront.ErrorResponse
	none := seconds(0)
	for _, status := range errorStatuses {
		responses = append(responses, &awscloudfront.ErrorResponse{HttpStatus: jsii.Number(status), Ttl: none})
	}
	return &responses
}

// protocol is named: CDK's own choice is HTTPS, for which a load balancer
// without certificate has no listener, and a VPC origin's is the viewer's
// (pitfall D3).
func (p DistributionProps) protocol() awscloudfront.OriginProtocolPolicy {
	if p.PlainOrigin {
		return awscloudfront.OriginProtocolPolicy_HTTP_ONLY
	}
	return awscloudfront.OriginProtocolPolicy_HTTPS_ONLY
}

func (p DistributionProps) origin(scope constructs.Construct) awscloudfront.IOrigin {
	headers := map[string]*string{}
	timeout := seconds(cmp.Or(p.OriginTimeoutSeconds, defaultOriginTimeout))
	if p.OriginSecret != nil {
		headers[OriginHeader] = reference(p.OriginSecret.Sent)
	}
	if p.InternalOrigin != nil {
		return awscloudfrontorigins.VpcOrigin_WithVpcOrigin(newVPCOrigin(scope, p), &awscloudfrontorigins.VpcOriginProps{
			DomainName: &p.OriginDomain, CustomHeaders: &headers, ReadTimeout: timeout,
		})
	}
	return awscloudfrontorigins.NewHttpOrigin(&p.OriginDomain, &awscloudfrontorigins.HttpOriginProps{
		CustomHeaders:      &headers,
		ProtocolPolicy:     p.protocol(),
		HttpPort:           jsii.Number(HTTPPort),
		HttpsPort:          jsii.Number(HTTPSPort),
		OriginSslProtocols: &originTLS,
		ReadTimeout:        timeout,
	})
}

var originTLS = []awscloudfront.OriginSslPolicy{awscloudfront.OriginSslPolicy_TLS_V1_2}

// newVPCOrigin defines a VPC origin that no update ever changes: CloudFront
// refuses that while a distribution uses it (pitfall D4). What depends on a
// choice, the protocol, is in its id and name: with another one there is
// another VPC origin, made before the distribution changes over and deleted
// after. Its tags are left out where the stacks are tagged.
func newVPCOrigin(scope constructs.Construct, props DistributionProps) awscloudfront.VpcOrigin {
	id, protocol := "VpcOriginHttps", "https"
	if props.PlainOrigin {
		id, protocol = "VpcOriginHttp", "http"
	}
	origin := awscloudfront.NewVpcOrigin(scope, &id, &awscloudfront.VpcOriginProps{
		VpcOriginName:      jsii.Sprintf("%s-%s", props.Name, protocol),
		Endpoint:           awscloudfront.VpcOriginEndpoint_ApplicationLoadBalancer(props.InternalOrigin),
		ProtocolPolicy:     props.protocol(),
		HttpPort:           jsii.Number(HTTPPort),
		HttpsPort:          jsii.Number(HTTPSPort),
		OriginSslProtocols: &originTLS,
	})
	origin.Node().AddDependency(props.InternalOrigin) // with its listener
	return origin
}

// viewerFunction writes who the viewer is, and what was asked for, over what the
// viewer may have sent under these names. Of the customary headers for the scheme
// a function may not write X-Forwarded-Proto, and the load balancer writes that of
// its own connection; Forwarded is the standard one (RFC 7239). All viewers are
// redirected to HTTPS.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
const viewerFunction = `function handler(event) {
  var headers = event.request.headers, ip = event.viewer.ip, host = headers.host.value;
  headers['true-client-ip'] = { value: ip };
  headers['x-forwarded-host'] = { value: host };
  headers['forwarded'] = { value: 'for="' + (ip.includes(':') ? '[' + ip + ']' : ip) + '";host="' + host + '";proto=https' };
  return event.request;
}`

// newViewer defines a function of CloudFront: it runs at the edge and has no
// role. CDK would give it the same name in every environment.
func newViewer(scope constructs.Construct, name string) *[]*awscloudfront.FunctionAssociation {
	function := awscloudfront.NewFunction(scope, jsii.String("ViewerAddress"), &awscloudfront.FunctionProps{
		FunctionName: jsii.String(name + "-viewer-address"),
		Comment:      jsii.String("Writes the viewer's address, host and scheme into headers"),
		Runtime:      awscloudfront.FunctionRuntime_JS_2_0(),
		Code:         awscloudfront.FunctionCode_FromInline(jsii.String(viewerFunction)),
	})
	return &[]*awscloudfront.FunctionAssociation{{
		EventType: awscloudfront.FunctionEventType_VIEWER_REQUEST, Function: function,
	}}
}

// newResponseHeaders has what OWASP asks of an API: it is neither a page nor
// part of one.
func newResponseHeaders(scope constructs.Construct) awscloudfront.ResponseHeadersPolicy {
	yes := jsii.Bool(true)
	return awscloudfront.NewResponseHeadersPolicy(scope, jsii.String("SecurityHeaders"), &awscloudfront.ResponseHeadersPolicyProps{
		SecurityHeadersBehavior: &awscloudfront.ResponseSecurityHeadersBehavior{
			ContentSecurityPolicy: &awscloudfront.ResponseHeadersContentSecurityPolicy{
				ContentSecurityPolicy: jsii.String("default-src 'none'; frame-ancestors 'none'"), Override: yes},
			ContentTypeOptions: &awscloudfront.ResponseHeadersContentTypeOptions{Override: yes},
			FrameOptions: &awscloudfront.ResponseHeadersFrameOptions{
				FrameOption: awscloudfront.HeadersFrameOption_DENY, Override: yes},
			ReferrerPolicy: &awscloudfront.ResponseHeadersReferrerPolicy{
				ReferrerPolicy: awscloudfront.HeadersReferrerPolicy_NO_REFERRER, Override: yes},
			StrictTransportSecurity: &awscloudfront.ResponseHeadersStrictTransportSecurity{
				AccessControlMaxAge: awscdk.Duration_Days(jsii.Number(365)), IncludeSubdomains: yes, Override: yes},
		},
	})
}
