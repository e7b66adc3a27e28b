package config

// Edge is CloudFront, the web ACL and the load balancer.
type Edge struct {
	// HostedZoneID is the public hosted zone of Route 53, in the same account, for the
	// domains below. With it the load balancer's certificate and the records of both
	// domains are created. The viewer certificate is not, since it must be in
	// us-east-1. Default: none.
	HostedZoneID string `json:"hostedZoneId" format:"hosted-zone"`

	// OriginCertificateARN is the ACM certificate of the load balancer, in the
	// environment's region. With it, or with the hosted zone, the load balancer
	// listens on 443. Default: none.
	OriginCertificateARN string `json:"originCertificateArn" format:"origin-certificate"`

	// ViewerCertificateARN is the ACM certificate of CloudFront, always in
	// us-east-1. Default: none, which leaves CloudFront's own certificate, with
	// which the TLS version cannot be chosen.
	ViewerCertificateARN string `json:"viewerCertificateArn" format:"viewer-certificate"`

	// Domain is the name that viewers use, an alias of the distribution. It needs the
	// viewer certificate. Default: none.
	Domain string `json:"domain" format:"domain"`

	// OriginDomain is the name by which CloudFront reaches the load balancer over
	// HTTPS. It needs the hosted zone, or an origin certificate that covers it.
	// Default: none.
	OriginDomain string `json:"originDomain" format:"domain"`

	// PlainHTTP accepts plain HTTP between CloudFront and the load balancer, for
	// requests with viewers' passwords and tokens. A protected environment must set
	// it if its load balancer has no certificate. If it has one, the field has no
	// effect. Default: false.
	PlainHTTP bool `json:"plainHTTP"`

	// Ingress decides who reaches the load balancer. "cloudfront" admits only requests from
	// CloudFront's addresses that have the origin header of this environment's
	// distribution. "vpc-origin" does the same, but the load balancer has no public
	// address: CloudFront connects through an interface in the private subnets.
	// "internet" admits everybody, so viewers can bypass CloudFront. In a running
	// environment AWS refuses a change to or from vpc-origin. Default: cloudfront.
	Ingress Ingress `json:"ingress" jsonschema:"enum=internet,enum=cloudfront,enum=vpc-origin"`

	// OriginPrefixList is the id of the prefix list of CloudFront's addresses,
	// com.amazonaws.global.cloudfront.origin-facing, which differs by region.
	// Default: none, which takes the region's if choices.go has it.
	OriginPrefixList string `json:"originPrefixList" format:"prefix-list"`

	// OriginHeaderVersion is the number of the origin header's value, 1 to 10000.
	// Raising it by one rotates the header without an outage, as does lowering it by one;
	// any other change answers 403 for some minutes. Two or three values are secrets,
	// which are billed by the month. Default: 1.
	OriginHeaderVersion int `json:"originHeaderVersion" jsonschema:"minimum=1,maximum=10000"`

	// OriginTimeoutSeconds is how long the API may take to begin an answer, and between
	// two packets of it, before CloudFront answers 504, 1 to 60. The load balancer
	// waits no longer than 60. Default: 30.
	OriginTimeoutSeconds int `json:"originTimeoutSeconds" jsonschema:"minimum=1,maximum=60"`

	// IdleSeconds is how long the load balancer keeps an idle connection to a viewer or a
	// task, 60 to 4000. The application must keep its connections for longer.
	// Default: 60.
	IdleSeconds int `json:"idleSeconds" jsonschema:"minimum=60,maximum=4000"`

	// Countries are the only countries whose viewers CloudFront answers, as ISO 3166-1
	// alpha-2 codes. It derives the country from the viewer's address, which a VPN
	// hides. Default: none, which admits all.
	Countries []string `json:"countries" jsonschema:"uniqueItems=true" format:"countries"`

	// AccessLogs has CloudFront log each request into a bucket of this region, with the
	// viewer's address and the query string but without cookies, kept for
	// logs.accessLogRetentionDays. It costs the storage. CloudFront does not deliver to
	// regions that an account must opt in to. Default: true.
	AccessLogs bool `json:"accessLogs"`

	// ShieldAdvanced protects the distribution, and a load balancer with a public
	// address, against floods that Shield Standard does not stop; AWS then bears
	// the cost of a flood. It needs a subscription of the account for a year, which
	// a person makes and for which AWS listed 3000 USD a month in 2026. No
	// environment inherits true: its own file must say it. Default: false.
	ShieldAdvanced bool `json:"shieldAdvanced"`

	WAF WAF `json:"waf"`
}

// HTTPSOrigin reports whether the load balancer has a certificate, so that it
// listens on 443 instead of 80.
func (e Edge) HTTPSOrigin() bool { return e.HostedZoneID != "" || e.OriginCertificateARN != "" }

// names returns the domains, by field. Each leads to one environment only.
func (e Edge) names() map[string]string {
	return map[string]string{"edge.domain": e.Domain, "edge.originDomain": e.OriginDomain}
}

// nameless returns the edge without domains, hosted zone and certificates.
func (e Edge) nameless() Edge {
	e.HostedZoneID, e.OriginCertificateARN, e.OriginDomain = "", "", ""
	e.ViewerCertificateARN, e.Domain = "", ""
	return e
}

// Ingress decides who reaches the load balancer, and how:
//
//	            may connect             origin header  subnets  CloudFront connects to
//	internet    everybody               none           public   the public name
//	cloudfront  CloudFront's addresses  required       public   the public name
//	vpc-origin  CloudFront's addresses  required       private  an interface in the VPC
type Ingress string

// The ingresses.
const (
	IngressInternet   Ingress = "internet"
	IngressCloudFront Ingress = "cloudfront"
	IngressVPCOrigin  Ingress = "vpc-origin"
)

// AnyViewer reports whether viewers may bypass CloudFront and call the load
// balancer directly, without the origin header.
func (i Ingress) AnyViewer() bool { return i == IngressInternet }

// Internal reports whether the load balancer has private subnets only, and
// CloudFront reaches it by a VPC origin.
func (i Ingress) Internal() bool { return i == IngressVPCOrigin }
