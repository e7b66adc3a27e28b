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
// offers. AWS bills by what is written.
const monitoringSeconds = 60

// monitored turns Enhanced Monitoring on: RDS writes operating system metrics of each
// instance into the log group RDSOSMetrics, which it creates once for the account and
// keeps for 30 days. It returns the policy, which the instances depend on.
func monitored(scope constructs.Construct, cluster *awsrds.DatabaseClusterProps) awsiam.ManagedPolicy {
	// CloudWatch Logs checks actions on a log group by an ARN that continues after its name.
	group := permissions.ARN(scope, "logs", "log-group:RDSOSMetrics*")
	streams := permissions.ARN(scope, "logs", "log-group:RDSOSMetrics:log-stream:*")
	// AWS's own policy, AmazonRDSEnhancedMonitoringRole, allows the same for every log
	// group whose name begins with RDS.
	role := permissions.NewServiceRole(scope, "MonitoringRole", permissions.ServiceRoleProps{
		Service:     "monitoring.rds.amazonaws.com",
		Description: "Allows RDS to write the operating system metrics of the database",
		Statements: []permissions.Statement{
			permissions.Allow("CreateLogGroup", "logs:CreateLogGroup", "logs:PutRetentionPolicy").On(group),
			permissions.Allow("WriteLogs",
				"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents").On(streams),
		},
	})
	cluster.MonitoringInterval = awscdk.Duration_Seconds(jsii.Number(monitoringSeconds))
	cluster.MonitoringRole = role.Role
	return role.Policy
}
