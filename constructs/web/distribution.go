package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// ViewerAddressHeader carries the viewer's address to the origin. A viewer cannot
// write into it, unlike X-Forwarded-For, to which CloudFront only appends.
const ViewerAddressHeader = "True-Client-IP"

// DistributionProps configures a Distribution.
type DistributionProps struct {
	// Name is the comment that the console shows, and starts the names of the function
	// and the VPC origin.
	Name string `required:"true"`

	// OriginDomain is where requests are sent to.
	OriginDomain string `required:"true"`

	// PlainOrigin sends requests by HTTP. Otherwise HTTPS is used, and the origin needs
	// a certificate that covers OriginDomain.
	PlainOrigin bool

	// InternalOrigin is the load balancer at OriginDomain if it has no public address.
	// It is reached through a VPC origin.
	InternalOrigin elbv2.IApplicationLoadBalancer

	// OriginTimeoutSeconds is how long the origin may take to begin an answer, and
	// between two parts of it.
	OriginTimeoutSeconds int `required:"true"`

	// OriginSecret is sent to the origin in OriginHeader.
	OriginSecret *OriginSecret `required:"true"`

	// Countries are the ISO 3166-1 alpha-2 codes of the countries whose viewers get an
	// answer. If there are none, all viewers do.
	Countries []string

	// AccessLogs receives a line for each request, without cookies. The bucket must
	// accept ACLs. Nil turns access logs off.
	AccessLogs awss3.IBucket

	// Domain is the name that viewers use, ViewerCertificateARN a certificate for it in
	// us-east-1. If Domain is empty, viewers use the name and certificate of
	// CloudFront, which then decides the oldest TLS version.
	Domain, ViewerCertificateARN string
}

// Distribution is a CloudFront distribution that viewers reach by HTTPS only. It
// caches nothing: the answers of an API differ by caller.
type Distribution struct {
	// Construct is the scope of all of it, for dependencies.
	Construct constructs.Construct

	CloudFront awscloudfront.Distribution
}

// NewDistribution defines a Distribution.
func NewDistribution(scope constructs.Construct, id string, props DistributionProps) *Distribution {
	required.Check(id, props, required.If(props.Domain != "" && props.ViewerCertificateARN == "", "ViewerCertificateARN"))
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
		// CDK warns of a policy without a certificate, which CloudFront would ignore.
		distribution.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
		distribution.Certificate = awscertificatemanager.Certificate_FromCertificateArn(
			this, jsii.String("Certificate"), &props.ViewerCertificateARN)
	}
	return &Distribution{this, awscloudfront.NewDistribution(this, jsii.String("Distribution"), distribution)}
}

// errorStatuses are the errors that CloudFront caches: some for ten seconds by
// default, whatever the cache policy, the others if the origin names an age. The
// cache key is the path alone, so one caller would get the error of another. CloudFront
// takes no setting for 412 and 415, which it caches only if the origin names an age.
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

// protocol returns the protocol to the origin. CDK's default is HTTPS, for which a
// load balancer without a certificate has no listener; a VPC origin's is the
// viewer's protocol (pitfall D3).
func (p DistributionProps) protocol() awscloudfront.OriginProtocolPolicy {
	if p.PlainOrigin {
		return awscloudfront.OriginProtocolPolicy_HTTP_ONLY
	}
	return awscloudfront.OriginProtocolPolicy_HTTPS_ONLY
}

func (p DistributionProps) origin(scope constructs.Construct) awscloudfront.IOrigin {
	headers := map[string]*string{OriginHeader: p.OriginSecret.Sent.UnsafeUnwrap()}
	timeout := seconds(p.OriginTimeoutSeconds)
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

// newVPCOrigin defines a VPC origin that no update changes: CloudFront refuses a
// change, even of tags, while a distribution uses the origin (pitfall D4). So the
// protocol is in its id and name. Another protocol creates another VPC origin before
// the distribution is updated, and deletes this one after.
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

// viewerFunction overwrites the headers with the viewer's address, host and scheme.
// The scheme is in Forwarded (RFC 7239): a function must not write X-Forwarded-Proto,
// where the load balancer writes the scheme of its own connection. It is always
// HTTPS, to which viewers are redirected.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
const viewerFunction = `function handler(event) {
  var headers = event.request.headers, ip = event.viewer.ip, host = headers.host.value;
  headers['true-client-ip'] = { value: ip };
  headers['x-forwarded-host'] = { value: host };
  headers['forwarded'] = { value: 'for="' + (ip.includes(':') ? '[' + ip + ']' : ip) + '";host="' + host + '";proto=https' };
  return event.request;
}`

// newViewer defines a CloudFront function, which needs no role. CDK would give it the
// same name in every environment.
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

// newResponseHeaders defines the response headers that OWASP recommends for an API,
// which is neither a page nor part of one.
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
