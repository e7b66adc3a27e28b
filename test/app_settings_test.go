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
	healthCheck + " HealthCheckConfig.ResourcePath": func(cfg config.Config) any {
		return cfg.Service.HealthCheckPath
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
// and that there is one, or that it is absent.
func requireSetting(t *testing.T, environments []*environment, subject string, setting func(config.Config) string) {
	t.Helper()
	found := 0
	for env, r := range resourcesIn(t, environments) {
		if r.Type != subject && r.stack+"/"+readableID(r.id) != subject {
			continue
		}
		found++
		if setting(env.Config) == absent {
			require.Fail(t, "it must be absent", "%s %s", env.Environment, r)
		} else if unwanted, ok := strings.CutPrefix(setting(env.Config), "no "); ok {
			require.NotRegexp(t, `(?m)^`+regexp.QuoteMeta(unwanted)+`\b`, strings.Join(everySetting(t, env, r), "\n"), "%s %s", env.Environment, r)
		} else {
			require.Contains(t, everySetting(t, env, r), setting(env.Config), "%s %s", env.Environment, r)
		}
	}
	if found == 0 && setting(config.Config{}) != absent {
		require.Fail(t, "a mistyped subject would pass", subject)
	}
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

// absent is the setting of a subject that the environments do not have.
const absent = "is absent"

// each returns the setting of each of the subjects.
func each(subjects []string, setting string) (all []string) {
	for _, subject := range subjects {
		all = append(all, subject+" "+setting)
	}
	return all
}

// on returns the settings of a subject below a path.
func on(subject, path string, settings ...string) (all []string) {
	for _, setting := range settings {
		all = append(all, subject+" "+path+setting)
	}
	return all
}

func only(define func(*testing.T, string) *environment, suffixes ...string) func(*testing.T) []*environment {
	return func(t *testing.T) (environments []*environment) {
		for _, suffix := range suffixes {
			environments = append(environments, define(t, suffix))
		}
		return environments
	}
}

func made(define ...func(*testing.T) *environment) func(*testing.T) []*environment {
	return func(t *testing.T) (environments []*environment) {
		for _, each := range define {
			environments = append(environments, each(t))
		}
		return environments
	}
}

func together(groups ...func(*testing.T) []*environment) func(*testing.T) []*environment {
	return func(t *testing.T) (environments []*environment) {
		for _, group := range groups {
			environments = append(environments, group(t)...)
		}
		return environments
	}
}
