package review

// Types that several rules are about.
const (
	bucket       = "AWS::S3::Bucket"
	cluster      = "AWS::RDS::DBCluster"
	instance     = "AWS::RDS::DBInstance"
	parameters   = "AWS::RDS::DBClusterParameterGroup"
	task         = "AWS::ECS::TaskDefinition"
	balancer     = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	listener     = "AWS::ElasticLoadBalancingV2::Listener"
	distribution = "AWS::CloudFront::Distribution"
	trail        = "AWS::CloudTrail::Trail"
	alarm        = "AWS::CloudWatch::Alarm"
	repository   = "AWS::ECR::Repository"
	logGroup     = "AWS::Logs::LogGroup"
	plan         = "AWS::Backup::BackupPlan"
	vault        = "AWS::Backup::BackupVault"
)

// rules are what protects, type by type. A control of Security Hub is the source where it
// asks for the same: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-controls-reference.html
var rules = append([]rule{
	{cluster, "StorageEncrypted", "false", leaves("true"), "storage is not encrypted", "RDS.27", ""},
	{cluster, "KmsKeyId", "", vanishes, "storage is not encrypted with a key of yours",
		"https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html", ""},
	{cluster, "DeletionProtection", "false", leaves("true"), "the database may be deleted", "RDS.7", ""},
	{cluster, "BackupRetentionPeriod", "1", sinks(), "backups are kept for fewer days", "RDS.50", ""},
	{cluster, "DeleteAutomatedBackups", "true", leaves("false"), "backups are deleted with the database", "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.Retaining.html", ""},
	{cluster, "EnableIAMDatabaseAuthentication", "false", leaves("true"), "nobody can log in with IAM", "RDS.12", ""},
	{cluster, "EnableCloudwatchLogsExports", "", shrinks, "fewer logs are exported", "RDS.37", ""},
	{parameters, "Parameters/rds.force_ssl", "0", leaves("1"), "the database takes connections without TLS",
		"https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html", ""},
	{parameters, "Parameters/pgaudit.log", "none", wordsLost, "the database logs fewer statements",
		"https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Appendix.PostgreSQL.CommonDBATasks.pgaudit.html", ""},
	{parameters, "Parameters/log_connections", "0", leaves("1", "on"), "the database does not log connections",
		"https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_LogAccess.Concepts.PostgreSQL.html", ""},
	{instance, "StorageEncrypted", "false", leaves("true"), "storage is not encrypted", "RDS.3", ""},
	{instance, "DeletionProtection", "false", leaves("true"), "the database may be deleted", "RDS.8", ""},
	{instance, "BackupRetentionPeriod", "1", sinks(), "backups are kept for fewer days", "RDS.11", ""},
	{instance, "AutoMinorVersionUpgrade", "true", leaves("true"), "fixes of the engine are not installed", "RDS.13", ""},
	{instance, "EnablePerformanceInsights", "false", leaves("true"), "the load is not recorded", "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_PerfInsights.html", ""},
	{instance, "MonitoringInterval", "0", becomes("0"), "the operating system is not monitored", "RDS.6", ""},

	{bucket, "BucketEncryption/ServerSideEncryptionConfiguration/[Default]/ServerSideEncryptionByDefault/SSEAlgorithm", "AES256",
		leaves("aws:kms", "aws:kms:dsse"),
		"objects are not encrypted with KMS", "S3.17", ""},
	{bucket, "VersioningConfiguration/Status", "Suspended", leaves("Enabled"), "what is overwritten or deleted is lost", "S3.14", ""},
	{bucket, "LoggingConfiguration", "", vanishes, "access is not logged", "S3.9", ""},
	{bucket, "ObjectLockConfiguration/Rule/DefaultRetention/Mode", "", sinks("GOVERNANCE", "COMPLIANCE"),
		"objects can be deleted earlier", "S3.15", ""},
	{bucket, "ObjectLockConfiguration/Rule", "", vanishes, "objects are not locked", "S3.15", ""},
	{bucket, "ObjectLockConfiguration/Rule/DefaultRetention/Days", "0", sinks(), "objects are locked for fewer days", "S3.15", ""},
	{bucket, "ObjectLockConfiguration/Rule/DefaultRetention/Years", "0", sinks(), "objects are locked for fewer years", "S3.15", ""},
	{bucket, "LifecycleConfiguration/Rules/[Id]/ExpirationInDays", "", sinks(), "objects are kept for fewer days", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html", ""},
	{bucket, "LifecycleConfiguration/Rules/[Id]/NoncurrentVersionExpiration/NoncurrentDays", "", sinks(), "overwritten objects are kept for fewer days", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html", ""},

	{logGroup, "RetentionInDays", "", sinks(), "logs are kept for fewer days", "CloudWatch.16", ""},
	{logGroup, "KmsKeyId", "", vanishes, "logs are not encrypted with a key of yours", "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html", ""},
	{logGroup, "DeletionProtectionEnabled", "false", leaves("true"), "logs may be deleted", "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html", ""},
	{trail, "IsLogging", "false", leaves("true"), "calls of AWS are not recorded", "CloudTrail.3", ""},
	{trail, "IsMultiRegionTrail", "false", leaves("true"), "calls in other regions are not recorded", "CloudTrail.1", ""},
	{trail, "IncludeGlobalServiceEvents", "false", leaves("true"), "calls of IAM are not recorded", "CloudTrail.1", ""},
	{trail, "EnableLogFileValidation", "false", leaves("true"), "records can be changed unnoticed", "CloudTrail.4", ""},
	{trail, "KMSKeyId", "", vanishes, "records are not encrypted with a key of yours", "CloudTrail.2", ""},
	{trail, "CloudWatchLogsLogGroupArn", "", vanishes, "no alarm sees the records", "CloudTrail.5", ""},
	{trail, "AdvancedEventSelectors", "", shrinks, "other events are recorded", "CloudTrail.1", ""},
	{trail, "EventSelectors", "", shrinks, "other events are recorded", "CloudTrail.1", ""},
	{"AWS::EC2::FlowLog", "TrafficType", "ALL", leaves("ALL"), "some connections are not recorded", "EC2.6", ""},
	{"AWS::WAFv2::LoggingConfiguration", "LogDestinationConfigs", "", shrinks, "requests are logged to fewer places", "WAF.11", ""},
	{"AWS::WAFv2::LoggingConfiguration", "LoggingFilter/DefaultBehavior", "KEEP", leaves("KEEP"),
		"fewer requests are logged", "WAF.11", ""},
	{"AWS::GuardDuty::Detector", "Enable", "false", leaves("true"), "threats are not detected", "GuardDuty.1", ""},
	{"AWS::GuardDuty::Detector", "Features/[Name]/Status", "DISABLED", leaves("ENABLED"), "fewer threats are detected",
		"https://docs.aws.amazon.com/securityhub/latest/userguide/guardduty-controls.html", ""},
	{"AWS::Config::ConfigurationRecorder", "RecordingGroup/AllSupported", "true", leaves("true"),
		"fewer resources are recorded", "Config.1", ""},
	{"AWS::Logs::MetricFilter", "FilterPattern", "", differs, "other events are counted", "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html", Unknown},
	{"AWS::Events::Rule", "State", "ENABLED", becomes("DISABLED"), "the rule does nothing", "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-delete-rule.html", ""},

	{plan, "BackupPlan/BackupPlanRule/[RuleName]/Lifecycle/DeleteAfterDays", "", shortens, "recovery points are kept for fewer days", "https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html", ""},
	{plan, "BackupPlan/BackupPlanRule/[RuleName]/CopyActions", "", isFewer, "fewer copies are made", "https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html", ""},
	{plan, "BackupPlan/BackupPlanRule", "", isFewer, "fewer backups are made", "https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html", ""},
	{vault, "LockConfiguration", "", vanishes, "recovery points can be deleted", "https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html", ""},
	{vault, "LockConfiguration/MinRetentionDays", "0", sinks(), "recovery points can be deleted earlier", "https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html", ""},
	{vault, "LockConfiguration/ChangeableForDays", "", vanishes, "the lock stays changeable", "https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html", ""},
	{vault, "EncryptionKeyArn", "", vanishes, "recovery points are not encrypted with a key of yours",
		"https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html", ""},
	{"AWS::DynamoDB::Table", "PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", "false", leaves("true"),
		"no point in time can be restored", "DynamoDB.2", ""},
	{"AWS::DynamoDB::Table", "DeletionProtectionEnabled", "false", leaves("true"), "the table may be deleted", "DynamoDB.6", ""},
	{"AWS::DynamoDB::Table", "SSESpecification/SSEEnabled", "false", leaves("true"), "it is not encrypted with KMS", "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html", ""},

	{"AWS::KMS::Key", "EnableKeyRotation", "false", leaves("true"), "the key is not rotated", "KMS.4", ""},
	{"AWS::KMS::Key", "PendingWindowInDays", "30", sinks(), "a deleted key can be recovered for fewer days", "KMS.3", ""},
	{"AWS::KMS::Key", "Enabled", "true", leaves("true"), "nothing can be decrypted",
		"https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html", ""},
	{"AWS::SecretsManager::RotationSchedule", "RotationRules/AutomaticallyAfterDays", "", rises,
		"the secret is rotated less often", "SecretsManager.4", ""},
	{"AWS::SecretsManager::RotationSchedule", "RotationRules/ScheduleExpression", "", lessOften,
		"the secret is rotated less often", "SecretsManager.4", ""},
	{"AWS::SecretsManager::Secret", "KmsKeyId", "", vanishes, "the secret is not encrypted with a key of yours", "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html", ""},
	{"AWS::SNS::Topic", "KmsMasterKeyId", "", vanishes, "messages are not encrypted with KMS", "SNS.1", ""},
	{"AWS::SQS::Queue", "KmsMasterKeyId", "", vanishes, "messages are not encrypted with KMS", "SQS.1", ""},
	{"AWS::SQS::Queue", "SqsManagedSseEnabled", "true", leaves("true"), "messages are not encrypted", "SQS.1", ""},
	{"AWS::EC2::Volume", "Encrypted", "false", leaves("true"), "the volume is not encrypted", "EC2.3", ""},
	{"AWS::EFS::FileSystem", "Encrypted", "false", leaves("true"), "files are not encrypted", "EFS.1", ""},
	{"AWS::ElastiCache::ReplicationGroup", "AtRestEncryptionEnabled", "false", leaves("true"), "it is not encrypted", "ElastiCache.4", ""},
	{"AWS::ElastiCache::ReplicationGroup", "TransitEncryptionEnabled", "false", leaves("true"),
		"it takes connections without TLS", "ElastiCache.5", ""},
	{"AWS::OpenSearchService::Domain", "DomainEndpointOptions/EnforceHTTPS", "false", leaves("true"),
		"it takes connections without TLS", "Opensearch.8", ""},
	{"AWS::Cognito::UserPool", "MfaConfiguration", "OFF", sinks("OFF", "OPTIONAL", "ON"), "users need no second factor", "Cognito.5", ""},
	{"AWS::Cognito::UserPool", "DeletionProtection", "INACTIVE", leaves("ACTIVE"), "the users may be deleted", "Cognito.6", ""},

	{repository, "ImageTagMutability", "MUTABLE", becomes("MUTABLE"), "a tag can be moved to another image", "ECR.2", ""},
	{repository, "ImageScanningConfiguration/ScanOnPush", "false", leaves("true"), "images are not scanned", "ECR.1", ""},
	{repository, "EncryptionConfiguration/EncryptionType", "AES256", leaves("KMS", "KMS_DSSE"),
		"images are not encrypted with KMS", "ECR.5", ""},
	{repository, "EmptyOnDelete", "false", becomes("true"), "images are deleted with the repository", "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html", ""},
}, edgeRules...)
