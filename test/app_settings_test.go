package test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// configuredSettings are the settings whose value the environment's file decides.
var configuredSettings = map[string]func(config.Config) any{
	"AWS::EC2::VPC CidrBlock":                   func(cfg config.Config) any { return cfg.Network.CIDR },
	service + " LoadBalancers.ContainerPort":    func(cfg config.Config) any { return cfg.Service.Port },
	targetGroup + " HealthCheckPath":            func(cfg config.Config) any { return cfg.Service.HealthCheckPath },
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
	taskDefinition + " ContainerDefinitions.Environment.DB_NAME": func(cfg config.Config) any { return cfg.Database.Name },
	taskDefinition + " ContainerDefinitions.LogConfiguration.Options.awslogs-region": func(cfg config.Config) any {
		return cfg.Region
	},
	"AWS::ApplicationAutoScaling::ScalableTarget MinCapacity":               func(cfg config.Config) any { return cfg.Service.MinTasks },
	"AWS::ApplicationAutoScaling::ScalableTarget MaxCapacity":               func(cfg config.Config) any { return cfg.Service.MaxTasks },
	logGroup + " RetentionInDays":                                           func(cfg config.Config) any { return cfg.Logs.RetentionDays },
	"AWS::Backup::BackupVault LockConfiguration.MinRetentionDays":           func(cfg config.Config) any { return cfg.Backup.RetentionDays },
	"AWS::Backup::BackupPlan " + backupRuleOf + "Lifecycle.DeleteAfterDays": func(cfg config.Config) any { return cfg.Backup.RetentionDays },
	"audit/TrailBucket LifecycleConfiguration.Rules.ExpirationInDays":       func(cfg config.Config) any { return cfg.Audit.RetentionDays },
	"audit/ConfigBucket LifecycleConfiguration.Rules.ExpirationInDays":      func(cfg config.Config) any { return cfg.Audit.RetentionDays },
	"AWS::RDS::DBClusterParameterGroup Family": func(cfg config.Config) any {
		major, _, _ := strings.Cut(cfg.Database.EngineVersion, ".")
		return "aurora-postgresql" + major
	},
	loadBalancer + " LoadBalancerAttributes.deletion_protection.enabled": func(cfg config.Config) any {
		return cfg.Lifecycle == config.LifecycleProtected
	},
}

func TestPromisedSettings(t *testing.T) {
	for _, group := range promisedSettings {
		for promise, settings := range group.settings {
			t.Run(promise, func(t *testing.T) {
				for _, setting := range settings {
					subject, setting, _ := strings.Cut(setting, " ")
					requireSetting(t, group.environments(t), subject, func(config.Config) string { return setting })
				}
			})
		}
	}
}

func TestConfiguredSettings(t *testing.T) {
	for setting, value := range configuredSettings {
		t.Run(setting, func(t *testing.T) {
			subject, path, _ := strings.Cut(setting, " ")
			requireSetting(t, filedEnvironments(t), subject, func(cfg config.Config) string { return fmt.Sprint(path, " ", value(cfg)) })
		})
	}
}

// requireSetting requires that each resource that the subject names has the setting,
// and that there is one.
func requireSetting(t *testing.T, environments []*environment, subject string, setting func(config.Config) string) {
	t.Helper()
	found := 0
	for _, env := range environments {
		for _, r := range resourcesOf(t, env) {
			if r.Type != subject && r.stack+"/"+readableID(r.id) != subject {
				continue
			}
			found++
			if unwanted, ok := strings.CutPrefix(setting(env.Config), "no "); ok {
				require.NotRegexp(t, `(?m)^`+regexp.QuoteMeta(unwanted)+`\b`, strings.Join(everySetting(t, env, r), "\n"), "%s %s", env.Environment, r)
			} else {
				require.Contains(t, everySetting(t, env, r), setting(env.Config), "%s %s", env.Environment, r)
			}
		}
	}
	require.Positive(t, found, "a mistyped subject would pass: %s", subject)
}

// everySetting returns the lines of a resource, as settings.golden has them, but
// for IDs without their hash, also those that are no word that AWS knows.
func everySetting(t *testing.T, env *environment, r placed) (settings []string) {
	t.Helper()
	for _, one := range valuesOf(t, env, r.Properties, "") {
		settings = append(settings, strings.ReplaceAll(one.String(), env.Name(), "PROJECT-SUFFIX"))
	}
	for _, attribute := range r.attributes() {
		settings = append(settings, readableID(attribute))
	}
	return settings
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
