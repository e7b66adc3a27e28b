package review_test

import (
	"fmt"

	"catalog-infra/internal/review"
)

func of(kind, properties string) string {
	return fmt.Sprintf(`"R": {"Type": "AWS::%s", "Properties": {%s}}`, kind, properties)
}

// protectionPairs are the pairs of the worsenings, each in both directions.
var protectionPairs = func() map[string]pair {
	all := map[string]pair{}
	for name, c := range map[string]struct{ kind, strong, weak, says string }{
		"rotation of a key":          {"KMS::Key", `"EnableKeyRotation": true`, `"EnableKeyRotation": false`, "EnableKeyRotation from true to false"},
		"rotation, as a text":        {"KMS::Key", `"EnableKeyRotation": "true"`, ``, "the key is not rotated"},
		"retention of logs":          {"Logs::LogGroup", `"RetentionInDays": 365`, `"RetentionInDays": 30`, "from 365 to 30"},
		"retention without end":      {"Logs::LogGroup", ``, `"RetentionInDays": 30`, "from nothing to 30"},
		"a log group's key":          {"Logs::LogGroup", `"KmsKeyId": "arn:aws:kms:eu-north-1:123456789012:key/k"`, ``, "not encrypted with a key of yours"},
		"TLS of CloudFront":          {"CloudFront::Distribution", `"DistributionConfig": {"ViewerCertificate": {"MinimumProtocolVersion": "TLSv1.2_2021"}}`, `"DistributionConfig": {"ViewerCertificate": {"MinimumProtocolVersion": "TLSv1.1_2016"}}`, "an older TLS"},
		"a domain of CloudFront":     {"CloudFront::Distribution", `"DistributionConfig": {"ViewerCertificate": {"MinimumProtocolVersion": "TLSv1.2_2021"}}`, `"DistributionConfig": {"Enabled": true}`, "to TLSv1"},
		"TLS of an origin":           {"CloudFront::Distribution", `"DistributionConfig": {"Origins": [{"Id": "o", "CustomOriginConfig": {"OriginSSLProtocols": ["TLSv1.2"]}}]}`, `"DistributionConfig": {"Origins": [{"Id": "o", "CustomOriginConfig": {"OriginSSLProtocols": ["TLSv1.2", "TLSv1"]}}]}`, "with an older TLS"},
		"TLS of a listener":          {"ElasticLoadBalancingV2::Listener", `"SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"`, `"SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"`, "an older TLS or cipher"},
		"a listener's first policy":  {"ElasticLoadBalancingV2::Listener", `"SslPolicy": "ELBSecurityPolicy-TLS13-1-1-2021-06"`, ``, "to ELBSecurityPolicy-2016-08"},
		"exported logs":              {"RDS::DBCluster", `"DBClusterIdentifier": "d", "EnableCloudwatchLogsExports": ["postgresql", "instance"]`, `"DBClusterIdentifier": "d", "EnableCloudwatchLogsExports": ["postgresql"]`, "fewer logs are exported"},
		"TLS of a database":          {"RDS::DBClusterParameterGroup", `"Parameters": {"rds.force_ssl": "1"}`, `"Parameters": {"rds.force_ssl": "0"}`, "without TLS"},
		"statements that are logged": {"RDS::DBClusterParameterGroup", `"Parameters": {"pgaudit.log": "all"}`, `"Parameters": {"pgaudit.log": "ddl,role"}`, "fewer statements"},
		"commands in tasks":          {"ECS::Service", `"EnableExecuteCommand": false`, `"EnableExecuteCommand": true`, "run commands in tasks"},
		"an attribute":               {"ElasticLoadBalancingV2::LoadBalancer", `"Scheme": "internal", "LoadBalancerAttributes": [{"Key": "access_logs.s3.enabled", "Value": "true"}]`, `"Scheme": "internal", "LoadBalancerAttributes": [{"Key": "other", "Value": "true"}]`, "requests are not logged"},
		"how often a secret rotates": {"SecretsManager::RotationSchedule", `"RotationRules": {"ScheduleExpression": "rate(30 days)"}`, `"RotationRules": {"ScheduleExpression": "rate(90 days)"}`, "rotated less often"},
		"the other way to say so":    {"SecretsManager::RotationSchedule", `"RotationRules": {"AutomaticallyAfterDays": 30}`, `"RotationRules": {"AutomaticallyAfterDays": 31}`, "rotated less often"},
		"a lock of a vault":          {"Backup::BackupVault", `"BackupVaultName": "v", "LockConfiguration": {"MinRetentionDays": 35}`, `"BackupVaultName": "v", "LockConfiguration": {"MinRetentionDays": 7}`, "from 35 to 7"},
		"how long backups are kept":  {"Backup::BackupPlan", `"BackupPlan": {"BackupPlanRule": [{"RuleName": "daily", "Lifecycle": {"DeleteAfterDays": 35}}]}`, `"BackupPlan": {"BackupPlanRule": [{"RuleName": "daily", "Lifecycle": {"DeleteAfterDays": 3}}]}`, "from 35 to 3"},
		"backups":                    {"Backup::BackupPlan", `"BackupPlan": {"BackupPlanRule": [{"RuleName": "daily"}, {"RuleName": "weekly"}]}`, `"BackupPlan": {"BackupPlanRule": [{"RuleName": "daily"}]}`, "fewer backups"},
		"a second factor":            {"Cognito::UserPool", `"MfaConfiguration": "ON"`, `"MfaConfiguration": "OPTIONAL"`, "no second factor"},
		"a lock of objects":          {"S3::Bucket", `"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 9}}}`, `"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 9}}}`, "deleted earlier"},
		"a first expiry":             {"S3::Bucket", `"LifecycleConfiguration": {"Rules": [{"Id": "x", "ExpirationInDays": 9}]}`, `"LifecycleConfiguration": {"Rules": [{"Id": "x", "ExpirationInDays": 9}, {"Id": "y", "ExpirationInDays": 1}]}`, "Rules[y].ExpirationInDays from nothing to 1"},
		"event selectors":            {"CloudTrail::Trail", `"AdvancedEventSelectors": [{"Name": "a"}, {"Name": "b"}]`, `"AdvancedEventSelectors": [{"Name": "a"}]`, "other events"},
		"a read-only root":           {"ECS::TaskDefinition", container(`"ReadonlyRootFilesystem": true`), container(`"Image": "i"`), "write to its root file system"},
		"a user":                     {"ECS::TaskDefinition", container(`"User": "1000:1000"`), container(`"User": "0:1000"`), "runs as root"},
		"the default user":           {"ECS::TaskDefinition", container(`"User": "1000"`), container(`"Image": "i"`), "runs as root"},
		"capabilities":               {"ECS::TaskDefinition", container(`"LinuxParameters": {"Capabilities": {"Drop": ["ALL"]}}`), container(`"LinuxParameters": {"InitProcessEnabled": true}`), "more capabilities"},
		"a secret":                   {"ECS::TaskDefinition", container(`"Secrets": [{"Name": "TOKEN", "ValueFrom": "s"}]`), container(`"Environment": [{"Name": "TOKEN", "Value": "s"}]`), "what was a secret"},
	} {
		all[name+" weakened"] = pair{of(c.kind, c.strong), of(c.kind, c.weak), review.Weaker, c.says}
		all[name+" strengthened"] = pair{of(c.kind, c.weak), of(c.kind, c.strong), "", ""}
	}
	for name, c := range map[string]struct{ kind, closed, open, says string }{
		"a public bucket":      {"S3::Bucket", `"PublicAccessBlockConfiguration": {"BlockPublicPolicy": true}`, `"PublicAccessBlockConfiguration": {"BlockPublicPolicy": false}`, "may make the bucket public"},
		"a public address":     {"ECS::Service", `"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "DISABLED"}}`, `"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED"}}`, "tasks get public addresses"},
		"public addresses":     {"EC2::Subnet", `"MapPublicIpOnLaunch": false`, `"MapPublicIpOnLaunch": true`, "public addresses"},
		"ACLs of a bucket":     {"S3::Bucket", `"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}`, `"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}`, "ACLs decide"},
		"a function's address": {"Lambda::Url", `"AuthType": "AWS_IAM"`, `"AuthType": "NONE"`, "everybody may call"},
	} {
		all[name+" opened"] = pair{of(c.kind, c.closed), of(c.kind, c.open), review.Wider, c.says}
		all[name+" closed"] = pair{of(c.kind, c.open), of(c.kind, c.closed), "", ""}
	}
	const plain = `"T": {"Type": "AWS::SNS::Topic"}`
	all["a new public load balancer"] = pair{plain,
		plain + ", " + of("ElasticLoadBalancingV2::LoadBalancer", ""), review.Wider, "public addresses"}
	all["a bucket without its block"] = pair{of("S3::Bucket", `"PublicAccessBlockConfiguration": {"IgnorePublicAcls": true}`), of("S3::Bucket", ""), review.Wider, "ACLs may make objects public"}
	all["a new bucket without a block"] = pair{plain, plain + ", " + of("S3::Bucket", ""), "", ""}
	all["a filter of a metric"] = pair{of("Logs::MetricFilter", `"FilterPattern": "a"`),
		of("Logs::MetricFilter", `"FilterPattern": "b"`), review.Unknown, "other events"}
	all["a deletion policy weakened"] = pair{policied("Retain"), policied("Delete"), review.Weaker, "DeletionPolicy from Retain to Delete"}
	all["a deletion policy strengthened"] = pair{policied("Delete"), policied("RetainExceptOnCreate"), "", ""}
	all["a deletion policy that keeps as much"] = pair{policied("Retain"), policied("RetainExceptOnCreate"), "", ""}
	return all
}()

func policied(policy string) string {
	return fmt.Sprintf(`"R": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "%s"}`, policy)
}

// container returns the properties of a task definition with one container.
func container(settings string) string {
	return `"ContainerDefinitions": [{"Name": "app", ` + settings + `}]`
}
