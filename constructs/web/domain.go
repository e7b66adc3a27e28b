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
