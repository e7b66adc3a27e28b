package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// addLayerEndpoint keeps image layers, which ECR stores in S3, off the NAT
// gateways. Beside them it admits only this account's buckets: data cannot be
// carried out through it to a bucket of somebody else. Of them an application may
// use whatever reads, writes and lists objects, uploads in parts among it.
func addLayerEndpoint(vpc awsec2.Vpc) {
	endpoint := vpc.AddGatewayEndpoint(jsii.String("S3"), &awsec2.GatewayVpcEndpointOptions{
		Service: awsec2.GatewayVpcEndpointAwsService_S3(),
	})
	endpoint.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("ImageLayers"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions:    jsii.Strings("s3:GetObject"),
		Resources:  &[]*string{jsii.Sprintf("arn:aws:s3:::prod-%s-starport-layer-bucket/*", *awscdk.Aws_REGION())},
	}))
	endpoint.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("OwnBuckets"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
		Actions: jsii.Strings("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:GetObjectTagging",
			"s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"),
		Resources:  jsii.Strings("arn:aws:s3:::*"),
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:ResourceAccount": awscdk.Aws_ACCOUNT_ID()}},
	}))
}

// addInterfaceEndpoints gives the private subnets an endpoint of each service.
// Who may reach them is for the rules of the group it returns.
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
