package database

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
)

// monitoringSeconds is the interval of Enhanced Monitoring, the longest that AWS
// offers: the shorter, the more is written, and billed.
const monitoringSeconds = 60

// monitored has RDS write what the operating system of each instance does into
// the log group RDSOSMetrics, which RDS makes once for the account and keeps for
// 30 days. The policy must be there before the instances.
func monitored(scope constructs.Construct, cluster *awsrds.DatabaseClusterProps) awsiam.ManagedPolicy {
	role := awsiam.NewRole(scope, jsii.String("MonitoringRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets RDS write what the database's operating system does"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("monitoring.rds.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
		}),
	})
	cluster.MonitoringInterval = awscdk.Duration_Seconds(jsii.Number(monitoringSeconds))
	cluster.MonitoringRole = role
	// AWS's own policy, AmazonRDSEnhancedMonitoringRole, has the same for every log
	// group whose name begins with RDS.
	return permissions.NewPolicy(scope, "MonitoringPolicy", permissions.PolicyProps{
		Description: "Lets RDS write what the database's operating system does",
		Roles:       []awsiam.IRole{role},
		Statements: []permissions.Statement{
			permissions.Allow("MakeLogGroup", "logs:CreateLogGroup", "logs:PutRetentionPolicy").On(osMetricsARN(scope, "*")),
			permissions.Allow("WriteLog",
				"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents").On(osMetricsARN(scope, ":log-stream:*")),
		},
	})
}

// osMetricsARN ends in streams, or in "*": CloudWatch Logs asks for a log group
// under names that go on behind its own.
func osMetricsARN(scope constructs.Construct, streams string) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String("RDSOSMetrics" + streams),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}
