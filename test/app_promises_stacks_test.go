package test

import (
	"slices"
)

func endpointPromises(id, name string) []string {
	return on("network/"+id, "", "ServiceName com.amazonaws.eu-north-1."+name, "VpcEndpointType Interface", "PrivateDnsEnabled true",
		"SubnetIds NetworkVpcPrivateSubnet1Subnet", "SubnetIds NetworkVpcPrivateSubnet2Subnet", "SubnetIds NetworkVpcPrivateSubnet3Subnet",
		"SecurityGroupIds NetworkEndpoints.GroupId")
}

var networkPromises = map[string][]string{
	"the names of the VPC's endpoints resolve inside it": on("AWS::EC2::VPC", "", "EnableDnsSupport true", "EnableDnsHostnames true"),
	"all traffic is logged": on("AWS::EC2::FlowLog", "", "TrafficType ALL", "ResourceType VPC", "ResourceId NetworkVpc",
		"LogGroupName FlowLogs", "DeliverLogsPermissionArn NetworkFlowLogRole.Arn"),
	"image layers stay off the NAT gateways": on("AWS::EC2::VPCEndpoint", "", "VpcEndpointType Gateway", "ServiceName com.amazonaws.REGION.s3",
		"RouteTableIds NetworkVpcPrivateSubnet1RouteTable", "RouteTableIds NetworkVpcPrivateSubnet2RouteTable"),
}

var taskPromises = map[string][]string{
	"the cluster has Container Insights": on("AWS::ECS::Cluster", "", "ClusterSettings.containerInsights enabled"),
	"tasks have 1 vCPU and 2 GiB on Fargate": on(taskDefinition, "", "Cpu 1024", "Memory 2048", "NetworkMode awsvpc",
		"RequiresCompatibilities FARGATE", "RuntimePlatform.CpuArchitecture X86_64", "RuntimePlatform.OperatingSystemFamily LINUX"),
	"tasks listen on port 3000": on(taskDefinition, "ContainerDefinitions.PortMappings.", "ContainerPort 3000", "Protocol tcp"),
	"tasks run without privileges": on(taskDefinition, "ContainerDefinitions.",
		"User 1000:1000", "LinuxParameters.Capabilities.Drop ALL"),
	"tasks stop when they are sent a signal": on(taskDefinition, "ContainerDefinitions.LinuxParameters.", "InitProcessEnabled true"),
	"tasks cannot write outside /tmp": slices.Concat(
		on(taskDefinition, "ContainerDefinitions.", "ReadonlyRootFilesystem true",
			"LinuxParameters.Tmpfs.ContainerPath /tmp", "LinuxParameters.Tmpfs.MountOptions nosuid"),
		on(taskDefinition, "no ", "ContainerDefinitions.MountPoints", "Volumes"),
	),
	"tasks log to their log group": append(on(taskDefinition, "ContainerDefinitions.LogConfiguration.",
		"LogDriver awslogs", "Options.awslogs-group Logs", "Options.awslogs-stream-prefix api"),
		"compute/Logs LogGroupName /aws/ecs/PROJECT-SUFFIX"),
	"credentials are injected from the current version of the secret": on(taskDefinition, "ContainerDefinitions.Secrets.",
		"DB_HOST DatabaseSecretAttachment:host::", "DB_USERNAME DatabaseSecretAttachment:username::",
		"DB_PASSWORD DatabaseSecretAttachment:password::"),
	"tasks get the port of the database in plain text":    on(taskDefinition, "ContainerDefinitions.Environment.", "DB_PORT 5432"),
	"tasks run with the roles that the IAM stack defines": on(taskDefinition, "", "ExecutionRoleArn ExecutionRole.Arn", "TaskRoleArn TaskRole.Arn"),
	"tasks run in private subnets without a public address, in their own group": on(service, "NetworkConfiguration.AwsvpcConfiguration.",
		"Subnets NetworkVpcPrivateSubnet1Subnet", "Subnets NetworkVpcPrivateSubnet2Subnet", "AssignPublicIp DISABLED",
		"SecurityGroups Tasks.GroupId"),
	"a failed deployment is rolled back without losing tasks": append(on(service, "DeploymentConfiguration.",
		"DeploymentCircuitBreaker.Enable true", "DeploymentCircuitBreaker.Rollback true", "MinimumHealthyPercent 100", "MaximumPercent 200"),
		service+" HealthCheckGracePeriodSeconds 60"),
	"a deployment keeps the number of tasks, which autoscaling decides": {service + " no DesiredCount"},
	"nobody opens a shell in a task":                                    {service + " EnableExecuteCommand false"},
	"the service grows with the use of CPU and requests": slices.Concat(
		on("AWS::ApplicationAutoScaling::ScalableTarget", "", "ScalableDimension ecs:service:DesiredCount", "ResourceId service/ApiCluster/ApiService.Name"),
		on("compute/ApiServiceTaskCountTargetCPU", "", scalingMetric+"ECSServiceAverageCPUUtilization"),
		on("compute/ApiServiceTaskCountTargetRequests", "", scalingMetric+"ALBRequestCountPerTarget"),
	),
}

const scalingMetric = "TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.PredefinedMetricType "

const backupRuleOf = "BackupPlan.BackupPlanRule."

var databasePromises = map[string][]string{
	"no instance is upgraded behind the template":     on("AWS::RDS::DBInstance", "", "AutoMinorVersionUpgrade false"),
	"instances are serverless":                        on("AWS::RDS::DBInstance", "", "DBInstanceClass db.serverless"),
	"snapshots carry the cluster's tags":              on("AWS::RDS::DBCluster", "", "CopyTagsToSnapshot true"),
	"the database accepts IAM authentication":         on("AWS::RDS::DBCluster", "", "EnableIAMDatabaseAuthentication true"),
	"the database refuses connections without TLS":    on("AWS::RDS::DBClusterParameterGroup", "", "Parameters.rds.force_ssl 1"),
	"no environment is restored from another":         on("AWS::RDS::DBCluster", "", "no SourceDBClusterIdentifier"),
	"the database listens on port 5432":               on("AWS::RDS::DBCluster", "", "Engine aurora-postgresql", "Port 5432"),
	"the password of the database changes in 90 days": on(schedule, "", "RotationRules.ScheduleExpression rate(90 days)"),
	"the database logs connections and changes of schema and roles": on("AWS::RDS::DBClusterParameterGroup", "Parameters.",
		"log_connections 1", "log_disconnections 1", "shared_preload_libraries pg_stat_statements,pgaudit", "pgaudit.log ddl,role"),
	"the database is in its own subnets and group": append(on("AWS::RDS::DBCluster", "", "DBSubnetGroupName DatabaseClusterSubnets",
		"DBClusterParameterGroupName DatabaseParameters", "VpcSecurityGroupIds Database.GroupId"),
		on("AWS::RDS::DBSubnetGroup", "SubnetIds ", "NetworkVpcDataSubnet1Subnet", "NetworkVpcDataSubnet2Subnet")...),
	"maintenance comes when the file says, and not during the backup": append(
		on("AWS::RDS::DBCluster", "", "PreferredMaintenanceWindow tue:03:30-tue:04:00", "PreferredBackupWindow 02:30-03:00"),
		"AWS::RDS::DBInstance PreferredMaintenanceWindow tue:03:30-tue:04:00"),
	// RDS decides the name of the group.
	"the database's log has a group before RDS makes one": append(on("AWS::RDS::DBCluster", "", "EnableCloudwatchLogsExports postgresql",
		"after DatabaseLogs", "DBClusterIdentifier PROJECT-SUFFIX"), "data/DatabaseLogs LogGroupName /aws/rds/cluster/PROJECT-SUFFIX/postgresql"),
	"the password is in no template": {"AWS::RDS::DBCluster MasterUserPassword {{resolve:secretsmanager:DatabaseSecret:SecretString:password::}}",
		"data/DatabaseSecret no SecretString"},

	// The bare secret has neither engine nor host, and the function would refuse it.
	"the rotation changes the secret that knows its database": append(
		on(secretAttachment, "", "SecretId DatabaseSecret", "TargetId DatabaseCluster", "TargetType AWS::RDS::DBCluster"),
		on(schedule, "", "SecretId DatabaseSecretAttachment", "RotationLambdaARN Rotation.Outputs.RotationLambdaARN")...),
	"rotated passwords exclude what the first one does": {
		rotationFunction + " Parameters.excludeCharacters " + excludedCharacters,
		"data/DatabaseSecret GenerateSecretString.ExcludeCharacters " + excludedCharacters,
	},
	"the rotation function is named after its environment, and has its own group": on(rotationFunction, "Parameters.",
		"functionName PROJECT-SUFFIX-rotation", "vpcSecurityGroupIds Rotation.GroupId"),
	// The first rotation runs as soon as there is a schedule.
	"the rotation waits for the cluster and its writer": on(rotationFunction, "after ", "DatabaseCluster", "DatabaseClusterWriter"),

	// In a versioned bucket deletion hides an object; the version must go as well.
	"old access logs are deleted, with their versions": slices.Concat(logBucketPromises("LogBucket"), logBucketPromises("EdgeLogBucket")),
}

func logBucketPromises(name string) []string {
	return slices.Concat(
		on("data/"+name, "", "VersioningConfiguration.Status Enabled"),
		on("data/"+name, "LifecycleConfiguration.Rules.", "Id delete-old-logs", "Status Enabled", "ExpirationInDays 30",
			"NoncurrentVersionExpiration.NoncurrentDays 1"),
		on("data/"+name, "no LifecycleConfiguration.Rules.", "Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan"),
	)
}

// Once the support of the major version has ended, a disposable environment is
// not created, and none that lasts is upgraded behind its template.
var disposablePromises = map[string][]string{
	"a disposable environment's revisions of tasks go": {taskDefinition + " no DeletionPolicy"},
	"a disposable database has no extended support":    {"AWS::RDS::DBCluster EngineLifecycleSupport open-source-rds-extended-support-disabled"},
	"a disposable database has no enhanced monitoring": {"AWS::RDS::DBInstance no MonitoringInterval"},
}

var keptPromises = map[string][]string{
	"keys stay as long as what they encrypt": on("AWS::KMS::Key", "",
		"DeletionPolicy Retain", "UpdateReplacePolicy Retain", "no PendingWindowInDays"),
	"the rotation function has the key of the secret": {
		rotationFunction + " Parameters.kmsKeyArn Key.Arn", "data/DatabaseSecret KmsKeyId Key.Arn",
	},
	// CloudFormation deregisters a revision that it replaces, and ECS refuses to run it then.
	"earlier revisions of tasks stay for a rollback": on(taskDefinition, "", "DeletionPolicy Retain", "UpdateReplacePolicy Retain", "Family PROJECT-SUFFIX"),
	"a database that is kept has extended support":   {"AWS::RDS::DBCluster EngineLifecycleSupport open-source-rds-extended-support"},
	"a database that is kept has enhanced monitoring": append(on("AWS::RDS::DBInstance", "", "MonitoringInterval 60",
		"MonitoringRoleArn DatabaseMonitoringRole.Arn"), "AWS::RDS::DBCluster after DatabaseMonitoringRolePolicy"),
	"the rotation function runs in private subnets": on(rotationFunction, "Parameters.", "vpcSubnetIds NetworkVpcPrivateSubnet1Subnet,"+
		"NetworkVpcPrivateSubnet2Subnet,NetworkVpcPrivateSubnet3Subnet"),
	// With ChangeableForDays nobody could ever remove the lock again.
	"recovery points are locked in a vault that outlives its stack": on("AWS::Backup::BackupVault", "",
		"no LockConfiguration.ChangeableForDays", "DeletionPolicy Retain", "UpdateReplacePolicy Retain"),
	// AWS Backup deletes an expired recovery point as the role that made it.
	"the role that deletes expired recovery points stays with them": {
		"AWS::Backup::BackupSelection BackupSelection.IamRoleArn BackupCopyRole.Arn",
		"data/BackupCopyRole DeletionPolicy Retain", "data/BackupCopyRolePolicy DeletionPolicy Retain",
	},
	"recovery points are kept in the locked vault":               on("AWS::Backup::BackupPlan", backupRuleOf, "TargetBackupVault BackupVault"),
	"AWS Backup leaves point-in-time recovery to the cluster":    on("AWS::Backup::BackupPlan", "no "+backupRuleOf, "EnableContinuousBackup"),
	"without a second region recovery points are copied nowhere": on("AWS::Backup::BackupPlan", "no "+backupRuleOf, "CopyActions"),
	// A backup that fails unheard is missed on the day it is needed.
	"failed backup jobs notify": {
		"monitoring/BackupFailed Targets.Arn AlarmsTopic", "monitoring/CopyJobFailed Targets.Arn AlarmsTopic",
		"monitoring/RestoreTestFailed Targets.Arn AlarmsTopic",
	},
	"only the database is backed up": slices.Concat(
		on("AWS::Backup::BackupSelection", "", "BackupPlanId BackupPlan", "BackupSelection.Resources "+clusterOfTheStack),
		on("AWS::Backup::BackupSelection", "no BackupSelection.", "ListOfTags", "Conditions"),
	),
	"the latest recovery point is restored every week, into the database's subnets": slices.Concat(
		on("AWS::Backup::RestoreTestingPlan", "RecoveryPointSelection.", "Algorithm LATEST_WITHIN_WINDOW",
			"IncludeVaults BackupVault.BackupVaultArn", "RecoveryPointTypes SNAPSHOT", "SelectionWindowDays 7"),
		on("AWS::Backup::RestoreTestingSelection", "", "RestoreTestingPlanName BackupRestoreTest", "ProtectedResourceType Aurora",
			"ProtectedResourceArns "+clusterOfTheStack, "RestoreMetadataOverrides.dbSubnetGroupName DatabaseClusterSubnets"),
	),
}

const clusterOfTheStack = "arn:aws:rds:eu-north-1:ACCOUNT:cluster:DatabaseCluster"

var secondRegionPromises = map[string][]string{
	"every recovery point is copied to the second region": on("AWS::Backup::BackupPlan", backupRuleOf+"CopyActions.",
		"DestinationBackupVaultArn arn:aws:backup:"+secondRegion+":ACCOUNT:backup-vault:PROJECT-SUFFIX", "Lifecycle.DeleteAfterDays 35"),
	// AWS Backup takes the key of the vault that a copy goes to; the key of AWS for
	// Backup is not for Aurora.
	"the second vault has a key of its region": {
		"second-vault/BackupVault BackupVaultName PROJECT-SUFFIX", "second-vault/BackupVault EncryptionKeyArn Key.Arn",
		"second-vault/Key EnableKeyRotation true", "second-vault/BackupAlias AliasName alias/PROJECT-SUFFIX-copies",
		"second-vault/BackupAlias TargetKeyId Key.Arn",
	},
	"the second vault is locked and kept as the first, with its key": slices.Concat(
		on("second-vault/BackupVault", "", "LockConfiguration.MinRetentionDays 35", "DeletionPolicy Retain", "UpdateReplacePolicy Retain"),
		on("second-vault/Key", "", "DeletionPolicy Retain", "UpdateReplacePolicy Retain"),
		on("second-vault/BackupAlias", "", "DeletionPolicy Retain", "UpdateReplacePolicy Retain")),
	"the role that deletes expired copies stays with them": {"data/BackupCopyRole DeletionPolicy Retain", "data/BackupCopyRolePolicy DeletionPolicy Retain"},
}

var auditPromises = map[string][]string{
	"changes to the files of the trail show": on(trail, "", "EnableLogFileValidation true"),
	"the trail records the whole account":    on(trail, "", "IsLogging true", "IsMultiRegionTrail true", "IncludeGlobalServiceEvents true"),
	"the trail waits for its permissions": append(on(trail, "",
		"S3BucketName TrailBucket", "after TrailBucketPolicy", "after TrailLogRolePolicy"),
		"audit/TrailBucketPolicy Bucket TrailBucket"),
	"the trail writes to a log group, too": on(trail, "", "CloudWatchLogsLogGroupArn TrailLogs.Arn", "CloudWatchLogsRoleArn TrailLogRole.Arn"),
	// A file that expires is a version that another took the place of: with as many
	// days again it would be kept twice as long. A locked version stays until its lock is over.
	"audit records are not kept twice as long": {
		"audit/TrailBucket LifecycleConfiguration.Rules.NoncurrentVersionExpiration.NoncurrentDays 30",
		"audit/ConfigBucket LifecycleConfiguration.Rules.NoncurrentVersionExpiration.NoncurrentDays 365",
	},
	"Security Hub checks the configured standards only": slices.Concat(
		on(hub, "", "EnableDefaultStandards false", "ControlFindingGenerator SECURITY_CONTROL"),
		// There are no standards without the hub, and no data in one that did not wait for Config.
		on(standard, "after ", "SecurityHub", "ConfigRecorder", "ConfigChannel"),
		on("audit/SecurityHubfoundational", "StandardsArn arn:aws:securityhub:eu-north-1::standards/", "aws-foundational-security-best-practices/v/1.0.0"),
		on("audit/SecurityHubcis30", "StandardsArn arn:aws:securityhub:eu-north-1::standards/", "cis-aws-foundations-benchmark/v/3.0.0"),
	),
	// Either order makes CloudFormation wait for ever: the one starts when both are there.
	"recorder and channel do not wait for each other": {recorder + " no after", channel + " no after ConfigRecorder"},
	"AWS Config records everything with its service-linked role": on(recorder, "", "RecordingGroup.AllSupported true",
		"RecordingGroup.IncludeGlobalResourceTypes true",
		"RoleARN arn:aws:iam::ACCOUNT:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"),
	// AWS tries to write at once, and the recorder that stays could not write without the policy.
	"AWS Config has a bucket of its own": append(on(channel, "", "S3BucketName ConfigBucket", "after ConfigBucketPolicy"),
		on("audit/ConfigBucketPolicy", "", "Bucket ConfigBucket", "DeletionPolicy Retain")...),
	"access from outside the account is analyzed": {analyzer + " Type ACCOUNT"},
	"every image is scanned again when a vulnerability becomes known": on(inspector, "", "ScanType ENHANCED",
		"Rules.ScanFrequency CONTINUOUS_SCAN", "Rules.RepositoryFilters.Filter *", "Rules.RepositoryFilters.FilterType WILDCARD"),
}

var responsePromises = map[string][]string{
	// Without the zero there is no metric while nothing happens, and no line in the chart.
	"every metric filter counts one or zero": on(metricFilter, "MetricTransformations.", "MetricValue 1", "DefaultValue 0"),
	// A name cannot be replaced, and a deploy that tries fails. Inline scripts are documented for YAML only.
	"a changed runbook becomes a new version": on(document, "", "DocumentType Automation", "DocumentFormat YAML", "UpdateMethod NewVersion"),
	"the default security group is closed every day, by AWS's runbook": append(
		on("response/DefaultGroupDailyRule", "", "ScheduleExpression rate(1 day)", "no State",
			"Targets.Arn arn:aws:ssm:eu-north-1::automation-definition/"+removeRules+":$DEFAULT"),
		`response/DefaultGroupDailyRule Targets.Input {"AutomationAssumeRole":["DefaultGroupRole.Arn"],"GroupId":["NetworkVpc.DefaultSecurityGroup"]}`),
	// A task that missed a rotation cannot open a connection. A check that stopped must not look like one that finds nothing.
	"tasks with an old password raise an alarm, and so does a missing check": append(
		on("monitoring/TasksWithOldSecret", "", "Statistic Maximum", "Period 3600", "EvaluationPeriods 3", "Threshold 1",
			"ComparisonOperator GreaterThanOrEqualToThreshold", "TreatMissingData breaching"),
		on("response/SecretAgeHourlyRule", "", "ScheduleExpression rate(1 hour)",
			"Targets.Arn arn:aws:ssm:eu-north-1:ACCOUNT:automation-definition/CheckSecretAge:$DEFAULT")...),
	// Running tasks keep the old password, which no longer opens a connection.
	"a rotated password replaces the tasks": append(on("response/RotationSucceededRule", "", "no State",
		"Targets.Arn arn:aws:ssm:eu-north-1:ACCOUNT:automation-definition/ReplaceTasks:$DEFAULT"),
		on("response/RotationSucceededRule", "EventPattern.detail.", rotationOfTheSecret, "eventName RotationSucceeded")...),
	"failed rotations and deployments notify": {
		"response/RotationFailed Targets.Arn AlarmsTopic", "response/RotationFailed EventPattern.detail." + rotationOfTheSecret,
		"monitoring/DeploymentFailed Targets.Arn AlarmsTopic", "monitoring/DeploymentFailed EventPattern.resources ApiService",
	},
	"a role of people is taken for an hour": {
		"iam/Operator MaxSessionDuration 3600", "iam/Approver MaxSessionDuration 3600",
	},
	"evidence could be locked where it is not, once it is retained": {"response/Evidence ObjectLockEnabled true"},
}

const rotationOfTheSecret = "additionalEventData.SecretId DatabaseSecretAttachment"

var webACLPromises = map[string][]string{
	"no web ACL is of CloudFront's scope, which only us-east-1 has": {webACL + " Scope REGIONAL"},
	// WAF does not find a load balancer that was only just made.
	"the web ACL is in front of the load balancer once it listens": on("AWS::WAFv2::WebACLAssociation", "",
		"ResourceArn IngressLoadBalancer", "WebACLArn Firewall.Arn", "after IngressLoadBalancerListenerHTTP"),
	// The client of the connection is CloudFront: its country says nothing.
	"each request is labelled with the viewer's country": on(webACL, "Rules.Statement.GeoMatchStatement.ForwardedIPConfig.",
		"HeaderName True-Client-IP", "FallbackBehavior NO_MATCH"),
	// Of X-Forwarded-For the web ACL would read the first address, which a viewer may have written.
	"the rate limit is by an address that the viewer cannot write": on(webACL, "Rules.Statement.RateBasedStatement.", "Limit 2000",
		"EvaluationWindowSec 300", "AggregateKeyType FORWARDED_IP", "ForwardedIPConfig.HeaderName True-Client-IP",
		"ForwardedIPConfig.FallbackBehavior MATCH"),
	// An address that cannot be read matches nothing: an empty list must block nobody.
	"addresses are blocked by the header that the rate limit reads": on(webACL, "Rules.Statement.OrStatement.Statements."+
		"IPSetReferenceStatement.IPSetForwardedIPConfig.", "HeaderName True-Client-IP", "FallbackBehavior NO_MATCH", "Position FIRST"),
	// Foreign requests would fill the log, and show an invented address there.
	"the log of the web ACL leaves foreign requests out": on("AWS::WAFv2::LoggingConfiguration", "LoggingFilter.", "DefaultBehavior KEEP",
		"Filters.Behavior DROP", "Filters.Requirement MEETS_ALL", "Filters.Conditions.LabelNameCondition.LabelName Firewall.LabelNamespaceforeign"),
	"the web ACL logs to its group": append(on("AWS::WAFv2::LoggingConfiguration", "",
		"ResourceArn Firewall.Arn", "LogDestinationConfigs FirewallLogs.Arn"),
		"compute/FirewallLogs LogGroupName aws-waf-logs-PROJECT-SUFFIX"),
}
