package network

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
)

// logTraffic records accepted and rejected traffic. It writes to a log group
// instead of the log bucket, whose stack depends on this one (pitfall C2).
func logTraffic(scope constructs.Construct, vpc awsec2.Vpc, group awslogs.ILogGroup) {
	role := permissions.NewServiceRole(scope, "FlowLogRole", permissions.ServiceRoleProps{
		Service:     "vpc-flow-logs.amazonaws.com",
		Description: "Allows VPC flow logs to write to their log group",
		Statements: []permissions.Statement{
			permissions.Allow("WriteLogs",
				"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents").On(group.LogGroupArn()),
		},
	})
	flowLog := vpc.AddFlowLog(jsii.String("FlowLog"), &awsec2.FlowLogOptions{
		Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(group, role.Role.WithoutPolicyUpdates(nil)),
		TrafficType: awsec2.FlowLogTrafficType_ALL,
	})
	flowLog.Node().AddDependency(role.Policy)
}
