package test

import (
	"slices"
	"testing"
)

// promisedIn are the settings that keep a promise in the environments: SUBJECT
// PATH VALUE, SUBJECT no PATH, or SUBJECT is absent. The subject is a type, or a stack and an ID
// without its hash. The rest is as in settings.golden, which lists all others too.
// Each resource of the subject has the setting.
type promisedIn struct {
	environments func(*testing.T) []*environment
	settings     map[string][]string
}

var promisedSettings = []promisedIn{
	{allEnvironments, networkPromises},
	{allEnvironments, taskPromises},
	{allEnvironments, edgePromises},
	{allEnvironments, databasePromises},
	{filedEnvironments, auditPromises},
	{allEnvironments, responsePromises},
	{only(reference, "dev"), disposablePromises},
	{only(reference, "staging", "prod"), keptPromises},
	{made(customerManagedKeysDev), map[string][]string{
		"keys go with what they encrypt, but for that of the trail": append(
			each(keysOfStacks, "DeletionPolicy Delete"), each(keysOfStacks, "PendingWindowInDays 7")...),
	}},
	// A second one is refused by AWS.
	{together(only(reference, "dev", "staging"), only(shortLived, "prod")), map[string][]string{
		"other environments rely on production's detection": each(detection, absent),
	}},
	// AWS refuses a sixth trail in a region, too.
	{only(shortLived, "dev", "prod"), map[string][]string{"a short-lived environment has no trail": {trail + " " + absent}}},
	{together(made(unusualDev), only(reference, "prod")), map[string][]string{
		"destroying its owner stops no detection": append(
			each(detection, "DeletionPolicy RetainExceptOnCreate"), each(detection, "UpdateReplacePolicy Retain")...),
	}},
	{made(inspectorOnlyDev), map[string][]string{
		"an environment that owns anything has an audit stack": {inspector + " ScanType ENHANCED", trail + " " + absent},
	}},
	{together(only(shortLived, "prod"), only(reference, "dev")), map[string][]string{
		"disposable environments have no backups": each([]string{"AWS::Backup::BackupVault", "AWS::Backup::BackupPlan",
			"AWS::Backup::BackupSelection", "AWS::Backup::RestoreTestingPlan", "AWS::Backup::RestoreTestingSelection"}, absent),
	}},
	// ACM would wait for a person, and the deployment for ACM.
	{together(allEnvironments, made(domainProd, vpcOriginProdWithoutCertificate)), map[string][]string{
		"without a zone there is no certificate and no record": each([]string{certificate, record}, absent),
	}},
	{together(allEnvironments, only(shortLived, "prod"), made(domainProd)), map[string][]string{
		"Shield Advanced and a VPC origin are only where they are configured": each([]string{protection, vpcOrigin}, absent),
	}},
	{only(reference, "staging", "prod"), webACLPromises},
	{environmentsBehindCloudFront, originHeaderPromises},
	{together(only(reference, "staging"), made(tunedProd)), map[string][]string{
		// CloudFormation writes a set as a whole: one that it has no reason to write keeps the addresses
		// that a runbook put into it. So nothing in it depends on a setting, and it has no tag.
		"deploying keeps blocked addresses": slices.Concat(
			on("AWS::WAFv2::IPSet", "", "Scope REGIONAL", "Description Blocked by a runbook", "no Addresses", "no Tags"),
			on("compute/FirewallBlockedIPv4", "", "Name PROJECT-SUFFIX-blocked-ipv4", "IPAddressVersion IPV4"),
			on("compute/FirewallBlockedIPv6", "", "Name PROJECT-SUFFIX-blocked-ipv6", "IPAddressVersion IPV6"),
		),
	}},
	{only(reference, "staging", "prod"), listenerPromises("IngressLoadBalancerListenerHTTP")},
	{made(domainProd, hostedZoneProd, vpcOriginProd), listenerPromises("IngressLoadBalancerListenerHTTPS")},
	{only(reference, "prod"), map[string][]string{
		// A reader in a later tier does not grow with the writer.
		"the reader is ready to take over": {
			"data/DatabaseClusterWriter PromotionTier 0", "data/DatabaseClusterReader1 PromotionTier 1",
		},
		"the probe asks as viewers do":                          on(healthCheck, "HealthCheckConfig.", "Type HTTPS", "FullyQualifiedDomainName EdgeDistribution.DomainName"),
		"without a list of countries every country is answered": {distribution + " no DistributionConfig.Restrictions"},
	}},
	{only(reference, "dev"), map[string][]string{
		"without access logs everybody is answered, with the header or not": slices.Concat(
			on(listener, "DefaultActions.", "Type forward", "TargetGroupArn IngressTasks"),
			on(distribution, "no DistributionConfig.", "Logging"),
		),
		"CloudFront sends the secret before the load balancer asks for it": {
			distribution + " DistributionConfig.Origins.OriginCustomHeaders.HeaderValue " + originHeader,
		},
		// ECS refuses a target group that no listener uses yet.
		"the service waits for the listener": {service + " after IngressLoadBalancerListenerHTTP"},
	}},
	{made(domainProd, hostedZoneProd), domainPromises},
	{made(domainProd), map[string][]string{
		"the listener has the certificate of the file": {listener + " Certificates.CertificateArn " + originCertificate},
	}},
	{made(hostedZoneProd, vpcOriginProd), zonePromises},
	{made(hostedZoneProd), map[string][]string{
		"Shield Advanced protects a load balancer with a public address": on("compute/ShieldLoadBalancer", "",
			"Name PROJECT-SUFFIX-load-balancer", "ResourceArn IngressLoadBalancer"),
	}},
	{made(vpcOriginProd, vpcOriginProdWithoutCertificate), vpcOriginPromises},
	{made(vpcOriginProd), map[string][]string{
		"with a certificate CloudFront connects by HTTPS, where the load balancer listens": slices.Concat(
			on(vpcOrigin, "VpcOriginEndpointConfig.", "OriginProtocolPolicy https-only", "HTTPSPort 443", "Name PROJECT-SUFFIX-https"),
			[]string{vpcOrigin + " after IngressLoadBalancerListenerHTTPS"},
			on(listener, "", "Protocol HTTPS", "Port 443"),
			on(distribution, "DistributionConfig.Origins.", "DomainName origin.example.com", "VpcOriginConfig.VpcOriginId EdgeVpcOriginHttps.Id",
				"VpcOriginConfig.OriginReadTimeout 30"),
		),
		"interface endpoints are in the private subnets, and open to nobody by themselves": slices.Concat(
			endpointPromises("NetworkVpcecrapi", "ecr.api"), endpointPromises("NetworkVpcsecretsmanager", "secretsmanager"),
			on("network/NetworkEndpoints", "", "no SecurityGroupIngress"),
		),
		"access logs are kept as long as configured": {"data/LogBucket" + ninetyDays, "data/EdgeLogBucket" + ninetyDays},
	}},
	{made(vpcOriginProdWithoutCertificate), map[string][]string{
		"without a certificate CloudFront connects by HTTP, where the load balancer listens": slices.Concat(
			on(vpcOrigin, "VpcOriginEndpointConfig.", "OriginProtocolPolicy http-only", "HTTPPort 80", "Name PROJECT-SUFFIX-http"),
			[]string{vpcOrigin + " after IngressLoadBalancerListenerHTTP"},
			on(listener, "", "Protocol HTTP", "Port 80"),
			on(distribution, "DistributionConfig.Origins.", "DomainName IngressLoadBalancer.DNSName", "VpcOriginConfig.VpcOriginId EdgeVpcOriginHttp.Id",
				"VpcOriginConfig.OriginReadTimeout 60"),
		),
	}},
	{made(unusualProd), map[string][]string{
		"an image of one's own runs its own command": on(taskDefinition, "no ContainerDefinitions.", "Command", "EntryPoint"),
		"only listed countries are answered": on(distribution, "DistributionConfig.Restrictions.GeoRestriction.",
			"RestrictionType whitelist", "Locations SE"),
	}},
	{made(tunedProd), map[string][]string{
		"standards wait for Config only where it is created, too": append(
			on(standard, "", "after SecurityHub", "no after ConfigRecorder", "no after ConfigChannel"), recorder+" "+absent),
		"the rate limit is the configured one":      {webACL + " Rules.Statement.RateBasedStatement.Limit 100"},
		"the origin may take as long as configured": {distribution + " DistributionConfig.Origins.CustomOriginConfig.OriginReadTimeout 60"},
		"maintenance and backup come when the file says": on("AWS::RDS::DBCluster", "",
			"PreferredMaintenanceWindow sun:22:00-sun:22:30", "PreferredBackupWindow 22:30-23:00"),
		"parameters of PostgreSQL are the file's, but not those of the log": on("AWS::RDS::DBClusterParameterGroup", "Parameters.",
			"statement_timeout 30000", "random_page_cost 1.1", "log_connections 1"),
	}},
	{made(ownImageDev), map[string][]string{
		"an image of one's own runs on its architecture": on(taskDefinition, "", "ContainerDefinitions.Image "+sharedImage,
			"Cpu 512", "Memory 1024", "RuntimePlatform.CpuArchitecture ARM64"),
		"the service grows with the configured use of CPU and requests": {
			"compute/ApiServiceTaskCountTargetCPU TargetTrackingScalingPolicyConfiguration.TargetValue 45",
			"compute/ApiServiceTaskCountTargetRequests TargetTrackingScalingPolicyConfiguration.TargetValue 321",
		},
	}},
	{made(canaryProd), releasePromises},
	{made(customerManagedKeysDev), map[string][]string{
		"the trail's files stay readable where nothing else is kept": {
			"audit/TrailBucket DeletionPolicy Retain", "audit/Key DeletionPolicy Retain", trail + " KMSKeyId Key.Arn",
		},
	}},
	{made(unusualDev), map[string][]string{
		"a zone needs no domain for viewers": {record + " Type A", certificate + " ValidationMethod DNS"},
		"every configured address is subscribed": append(on("AWS::SNS::Subscription", "", "Protocol email", "TopicArn AlarmsTopic"),
			"monitoring/AlarmsTopicfirstexamplecom Endpoint first@example.com", "monitoring/AlarmsTopicsecondexamplecom Endpoint second@example.com"),
		"unused access is analyzed where asked for": slices.Concat(
			on("audit/AccessAnalyzerExternal", "", "Type ACCOUNT"),
			on("audit/AccessAnalyzerUnused", "", "Type ACCOUNT_UNUSED_ACCESS", "AnalyzerConfiguration.UnusedAccessConfiguration.UnusedAccessAge 90"),
		),
	}},
	{made(secondRegionProd), secondRegionPromises},
}

const ninetyDays = " LifecycleConfiguration.Rules.ExpirationInDays 90"

var keysOfStacks = []string{"compute/Key", "data/Key", "monitoring/Key", "network/Key"}

var edgePromises = map[string][]string{
	"the load balancer is in the public subnets, in its own group": on(loadBalancer, "", "Scheme internet-facing",
		"Subnets NetworkVpcPublicSubnet1Subnet", "Subnets NetworkVpcPublicSubnet2Subnet", "SecurityGroups LoadBalancer.GroupId",
		"SecurityGroups LoadBalancerHTTPS.GroupId"),
	"the load balancer drops invalid headers": on(loadBalancer, "LoadBalancerAttributes.", "routing.http.drop_invalid_header_fields.enabled true"),
	"access logs go to the log bucket under one prefix": on(loadBalancer, "LoadBalancerAttributes.access_logs.s3.",
		"enabled true", "prefix alb-access-logs", "bucket LogBucket"),
	"without a certificate CloudFront connects by HTTP, where the load balancer listens": slices.Concat(
		on(distribution, "DistributionConfig.Origins.", "DomainName IngressLoadBalancer.DNSName",
			"CustomOriginConfig.OriginProtocolPolicy http-only", "CustomOriginConfig.HTTPPort 80"),
		on(listener, "", "Protocol HTTP", "Port 80"),
	),
	"without a domain there is no alias":       on(distribution, "no DistributionConfig.", "Aliases", "ViewerCertificate"),
	"a task is healthy only if it answers 200": on(targetGroup, "", "Matcher.HttpCode 200", "TargetType ip", "Protocol HTTP"),
	"a stopping task finishes its requests":    on(targetGroup, "TargetGroupAttributes.", "deregistration_delay.timeout_seconds 30"),
	"viewers are redirected to HTTPS": on(distribution, "DistributionConfig.DefaultCacheBehavior.",
		"ViewerProtocolPolicy redirect-to-https"),
	"no answer is cached (the policy CachingDisabled)": on(distribution, "DistributionConfig.DefaultCacheBehavior.",
		"CachePolicyId 4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
	"every request reaches the API whole (the policy AllViewerExceptHostHeader)": on(distribution, "DistributionConfig.DefaultCacheBehavior.",
		"OriginRequestPolicyId b689b0a8-53d0-40ab-baf2-68738e2966ac",
		"AllowedMethods DELETE", "AllowedMethods PATCH", "AllowedMethods POST", "AllowedMethods PUT"),
	"answers have security headers": append(on("AWS::CloudFront::ResponseHeadersPolicy", "ResponseHeadersPolicyConfig.SecurityHeadersConfig.",
		"ContentSecurityPolicy.ContentSecurityPolicy default-src 'none'; frame-ancestors 'none'", "ContentSecurityPolicy.Override true",
		"ContentTypeOptions.Override true", "FrameOptions.FrameOption DENY", "FrameOptions.Override true",
		"ReferrerPolicy.ReferrerPolicy no-referrer", "ReferrerPolicy.Override true",
		"StrictTransportSecurity.AccessControlMaxAgeSec 3.1536e+07", "StrictTransportSecurity.IncludeSubdomains true",
		"StrictTransportSecurity.Override true"),
		distribution+" DistributionConfig.DefaultCacheBehavior.ResponseHeadersPolicyId EdgeSecurityHeaders"),
	"a function overwrites what viewers say of themselves": append(on(distribution, "DistributionConfig.DefaultCacheBehavior.FunctionAssociations.",
		"EventType viewer-request", "FunctionARN EdgeViewerAddress.FunctionARN"), "AWS::CloudFront::Function Name PROJECT-SUFFIX-viewer-address"),
}

// What CloudFront sends to the load balancer is made by Secrets Manager: no
// template has it, and no person chose it.
var originHeaderPromises = map[string][]string{
	"the load balancer refuses requests without the secret": slices.Concat(
		on(listener, "DefaultActions.", "Type fixed-response", "FixedResponseConfig.StatusCode 403"),
		on(listenerRule, "", "Actions.Type forward", "Actions.TargetGroupArn IngressTasks",
			"Conditions.Field http-header", "Conditions.HttpHeaderConfig.HttpHeaderName X-Origin-Verify",
			"Conditions.HttpHeaderConfig.Values "+originHeader),
	),
	"CloudFront sends the secret": on(distribution, "DistributionConfig.Origins.OriginCustomHeaders.",
		"HeaderName X-Origin-Verify", "HeaderValue "+originHeader),
	"the secret is generated": append(on("compute/OriginSecretVersion1", "GenerateSecretString.",
		"PasswordLength 32", "ExcludePunctuation true"),
		"compute/OriginSecretVersion1 no SecretString"),
	"the web ACL accepts a value before CloudFront sends it": on(distribution, "", "after Firewall"),
	"CloudFront logs without cookies into a bucket of the region": on(distribution, "DistributionConfig.Logging.",
		"Bucket EdgeLogBucket.RegionalDomainName", "IncludeCookies false"),
}

// requestsOfBoth is where autoscaling has the metrics of both target groups.
const requestsOfBoth = "compute/ApiServiceTaskCountTargetRequests TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics."

// What ECS changes at a deployment depends on no setting, so that CloudFormation never
// writes it again.
var releasePromises = map[string][]string{
	"a canary waits, and an alarm takes it back": on(service, "DeploymentConfiguration.", "Strategy CANARY",
		"CanaryConfiguration.CanaryPercent 5", "CanaryConfiguration.CanaryBakeTimeInMinutes 20",
		"BakeTimeInMinutes 30", "Alarms.Enable true", "Alarms.Rollback true"),
	"ECS shifts requests by the rule of the listener": append(on(service, "LoadBalancers.", "TargetGroupArn IngressTasks",
		"AdvancedConfiguration.AlternateTargetGroupArn IngressAlternateTasks",
		"AdvancedConfiguration.ProductionListenerRule IngressLoadBalancerListenerHTTPFromCloudFrontRule",
		"AdvancedConfiguration.RoleArn IngressShiftingRole.Arn"),
		service+" after IngressShiftingRolePolicy", service+" no LoadBalancers.AdvancedConfiguration.TestListenerRule"),
	"the rule depends on no setting": on(listenerRule, "", "Conditions.Field path-pattern", "Conditions.PathPatternConfig.Values /*",
		"Actions.Type forward", "Actions.ForwardConfig.TargetGroups.Weight 100", "Actions.ForwardConfig.TargetGroups.Weight 0"),
	"autoscaling counts the requests to both groups": {
		"compute/ApiServiceTaskCountTargetRequests no TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification",
		requestsOfBoth + "MetricStat.Metric.MetricName RequestCountPerTarget",
		requestsOfBoth + "ReturnData true", requestsOfBoth + "ReturnData false",
	},
	"an alarm counts the healthy tasks of both groups": on("monitoring/TooFewTasks", "Metrics.", "Expression IF(one > other, one, other)",
		"Expression FILL(first, 0)", "Expression FILL(alternate, 0)"),
}

// listenerPromises are about a listener behind CloudFront, by its ID without the hash.
func listenerPromises(id string) map[string][]string {
	return map[string][]string{
		"the listener's rule forwards":                                          {listenerRule + " ListenerArn " + id},
		"the load balancer accepts a value before CloudFront sends it":          {distribution + " after " + id + "FromCloudFrontRule"},
		"the load balancer listens, and is reached, before CloudFront connects": {distribution + " after " + id, listener + " after ViewersToLoadBalancer"},
		"the service waits for the rule that forwards":                          {service + " after " + id + "FromCloudFrontRule"},
	}
}

const originHeader = "{{resolve:secretsmanager:OriginSecretVersion1:SecretString:::}}"

var domainPromises = map[string][]string{
	"with a certificate the only listener is HTTPS of TLS 1.2 or newer": on(listener, "",
		"Protocol HTTPS", "Port 443", "SslPolicy ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
	"with a certificate CloudFront connects by HTTPS under the origin's name": on(distribution, "DistributionConfig.Origins.",
		"DomainName origin.example.com", "CustomOriginConfig.OriginProtocolPolicy https-only", "CustomOriginConfig.OriginSSLProtocols TLSv1.2",
		"CustomOriginConfig.HTTPSPort 443"),
	"with a domain the probe asks there": {healthCheck + " HealthCheckConfig.FullyQualifiedDomainName api.example.com"},
	"a domain needs TLS 1.2 and its certificate": on(distribution, "DistributionConfig.", "Aliases api.example.com",
		"ViewerCertificate.AcmCertificateArn "+viewerCertificate, "ViewerCertificate.MinimumProtocolVersion TLSv1.2_2021",
		"ViewerCertificate.SslSupportMethod sni-only"),
}

var zonePromises = map[string][]string{
	"Shield Advanced protects the distribution": on("compute/ShieldDistribution", "",
		"Name PROJECT-SUFFIX-distribution", "ResourceArn arn:aws:cloudfront::ACCOUNT:distribution/EdgeDistribution"),
	"the origin's certificate is validated in the zone": append(on(certificate, "", "DomainName origin.example.com", "ValidationMethod DNS",
		"DomainValidationOptions.DomainName origin.example.com", "DomainValidationOptions.HostedZoneId Z0123456789"),
		listener+" Certificates.CertificateArn OriginCertificate513e28e1"),
	"the origin's name exists before CloudFront connects to it": {distribution + " after OriginAliasA"},
	// The load balancer has no IPv6 address for a record of that kind.
	"domains lead to CloudFront and the load balancer": slices.Concat(
		on(record, "", "HostedZoneId Z0123456789"),
		on("compute/OriginAliasA", "", "Name origin.example.com", "Type A", "AliasTarget.DNSName IngressLoadBalancer.DNSName",
			"AliasTarget.HostedZoneId IngressLoadBalancer.CanonicalHostedZoneID"),
		on("compute/ViewerAliasA", "", "Name api.example.com", "Type A", toCloudFront, cloudFrontsZone),
		on("compute/ViewerAliasAAAA", "", "Name api.example.com", "Type AAAA", toCloudFront, cloudFrontsZone),
	),
}

const (
	toCloudFront    = "AliasTarget.DNSName EdgeDistribution.DomainName"
	cloudFrontsZone = "AliasTarget.HostedZoneId Z2FDTNDATAQYW2"
)

var vpcOriginPromises = map[string][]string{
	"behind a VPC origin the load balancer has no public address": on(loadBalancer, "", "Scheme internal", "Subnets NetworkVpcPrivateSubnet1Subnet",
		"Subnets NetworkVpcPrivateSubnet2Subnet", "Subnets NetworkVpcPrivateSubnet3Subnet"),
	"requests take the VPC origin": {distribution + " no DistributionConfig.Origins.CustomOriginConfig", vpcOrigin + " VpcOriginEndpointConfig.Arn IngressLoadBalancer"},
	// CloudFront refuses to change a VPC origin that a distribution uses, its tags too.
	// Another protocol therefore takes another one, under another name.
	"a VPC origin is never changed": {vpcOrigin + " no Tags"},
	// CloudFront's own choice is the viewer's protocol, and TLS 1.0.
	"CloudFront connects by TLS 1.2": {vpcOrigin + " VpcOriginEndpointConfig.OriginSSLProtocols TLSv1.2"},
	// Destroying goes the other way round: a VPC origin that outlives its load
	// balancer keeps interfaces in the subnets.
	"a VPC origin is made after the load balancer": {vpcOrigin + " after IngressLoadBalancer"},
}
