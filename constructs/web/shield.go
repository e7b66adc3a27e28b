package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsshield"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

// ShieldProps configures a Shield.
type ShieldProps struct {
	// Name starts the names of the protections.
	Name string `required:"true"`

	// Distribution is protected, and LoadBalancer unless it is nil. One without a
	// public address must be left out.
	Distribution awscloudfront.IDistribution `required:"true"`
	LoadBalancer elbv2.IApplicationLoadBalancer
}

// Shield is Shield Advanced's protection of everything with a public address
// except NAT gateways, to which nothing can connect. AWS refuses it to an account
// without a subscription (pitfall D6).
type Shield struct {
	Protections []awsshield.CfnProtection
}

// NewShield defines a Shield.
func NewShield(scope constructs.Construct, id string, props ShieldProps) *Shield {
	required.Check(id, props)
	this, shield := constructs.NewConstruct(scope, &id), &Shield{}
	protect := func(id, suffix string, arn *string) {
		shield.Protections = append(shield.Protections, awsshield.NewCfnProtection(this, &id, &awsshield.CfnProtectionProps{
			Name: jsii.Sprintf("%s-%s", props.Name, suffix), ResourceArn: arn,
		}))
	}
	protect("Distribution", "distribution", props.Distribution.DistributionArn())
	if props.LoadBalancer != nil {
		protect("LoadBalancer", "load-balancer", props.LoadBalancer.LoadBalancerArn())
	}
	return shield
}
