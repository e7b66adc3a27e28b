package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
)

// addS3Endpoint keeps image layers, which ECR stores in S3, off the NAT gateways. Its
// policy also admits reads, writes and lists of this account's buckets, for the
// application, but of no other account's, to which data could be copied.
func addS3Endpoint(vpc awsec2.Vpc) {
	endpoint := vpc.AddGatewayEndpoint(jsii.String("S3"), &awsec2.GatewayVpcEndpointOptions{
		Service: awsec2.GatewayVpcEndpointAwsService_S3(),
	})
	anybody := awsiam.NewAnyPrincipal()
	endpoint.AddToPolicy(permissions.Allow("ImageLayers", "s3:GetObject").
		On(jsii.Sprintf("arn:aws:s3:::prod-%s-starport-layer-bucket/*", *awscdk.Aws_REGION())).For(anybody))
	endpoint.AddToPolicy(permissions.Allow("OwnBuckets",
		"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectTagging",
		"s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:PutObject",
		"s3:PutObjectTagging").On(jsii.String("arn:aws:s3:::*")).
		If(map[string]any{"StringEquals": map[string]any{"aws:ResourceAccount": awscdk.Aws_ACCOUNT_ID()}}).For(anybody))
}

// addInterfaceEndpoints adds an endpoint of each service to the private subnets. It
// returns their security group, without any rule, or nil without services.
func addInterfaceEndpoints(scope constructs.Construct, vpc awsec2.Vpc, services []string) awsec2.ISecurityGroup {
	if len(services) == 0 {
		return nil
	}
	group := awsec2.NewSecurityGroup(scope, jsii.String("Endpoints"), &awsec2.SecurityGroupProps{
		Vpc:              vpc,
		Description:      jsii.String("Interface endpoints of AWS services"),
		AllowAllOutbound: jsii.Bool(false),
	})
	for _, service := range services {
		vpc.AddInterfaceEndpoint(&service, &awsec2.InterfaceVpcEndpointOptions{
			Service:        awsec2.NewInterfaceVpcEndpointAwsService(&service, nil, nil, nil),
			Subnets:        Private(),
			SecurityGroups: &[]awsec2.ISecurityGroup{group},
			Open:           jsii.Bool(false),
		})
	}
	return group
}
