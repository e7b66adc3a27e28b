package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// promisedSettings are the settings that keep a promise: TYPE PATH VALUE, with the
// path as in settings.golden, which lists all others too. Each resource of the
// type has the setting, in each environment that has a file.
var promisedSettings = map[string][]string{
	"the names of the VPC's endpoints resolve inside it": {"AWS::EC2::VPC EnableDnsSupport true", "AWS::EC2::VPC EnableDnsHostnames true"},
	"the cluster has Container Insights":                 {"AWS::ECS::Cluster ClusterSettings.Name containerInsights", "AWS::ECS::Cluster ClusterSettings.Value enabled"},
	"tasks have 1 vCPU and 2 GiB on Fargate": {
		taskDefinition + " Cpu 1024", taskDefinition + " Memory 2048", taskDefinition + " NetworkMode awsvpc",
		taskDefinition + " RequiresCompatibilities FARGATE",
		taskDefinition + " RuntimePlatform.CpuArchitecture X86_64", taskDefinition + " RuntimePlatform.OperatingSystemFamily LINUX",
	},
	"tasks listen on port 3000": {
		taskDefinition + " ContainerDefinitions.PortMappings.ContainerPort 3000",
		taskDefinition + " ContainerDefinitions.PortMappings.Protocol tcp",
	},
	"tasks run without privileges": {
		taskDefinition + " ContainerDefinitions.User 1000:1000",
		taskDefinition + " ContainerDefinitions.LinuxParameters.Capabilities.Drop ALL",
	},
	"tasks stop when they are sent a signal": {taskDefinition + " ContainerDefinitions.LinuxParameters.InitProcessEnabled true"},
	"a failed deployment is rolled back without losing tasks": {
		service + " DeploymentConfiguration.DeploymentCircuitBreaker.Enable true",
		service + " DeploymentConfiguration.DeploymentCircuitBreaker.Rollback true",
		service + " DeploymentConfiguration.MinimumHealthyPercent 100", service + " DeploymentConfiguration.MaximumPercent 200",
		service + " HealthCheckGracePeriodSeconds 60",
	},
	"nobody opens a shell in a task": {service + " EnableExecuteCommand false"},

	"no instance is upgraded behind the template":     {"AWS::RDS::DBInstance AutoMinorVersionUpgrade false"},
	"instances are serverless":                        {"AWS::RDS::DBInstance DBInstanceClass db.serverless"},
	"snapshots carry the cluster's tags":              {"AWS::RDS::DBCluster CopyTagsToSnapshot true"},
	"the database accepts IAM authentication":         {"AWS::RDS::DBCluster EnableIAMDatabaseAuthentication true"},
	"the database refuses connections without TLS":    {"AWS::RDS::DBClusterParameterGroup Parameters.rds.force_ssl 1"},
	"the database listens on port 5432":               {"AWS::RDS::DBCluster Engine aurora-postgresql", "AWS::RDS::DBCluster Port 5432"},
	"the password of the database changes in 90 days": {schedule + " RotationRules.ScheduleExpression rate(90 days)"},
	"the database logs connections and changes of schema and roles": {
		"AWS::RDS::DBClusterParameterGroup Parameters.log_connections 1", "AWS::RDS::DBClusterParameterGroup Parameters.log_disconnections 1",
		"AWS::RDS::DBClusterParameterGroup Parameters.shared_preload_libraries pg_stat_statements,pgaudit",
		"AWS::RDS::DBClusterParameterGroup Parameters.pgaudit.log ddl,role",
	},

	"the load balancer drops invalid headers":         {loadBalancer + " LoadBalancerAttributes.routing.http.drop_invalid_header_fields.enabled true"},
	"without a certificate the only listener is HTTP": {listener + " Protocol HTTP", listener + " Port 80"},
	"a task is healthy only if it answers 200": {
		targetGroup + " Matcher.HttpCode 200", targetGroup + " TargetType ip", targetGroup + " Protocol HTTP",
	},
	"a stopping task finishes its requests": {targetGroup + " TargetGroupAttributes.deregistration_delay.timeout_seconds 30"},
	"viewers are redirected to HTTPS":       {distribution + " DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy redirect-to-https"},
	"no answer is cached (the policy CachingDisabled)": {
		distribution + " DistributionConfig.DefaultCacheBehavior.CachePolicyId 4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
	},
	"every request reaches the API whole (the policy AllViewerExceptHostHeader)": {
		distribution + " DistributionConfig.DefaultCacheBehavior.OriginRequestPolicyId b689b0a8-53d0-40ab-baf2-68738e2966ac",
		distribution + " DistributionConfig.DefaultCacheBehavior.AllowedMethods DELETE",
		distribution + " DistributionConfig.DefaultCacheBehavior.AllowedMethods PATCH",
		distribution + " DistributionConfig.DefaultCacheBehavior.AllowedMethods POST",
		distribution + " DistributionConfig.DefaultCacheBehavior.AllowedMethods PUT",
	},
	"no web ACL is of CloudFront's scope, which only us-east-1 has": {webACL + " Scope REGIONAL"},
	"changes to the files of the trail show":                        {trail + " EnableLogFileValidation true"},
	"the trail records the whole account": {
		trail + " IsLogging true", trail + " IsMultiRegionTrail true", trail + " IncludeGlobalServiceEvents true",
	},
}

// configuredSettings are the settings whose value the environment's file decides.
var configuredSettings = map[string]func(config.Config) any{
	"AWS::EC2::VPC CidrBlock":                   func(cfg config.Config) any { return cfg.Network.CIDR },
	service + " LoadBalancers.ContainerPort":    func(cfg config.Config) any { return cfg.Service.Port },
	targetGroup + " HealthCheckPath":            func(cfg config.Config) any { return cfg.Service.HealthCheckPath },
	topicKind + " TopicName":                    func(cfg config.Config) any { return "Automation-" + cfg.Name() }, // SSM asks for approval by no other
	"AWS::CloudFront::Function Name":            func(cfg config.Config) any { return cfg.Name() + "-viewer-address" },
	"AWS::RDS::DBCluster EngineVersion":         func(cfg config.Config) any { return cfg.Database.EngineVersion },
	"AWS::RDS::DBCluster DatabaseName":          func(cfg config.Config) any { return cfg.Database.Name },
	"AWS::RDS::DBCluster MasterUsername":        func(cfg config.Config) any { return cfg.Database.Username },
	"AWS::RDS::DBCluster BackupRetentionPeriod": func(cfg config.Config) any { return cfg.Database.BackupRetentionDays },
	"AWS::RDS::DBCluster DeletionProtection":    func(cfg config.Config) any { return cfg.Lifecycle == config.LifecycleProtected },
	"AWS::RDS::DBCluster ServerlessV2ScalingConfiguration.MinCapacity": func(cfg config.Config) any {
		return cfg.Database.MinCapacity
	},
	"AWS::RDS::DBCluster ServerlessV2ScalingConfiguration.MaxCapacity": func(cfg config.Config) any {
		return cfg.Database.MaxCapacity
	},
	"AWS::RDS::DBClusterParameterGroup Family": func(cfg config.Config) any {
		major, _, _ := strings.Cut(cfg.Database.EngineVersion, ".")
		return "aurora-postgresql" + major
	},
	loadBalancer + " LoadBalancerAttributes.deletion_protection.enabled": func(cfg config.Config) any {
		return cfg.Lifecycle == config.LifecycleProtected
	},
}

func TestPromisedSettings(t *testing.T) {
	for promise, settings := range promisedSettings {
		t.Run(promise, func(t *testing.T) {
			for _, setting := range settings {
				kind, setting, _ := strings.Cut(setting, " ")
				requireSetting(t, kind, func(config.Config) string { return setting })
			}
		})
	}
}

func TestConfiguredSettings(t *testing.T) {
	for setting, value := range configuredSettings {
		t.Run(setting, func(t *testing.T) {
			kind, path, _ := strings.Cut(setting, " ")
			requireSetting(t, kind, func(cfg config.Config) string { return fmt.Sprint(path, " ", value(cfg)) })
		})
	}
}

// requireSetting requires that each resource of the type has the setting, and that
// there is one.
func requireSetting(t *testing.T, kind string, setting func(config.Config) string) {
	t.Helper()
	found := 0
	for _, env := range filedEnvironments(t) {
		for _, r := range resourcesOf(t, env, kind) {
			var settings []string
			for _, one := range valuesOf(r.Properties, "") {
				settings = append(settings, one.String())
			}
			require.Contains(t, settings, setting(env.Config), "%s %s", env.Environment, r)
			found++
		}
	}
	require.Positive(t, found, "a mistyped type would pass: %s", kind)
}

// resourcePolicies are the whole policies of resources that other services or
// accounts use. They are in statements.golden too; here they have their promise.
var resourcePolicies = []struct{ promise, stack, owner, lines string }{
	{"only this environment's trail writes audit records", "audit", "TrailBucketPolicy", `
allows Service cloudtrail.amazonaws.com s3:GetBucketAcl on TrailBucket.Arn if StringEquals aws:SourceArn arn:aws:cloudtrail:eu-north-1:ACCOUNT:trail/PROJECT-SUFFIX
allows Service cloudtrail.amazonaws.com s3:PutObject on TrailBucket.Arn/AWSLogs/ACCOUNT/* if StringEquals aws:SourceArn arn:aws:cloudtrail:eu-north-1:ACCOUNT:trail/PROJECT-SUFFIX, StringEquals s3:x-amz-acl bucket-owner-full-control
denies AWS * s3:* on TrailBucket.Arn, TrailBucket.Arn/* if Bool aws:SecureTransport false`},
	{"the trail writes to its log group only", "audit", "TrailLogRolePolicy", `
for TrailLogRole allows logs:CreateLogStream, logs:PutLogEvents on TrailLogs.Arn`},
	{"only AWS Config of this account writes into its bucket", "audit", "ConfigBucketPolicy", `
allows Service config.amazonaws.com s3:GetBucketAcl, s3:ListBucket on ConfigBucket.Arn if StringEquals aws:SourceAccount ACCOUNT
allows Service config.amazonaws.com s3:PutObject on ConfigBucket.Arn/AWSLogs/ACCOUNT/Config/* if StringEquals aws:SourceAccount ACCOUNT, StringEquals s3:x-amz-acl bucket-owner-full-control
denies AWS * s3:* on ConfigBucket.Arn, ConfigBucket.Arn/* if Bool aws:SecureTransport false`},
	{"only alarms of this account and event rules publish, and only with TLS", "monitoring", "AlarmsTopicPolicy", `
allows Service cloudwatch.amazonaws.com sns:Publish on AlarmsTopic if StringEquals aws:SourceAccount ACCOUNT
allows Service events.amazonaws.com sns:Publish on AlarmsTopic
denies * sns:Publish on AlarmsTopic if Bool aws:SecureTransport false`},
	{"CloudWatch and EventBridge may use the topic's key; EventBridge is refused by any condition", "monitoring", "Key", `
allows AWS arn:aws:iam::ACCOUNT:root kms:* on *
allows Service cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey* on * if StringEquals aws:SourceAccount ACCOUNT
allows Service events.amazonaws.com kms:Decrypt, kms:GenerateDataKey* on *`},
	{"only load balancers in eu-north-1 and buckets of the environment write access logs", "data", "LogBucketPolicy", `
allows AWS arn:aws:iam::897822967062:root s3:PutObject on LogBucket.Arn/alb-access-logs/AWSLogs/ACCOUNT/*
allows Service delivery.logs.amazonaws.com s3:GetBucketAcl on LogBucket.Arn
allows Service delivery.logs.amazonaws.com s3:PutObject on LogBucket.Arn/alb-access-logs/AWSLogs/ACCOUNT/* if StringEquals s3:x-amz-acl bucket-owner-full-control
allows Service logging.s3.amazonaws.com s3:PutObject on LogBucket.Arn/bucket-access-logs/* if ArnLike aws:SourceArn arn:aws:s3:::PROJECT-SUFFIX*, StringEquals aws:SourceAccount ACCOUNT
denies AWS * s3:* on LogBucket.Arn, LogBucket.Arn/* if Bool aws:SecureTransport false`},
	{"CloudFront's bucket admits nobody by its policy", "data", "EdgeLogBucketPolicy", `
denies AWS * s3:* on EdgeLogBucket.Arn, EdgeLogBucket.Arn/* if Bool aws:SecureTransport false`},
}

func TestResourcePolicies(t *testing.T) {
	for _, c := range resourcePolicies {
		t.Run(c.promise, func(t *testing.T) {
			prefix := c.stack + " " + c.owner + " "
			want := strings.TrimSpace(c.lines)
			want = prefix + strings.ReplaceAll(want, "\n", "\n"+prefix)
			require.Equal(t, want, strings.Join(about(linesOf(statementsOf(t, reference(t, "prod"))), prefix), "\n"))
		})
	}
}
