package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// distributionsZone is the hosted zone of every CloudFront distribution, for aliases.
// https://docs.aws.amazon.com/general/latest/gr/cf_region.html
const distributionsZone = "Z2FDTNDATAQYW2"

// CertificateProps configures a Certificate.
type CertificateProps struct {
	// Domain is the certificate's name, HostedZoneID the public zone that it is in.
	Domain       string `required:"true"`
	HostedZoneID string `required:"true"`
}

// Certificate is an ACM certificate of the stack's region. ACM validates it by a
// record in the hosted zone, and renews it while that record exists.
type Certificate struct {
	ARN string
}

// NewCertificate defines a Certificate.
func NewCertificate(scope constructs.Construct, id string, props CertificateProps) *Certificate {
	required.Check(id, props)
	return &Certificate{*awscertificatemanager.NewCfnCertificate(scope, &id, &awscertificatemanager.CfnCertificateProps{
		DomainName:       &props.Domain,
		ValidationMethod: jsii.String("DNS"),
		DomainValidationOptions: []awscertificatemanager.CfnCertificate_DomainValidationOptionProperty{
			{DomainName: &props.Domain, HostedZoneId: &props.HostedZoneID},
		},
	}).Ref()}
}

// AliasProps configures an Alias. Either LoadBalancer or Distribution is given.
type AliasProps struct {
	// Domain is the name of the records, HostedZoneID the zone that they are in.
	Domain       string `required:"true"`
	HostedZoneID string `required:"true"`

	LoadBalancer elbv2.IApplicationLoadBalancer
	Distribution awscloudfront.IDistribution
}

// Alias is the alias records of a domain: A for a load balancer, which has IPv4
// addresses only, A and AAAA for a distribution.
type Alias struct {
	Records []awsroute53.CfnRecordSet
}

// NewAlias defines an Alias.
func NewAlias(scope constructs.Construct, id string, props AliasProps) *Alias {
	required.Check(id, props, required.If((props.LoadBalancer == nil) == (props.Distribution == nil), "either LoadBalancer or Distribution"))
	this := constructs.NewConstruct(scope, &id)
	types, target := []string{"A"}, &awsroute53.CfnRecordSet_AliasTargetProperty{HostedZoneId: jsii.String(distributionsZone)}
	if props.LoadBalancer != nil {
		target.DnsName = props.LoadBalancer.LoadBalancerDnsName()
		target.HostedZoneId = props.LoadBalancer.LoadBalancerCanonicalHostedZoneId()
	} else {
		types = append(types, "AAAA")
		target.DnsName = props.Distribution.DistributionDomainName()
	}
	alias := &Alias{}
	for _, kind := range types {
		alias.Records = append(alias.Records, awsroute53.NewCfnRecordSet(this, &kind, &awsroute53.CfnRecordSetProps{
			Name: &props.Domain, Type: &kind, HostedZoneId: &props.HostedZoneID, AliasTarget: target,
		}))
	}
	return alias
}

// checkSeconds is how often each checker of Route 53 sends a request. A health
// check can change neither the interval nor its protocol.
const checkSeconds = 30

// checkerRegions are the regions of the checkers, the fewest that Route 53 allows.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
var checkerRegions = []string{"eu-west-1", "us-east-1", "us-west-2"}

// HealthCheckProps configures a HealthCheck.
type HealthCheckProps struct {
	// Domain and Path are what the checkers request by HTTPS.
	Domain string `required:"true"`
	Path   string `required:"true"`
}

// HealthCheck is a health check of Route 53 that sends requests as a viewer does.
// An alarm watches their arrival at the load balancer: the metric of the health
// check is in us-east-1, where no alarm of another region can see it.
type HealthCheck struct {
	Route53 awsroute53.CfnHealthCheck
}

// NewHealthCheck defines a HealthCheck.
func NewHealthCheck(scope constructs.Construct, id string, props HealthCheckProps) *HealthCheck {
	required.Check(id, props)
	return &HealthCheck{awsroute53.NewCfnHealthCheck(scope, &id, &awsroute53.CfnHealthCheckProps{
		HealthCheckConfig: &awsroute53.CfnHealthCheck_HealthCheckConfigProperty{
			Type:                     jsii.String("HTTPS"),
			FullyQualifiedDomainName: &props.Domain,
			Port:                     jsii.Number(HTTPSPort),
			ResourcePath:             &props.Path,
			RequestInterval:          jsii.Number(checkSeconds),
			EnableSni:                jsii.Bool(true),
			Regions:                  jsii.Strings(checkerRegions...),
		},
	})}
}
