package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsshield"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ShieldProps configures a Shield.
type ShieldProps struct {
	// Name is the first part of the names of the protections.
	Name string

	// Distribution is protected, and LoadBalancer if it is there: one without a
	// public address must not be.
	Distribution awscloudfront.IDistribution
	LoadBalancer elbv2.IApplicationLoadBalancer
}

// NewShield protects what has a public address by Shield Advanced. AWS refuses
// it to an account that has not subscribed (pitfall D6). The addresses of NAT
// gateways are left out: nothing can connect to them.
func NewShield(scope constructs.Construct, id string, props ShieldProps) {
	this := constructs.NewConstruct(scope, &id)
	protect := func(id, what string, arn *string) {
		awsshield.NewCfnProtection(this, &id, &awsshield.CfnProtectionProps{
			Name: jsii.Sprintf("%s-%s", props.Name, what), ResourceArn: arn,
		})
	}
	protect("Distribution", "distribution", props.Distribution.DistributionArn())
	if props.LoadBalancer != nil {
		protect("LoadBalancer", "load-balancer", props.LoadBalancer.LoadBalancerArn())
	}
}
