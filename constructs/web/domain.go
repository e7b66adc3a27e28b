package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// distributionsZone is the zone of all distributions, which an alias must name.
// https://docs.aws.amazon.com/general/latest/gr/cf_region.html
const distributionsZone = "Z2FDTNDATAQYW2"

// NewCertificate defines an ACM certificate for a domain, in the stack's
// region, and returns its ARN. ACM proves by a record in the hosted zone who
// owns the domain, and renews the certificate for as long as the record stays.
func NewCertificate(scope constructs.Construct, id, domain, hostedZoneID string) string {
	return *awscertificatemanager.NewCfnCertificate(scope, &id, &awscertificatemanager.CfnCertificateProps{
		DomainName:       &domain,
		ValidationMethod: jsii.String("DNS"),
		DomainValidationOptions: []awscertificatemanager.CfnCertificate_DomainValidationOptionProperty{
			{DomainName: &domain, HostedZoneId: &hostedZoneID},
		},
	}).Ref()
}

// NewLoadBalancerAlias leads a domain to a load balancer, by IPv4 alone, since
// a LoadBalancer has no other addresses.
func NewLoadBalancerAlias(scope constructs.Construct, id, domain, hostedZoneID string, balancer elbv2.IApplicationLoadBalancer) {
	this := constructs.NewConstruct(scope, &id)
	target := &awsroute53.CfnRecordSet_AliasTargetProperty{
		DnsName: balancer.LoadBalancerDnsName(), HostedZoneId: balancer.LoadBalancerCanonicalHostedZoneId(),
	}
	newAlias(this, "A", domain, hostedZoneID, target)
}

// NewDistributionAlias leads a domain to a distribution, by IPv4 and IPv6.
func NewDistributionAlias(scope constructs.Construct, id, domain, hostedZoneID string, distribution awscloudfront.IDistribution) {
	this := constructs.NewConstruct(scope, &id)
	target := &awsroute53.CfnRecordSet_AliasTargetProperty{
		DnsName: distribution.DistributionDomainName(), HostedZoneId: jsii.String(distributionsZone),
	}
	newAlias(this, "A", domain, hostedZoneID, target)
	newAlias(this, "AAAA", domain, hostedZoneID, target)
}

func newAlias(scope constructs.Construct, kind, domain, hostedZoneID string, target *awsroute53.CfnRecordSet_AliasTargetProperty) {
	awsroute53.NewCfnRecordSet(scope, &kind, &awsroute53.CfnRecordSetProps{
		Name: &domain, Type: &kind, HostedZoneId: &hostedZoneID, AliasTarget: target,
	})
}
