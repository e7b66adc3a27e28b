package review

// viewerPolicies are CloudFront's security policies, from the one that takes the oldest
// TLS: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
var viewerPolicies = []string{
	"SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025",
}

// unblocked is for a block of public access. Where the template has none, AWS blocks
// access to a new bucket, but not to one whose block is taken away:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html
var unblocked = either(leaves("true"), becomes("false"))

// edgeRules are about what stands between the internet and the data: TLS, tasks, public
// addresses.
var edgeRules = []rule{
	{distribution, "DistributionConfig/ViewerCertificate/MinimumProtocolVersion", "TLSv1", sinks(viewerPolicies...),
		"viewers may use an older TLS", "CloudFront.15", ""},
	{distribution, "DistributionConfig/DefaultCacheBehavior/ViewerProtocolPolicy", "", becomes("allow-all"),
		"viewers may come without TLS", "CloudFront.3", ""},
	{distribution, "DistributionConfig/CacheBehaviors/[PathPattern]/ViewerProtocolPolicy", "", becomes("allow-all"),
		"viewers may come without TLS", "CloudFront.3", ""},
	{distribution, "DistributionConfig/Origins/[Id]/CustomOriginConfig/OriginProtocolPolicy", "", leaves("https-only"),
		"CloudFront may call the origin without TLS", "CloudFront.9", ""},
	{distribution, "DistributionConfig/Origins/[Id]/CustomOriginConfig/OriginSSLProtocols", "", takesOlderTLS,
		"CloudFront may call the origin with an older TLS", "CloudFront.10", ""},
	{distribution, "DistributionConfig/Origins/[Id]/OriginAccessControlId", "", vanishes,
		"CloudFront calls the bucket unsigned", "CloudFront.13", ""},
	{distribution, "DistributionConfig/Logging", "", vanishes, "requests are not logged", "CloudFront.5", ""},
	{distribution, "DistributionConfig/WebACLId", "", vanishes, "no web ACL looks at requests", "CloudFront.6", ""},
	{distribution, "DistributionConfig/DefaultCacheBehavior/ResponseHeadersPolicyId", "", vanishes, "browsers get no security headers", "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html", ""},
	{distribution, "DistributionConfig/Restrictions/GeoRestriction/RestrictionType", "none", becomes("none"), "viewers of every country are served", "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/georestrictions.html", ""},

	{listener, "Protocol", "", leaves("HTTPS", "TLS"), "the listener takes connections without TLS", "ELB.18", ""},
	{listener, "SslPolicy", "ELBSecurityPolicy-2016-08", weakerTLS, "clients may use an older TLS or cipher", "ELB.17", ""},
	{listener, "MutualAuthentication/Mode", "off", leaves("verify"), "clients need no certificate", "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html", ""},
	{balancer, "LoadBalancerAttributes/[Key=deletion_protection.enabled]/Value", "false", leaves("true"),
		"the load balancer may be deleted", "ELB.6", ""},
	{balancer, "LoadBalancerAttributes/[Key=access_logs.s3.enabled]/Value", "false", leaves("true"),
		"requests are not logged", "ELB.5", ""},
	{balancer, "LoadBalancerAttributes/[Key=routing.http.drop_invalid_header_fields.enabled]/Value", "false", leaves("true"),
		"invalid headers reach the tasks", "ELB.4", ""},
	{balancer, "LoadBalancerAttributes/[Key=routing.http.desync_mitigation_mode]/Value", "defensive",
		sinks("monitor", "defensive", "strictest"),
		"requests may be smuggled", "ELB.12", ""},
	{"AWS::ElasticLoadBalancingV2::TargetGroup", "Protocol", "", leaves("HTTPS", "TLS"), "targets are called without TLS", "ELB.22", ""},

	{task, "ContainerDefinitions/[Name]/ReadonlyRootFilesystem", "false", leaves("true"),
		"the container may write to its root file system", "ECS.5", ""},
	{task, "ContainerDefinitions/[Name]/Privileged", "false", becomes("true"), "the container is privileged", "ECS.4", ""},
	{task, "ContainerDefinitions/[Name]/User", "root", becomesRoot, "the container runs as root", "ECS.20", ""},
	{task, "ContainerDefinitions/[Name]/LinuxParameters/Capabilities/Drop", "", shrinks, "the container has more capabilities", "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html", ""},
	{task, "ContainerDefinitions/[Name]/LinuxParameters/Capabilities/Add", "", grows, "the container has more capabilities", "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html", ""},
	{task, "ContainerDefinitions/[Name]/LogConfiguration", "", vanishes, "the container does not log", "ECS.9", ""},
	{task, "ContainerDefinitions/[Name]/Secrets", "", namesLost, "what was a secret is none now", "ECS.8", ""},
	{task, "NetworkMode", "", becomes("host"), "containers share the network of the host", "ECS.17", ""},
	{task, "PidMode", "", becomes("host"), "containers see the processes of the host", "ECS.3", ""},
	{"AWS::ECS::Service", "EnableExecuteCommand", "false", becomes("true"), "people may run commands in tasks", "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html", ""},
	{"AWS::ECS::Service", "DeploymentConfiguration/DeploymentCircuitBreaker/Rollback", "false", leaves("true"), "a failed release is not rolled back", "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html", ""},
	{"AWS::ECS::Cluster", "ClusterSettings/[Name=containerInsights]/Value", "disabled", becomes("disabled"),
		"fewer metrics of tasks are recorded", "ECS.12", ""},
	{"AWS::EC2::LaunchTemplate", "LaunchTemplateData/MetadataOptions/HttpTokens", "optional", leaves("required"),
		"instance metadata is read without a token", "EC2.170", ""},

	{"AWS::ECS::Service", "NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp", "DISABLED", becomes("ENABLED"),
		"tasks get public addresses", "ECS.2", Wider},
	{"AWS::EC2::Subnet", "MapPublicIpOnLaunch", "false", becomes("true"), "what is in the subnet gets public addresses", "EC2.15", Wider},
	{"AWS::EC2::EIPAssociation", "AllocationId", "", appears, "it gives something a public address", "EC2.9", Wider},
	{balancer, "Scheme", "internet-facing", becomes("internet-facing"), "the load balancer gets public addresses", "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html", Wider},
	{instance, "PubliclyAccessible", "false", becomes("true"), "the database gets a public address", "RDS.2", Wider},
	{"AWS::Lambda::Url", "AuthType", "NONE", becomes("NONE"), "everybody may call the function",
		"https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html", Wider},
	{"AWS::OpenSearchService::Domain", "VPCOptions", "", vanishes, "the domain is reached from the internet", "Opensearch.2", Wider},
	{bucket, "PublicAccessBlockConfiguration/BlockPublicAcls", "", unblocked, "ACLs may make objects public", "S3.8", Wider},
	{bucket, "PublicAccessBlockConfiguration/IgnorePublicAcls", "", unblocked, "ACLs may make objects public", "S3.8", Wider},
	{bucket, "PublicAccessBlockConfiguration/BlockPublicPolicy", "", unblocked, "a policy may make the bucket public", "S3.8", Wider},
	{bucket, "PublicAccessBlockConfiguration/RestrictPublicBuckets", "", unblocked,
		"a policy may make the bucket public", "S3.8", Wider},
	{bucket, "OwnershipControls/Rules/[Rule]/ObjectOwnership", "",
		either(leaves("BucketOwnerEnforced"), becomes("ObjectWriter", "BucketOwnerPreferred")),
		"ACLs decide who has objects", "S3.12", Wider},
	{bucket, "AccessControl", "Private", becomes("PublicRead", "PublicReadWrite", "AuthenticatedRead", "AwsExecRead"),
		"an ACL lets others in", "S3.12", Wider},
	{bucket, "WebsiteConfiguration", "", appears, "the bucket is a web site",
		"https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html", Wider},
	{"AWS::S3::AccessPoint", "PublicAccessBlockConfiguration/RestrictPublicBuckets", "", unblocked,
		"a policy may make the access point public", "S3.19", Wider},
	{"AWS::EC2::VPCBlockPublicAccessOptions", "InternetGatewayBlockMode", "off", becomes("off"),
		"internet gateways are not blocked", "EC2.172", Wider},
}

// alarmsPage says what alarms are for.
const alarmsPage = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html"

// protecting are types that protect by being there, each with the source.
var protecting = map[string]string{
	"AWS::WAFv2::WebACL":                    "https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html",
	"AWS::WAFv2::WebACLAssociation":         "ELB.16",
	"AWS::WAFv2::LoggingConfiguration":      "WAF.11",
	"AWS::EC2::FlowLog":                     "EC2.6",
	trail:                                   "CloudTrail.1",
	"AWS::GuardDuty::Detector":              "GuardDuty.1",
	"AWS::SecurityHub::Hub":                 "https://docs.aws.amazon.com/securityhub/latest/userguide/what-is-securityhub.html",
	"AWS::SecurityHub::Standard":            "https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html",
	"AWS::Config::ConfigurationRecorder":    "Config.1",
	"AWS::Config::ConfigRule":               "https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config.html",
	"AWS::AccessAnalyzer::Analyzer":         "IAM.28",
	"AWS::CloudWatch::Alarm":                alarmsPage,
	"AWS::CloudWatch::CompositeAlarm":       alarmsPage,
	"AWS::Logs::MetricFilter":               "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html",
	"AWS::Logs::LogGroup":                   "CloudWatch.16",
	"AWS::SecretsManager::RotationSchedule": "SecretsManager.1",
	"AWS::Backup::BackupPlan":               "https://docs.aws.amazon.com/aws-backup/latest/devguide/about-backup-plans.html",
	"AWS::Backup::BackupSelection":          "https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html",
	"AWS::Backup::BackupVault":              "https://docs.aws.amazon.com/aws-backup/latest/devguide/vaults.html",
	"AWS::Shield::Protection":               "https://docs.aws.amazon.com/waf/latest/developerguide/ddos-manage-protected-resources.html",
	"AWS::SNS::Subscription":                "https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html",
	"AWS::Route53::HealthCheck":             "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html",
	"AWS::EC2::VPCBlockPublicAccessOptions": "EC2.172",
}
