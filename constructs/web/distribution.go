package web

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ViewerAddressHeader carries the viewer's address to the origin. Unlike
// X-Forwarded-For, which CloudFront only appends to, it has nothing in it that
// a viewer wrote.
const ViewerAddressHeader = "True-Client-IP"

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

	// OriginSecret is sent to the origin in OriginHeader. Default: nothing is.
	OriginSecret *OriginSecret

	// Countries are those whose viewers are answered, ISO 3166-1 alpha-2.
	// Default: all.
	Countries []string

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
		Comment:                &props.Name,
		HttpVersion:            awscloudfront.HttpVersion_HTTP2_AND_3,
		PriceClass:             awscloudfront.PriceClass_PRICE_CLASS_100,
		MinimumProtocolVersion: awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021,
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin:                awscloudfrontorigins.NewHttpOrigin(&props.OriginDomain, origin(props)),
			ViewerProtocolPolicy:  awscloudfront.ViewerProtocolPolicy_REDIRECT_TO_HTTPS,
			AllowedMethods:        awscloudfront.AllowedMethods_ALLOW_ALL(),
			CachePolicy:           awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy:   awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
			ResponseHeadersPolicy: newResponseHeaders(this),
			FunctionAssociations:  newViewerAddress(this, props.Name),
		},
	}
	if len(props.Countries) > 0 {
		distribution.GeoRestriction = awscloudfront.GeoRestriction_Allowlist(*jsii.Strings(props.Countries...)...)
	}
	if props.Domain != "" {
		distribution.DomainNames = jsii.Strings(props.Domain)
		distribution.Certificate = awscertificatemanager.Certificate_FromCertificateArn(this, jsii.String("Certificate"), &props.ViewerCertificateARN)
	}
	return awscloudfront.NewDistribution(this, jsii.String("Distribution"), distribution)
}

// origin names the protocol: CDK's own choice is HTTPS, for which a load
// balancer without certificate has no listener (pitfall D3).
func origin(props DistributionProps) *awscloudfrontorigins.HttpOriginProps {
	policy := awscloudfront.OriginProtocolPolicy_HTTPS_ONLY
	if props.PlainOrigin {
		policy = awscloudfront.OriginProtocolPolicy_HTTP_ONLY
	}
	headers := map[string]*string{}
	if props.OriginSecret != nil {
		headers[OriginHeader] = reference(props.OriginSecret.Sent)
	}
	return &awscloudfrontorigins.HttpOriginProps{
		CustomHeaders:      &headers,
		ProtocolPolicy:     policy,
		HttpPort:           jsii.Number(HTTPPort),
		HttpsPort:          jsii.Number(HTTPSPort),
		OriginSslProtocols: &[]awscloudfront.OriginSslPolicy{awscloudfront.OriginSslPolicy_TLS_V1_2},
	}
}

// newViewerAddress writes ViewerAddressHeader, over what a viewer may have sent
// in it. It is a function of CloudFront: it runs at the edge and has no role.
// CDK would give it the same name in every environment.
func newViewerAddress(scope constructs.Construct, name string) *[]*awscloudfront.FunctionAssociation {
	function := awscloudfront.NewFunction(scope, jsii.String("ViewerAddress"), &awscloudfront.FunctionProps{
		FunctionName: jsii.String(name + "-viewer-address"),
		Comment:      jsii.Sprintf("Writes the viewer's address into %s", ViewerAddressHeader),
		Runtime:      awscloudfront.FunctionRuntime_JS_2_0(),
		Code: awscloudfront.FunctionCode_FromInline(jsii.Sprintf(
			"function handler(event) { event.request.headers['%s'] = { value: event.viewer.ip }; return event.request; }",
			strings.ToLower(ViewerAddressHeader))),
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
