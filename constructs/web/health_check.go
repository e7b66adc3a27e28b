package web

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// probeSeconds is how often each of Route 53's checkers asks. It can't be
// changed in a health check, nor can that it speaks HTTPS.
const probeSeconds = 30

// probeRegions are where the checkers are, the fewest that Route 53 allows.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
var probeRegions = []string{"eu-west-1", "us-east-1", "us-west-2"}

// NewHealthCheck defines a health check of Route 53 that asks for a path as a viewer
// would, by HTTPS. Its own metric is in us-east-1 alone, where no alarm of
// another region sees it. What counts here is that its requests arrive: a load
// balancer that has none is cut off.
func NewHealthCheck(scope constructs.Construct, id, domain, path string) {
	awsroute53.NewCfnHealthCheck(scope, &id, &awsroute53.CfnHealthCheckProps{
		HealthCheckConfig: &awsroute53.CfnHealthCheck_HealthCheckConfigProperty{
			Type:                     jsii.String("HTTPS"),
			FullyQualifiedDomainName: &domain,
			Port:                     jsii.Number(HTTPSPort),
			ResourcePath:             &path,
			RequestInterval:          jsii.Number(probeSeconds),
			EnableSni:                jsii.Bool(true),
			Regions:                  jsii.Strings(probeRegions...),
		},
	})
}
