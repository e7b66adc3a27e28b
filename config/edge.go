package config

// Edge is what stands between the viewers and the service.
type Edge struct {
	// HostedZoneID is the public hosted zone of Route 53, in the same account,
	// that holds the domains below. With one the load balancer's certificate is
	// created, and so are the records of both domains; the viewer certificate is
	// not, since it must be in us-east-1. Default: none.
	HostedZoneID string `json:"hostedZoneId" format:"hosted-zone"`

	// OriginCertificateARN is the ACM certificate of the load balancer, in the
	// environment's region. With it, or with the hosted zone, the load balancer
	// listens on 443. Default: none.
	OriginCertificateARN string `json:"originCertificateArn" format:"origin-certificate"`

	// ViewerCertificateARN is the ACM certificate of CloudFront, always in
	// us-east-1. Default: none, which leaves CloudFront's own certificate and
	// with it no choice of the TLS version.
	ViewerCertificateARN string `json:"viewerCertificateArn" format:"viewer-certificate"`

	// Domain is the name viewers use, an alias of CloudFront; it needs the
	// viewer certificate. Default: none.
	Domain string `json:"domain" format:"domain"`

	// OriginDomain is the name under which CloudFront reaches the load
	// balancer by HTTPS; it needs the hosted zone, or an origin certificate that
	// covers it. Default: none.
	OriginDomain string `json:"originDomain" format:"domain"`

	// PlainHTTP accepts that requests reach the load balancer by plain HTTP: with
	// viewers' passwords and tokens in them, between CloudFront and the load
	// balancer. A protected environment without a certificate of the load balancer
	// must say so; where there is a certificate it changes nothing. Default: false.
	PlainHTTP bool `json:"plainHTTP"`

	// Ingress says who reaches the load balancer. "cloudfront" admits the
	// addresses of CloudFront only, and of their requests those that carry the
	// secret header of this environment's distribution. "vpc-origin" does the
	// same, and the load balancer has no public address: CloudFront comes through
	// an interface in the private subnets.
	// "internet" admits everybody, also around CloudFront. In a running
	// environment a change between cloudfront and internet answers 403 until
	// CloudFront has taken it over, some minutes, and one to or from vpc-origin
	// is refused by AWS. Default: cloudfront.
	Ingress Ingress `json:"ingress" jsonschema:"enum=internet,enum=cloudfront,enum=vpc-origin"`

	// OriginPrefixList is the id of the prefix list with CloudFront's
	// addresses, com.amazonaws.global.cloudfront.origin-facing, which each
	// region has its own of. Default: none, which takes the region's where it is known.
	OriginPrefixList string `json:"originPrefixList" format:"prefix-list"`

	// OriginHeaderVersion counts the values of the secret header, 1 to 10000.
	// Raising it by one, in a deploy of its own, rotates the header without an
	// outage; any other change answers 403 for some minutes. Each value is a
	// secret, billed by the month. Default: 1.
	OriginHeaderVersion int `json:"originHeaderVersion" jsonschema:"minimum=1,maximum=10000"`

	// OriginTimeoutSeconds is how long the API may take to begin an answer, and
	// between two parts of it, before CloudFront answers 504 itself, 1 to 60: no
	// longer than the load balancer waits. Default: 30.
	OriginTimeoutSeconds int `json:"originTimeoutSeconds" jsonschema:"minimum=1,maximum=60"`

	// Countries are the only ones that CloudFront answers, ISO 3166-1 alpha-2.
	// It goes by the viewer's address, which a VPN hides. Default: none, which admits all.
	Countries []string `json:"countries" jsonschema:"uniqueItems=true" format:"countries"`

	// AccessLogs has CloudFront write a line for each request, with the viewer's
	// address and the query string but no cookies, into a bucket in this region
	// for logs.accessLogRetentionDays. It costs the storage. CloudFront does not deliver to
	// the regions that an account must opt in to. Default: true.
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

// Ingress is who reaches the load balancer, and how:
//
//	            may connect             secret header  subnets  CloudFront connects to
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
// balancer directly, without the secret header.
func (i Ingress) AnyViewer() bool { return i == IngressInternet }

// Internal reports whether the load balancer has private subnets only, and
// CloudFront reaches it by a VPC origin.
func (i Ingress) Internal() bool { return i == IngressVPCOrigin }
