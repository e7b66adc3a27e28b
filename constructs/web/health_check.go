package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
)

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
