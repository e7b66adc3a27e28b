package test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestDatabaseIsInItsOwnSubnetsAndGroups(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		cluster := data.one("AWS::RDS::DBCluster")
		require.Equal(t, ref(data.id("AWS::RDS::DBSubnetGroup")), cluster.Properties["DBSubnetGroupName"])
		require.Equal(t, ref(data.id("AWS::RDS::DBClusterParameterGroup")), cluster.Properties["DBClusterParameterGroupName"])
		env.requireTier(t, "Data", data.one("AWS::RDS::DBSubnetGroup").Properties["SubnetIds"])

		groups := env.origins(t, cluster.Properties["VpcSecurityGroupIds"])
		require.Len(t, groups, 1)
		require.Equal(t, "Catalog database", env.resource(t, groups[0]).Properties["GroupDescription"])
	})
}

func TestReadersAreReadyToTakeOver(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		instances := env.stack(t, "data").ofType("AWS::RDS::DBInstance")
		require.Len(t, instances, 1+env.Database.Readers)
		tiers := map[any]int{}
		for _, instance := range instances {
			tiers[instance.Properties["PromotionTier"]]++
		}
		require.Equal(t, 1, tiers[0.0], "one writer")
		require.Equal(t, env.Database.Readers, tiers[1.0], "a reader in a later tier does not grow with the writer")
	})
	require.NotZero(t, reference(t, "prod").Database.Readers)
}

func TestMaintenanceComesWhenTheFileSaysAndNotDuringTheBackup(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		data.has("AWS::RDS::DBCluster", props{"PreferredMaintenanceWindow": "tue:03:30-tue:04:00", "PreferredBackupWindow": "02:30-03:00"})
		for id, instance := range data.ofType("AWS::RDS::DBInstance") {
			require.Equal(t, "tue:03:30-tue:04:00", instance.Properties["PreferredMaintenanceWindow"], id)
		}
	})
	require.Equal(t, "sun:22:00-sun:22:30", tunedProd(t).stack(t, "data").one("AWS::RDS::DBCluster").Properties["PreferredMaintenanceWindow"])
}

// Once the support of the major version has ended, a disposable environment is
// not created, and none that lasts is upgraded behind its template.
func TestOnlyDatabasesThatAreKeptHaveExtendedSupport(t *testing.T) {
	for suffix, want := range map[string]string{
		"dev": "open-source-rds-extended-support-disabled", "staging": "open-source-rds-extended-support",
		"prod": "open-source-rds-extended-support",
	} {
		require.Equal(t, want, reference(t, suffix).stack(t, "data").one("AWS::RDS::DBCluster").Properties["EngineLifecycleSupport"], suffix)
	}
}

func TestDatabasesThatAreKeptHaveEnhancedMonitoring(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		for id, instance := range data.ofType("AWS::RDS::DBInstance") {
			if env.Lifecycle == config.LifecycleDisposable {
				require.NotContains(t, instance.Properties, "MonitoringInterval", id)
				continue
			}
			require.EqualValues(t, 60, instance.Properties["MonitoringInterval"], id)
			role := at(t, instance.Properties, "MonitoringRoleArn", "Fn::GetAtt", 0).(string)
			require.Contains(t, data.ofType("AWS::IAM::Role"), role)
			require.Contains(t, data.one("AWS::RDS::DBCluster").DependsOn, "DatabaseMonitoringRolePolicyDC8162A9")
		}
	})
}

func TestDatabaseLogHasAGroupBeforeRDSMakesOne(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		cluster := data.one("AWS::RDS::DBCluster")
		require.Equal(t, []any{"postgresql"}, cluster.Properties["EnableCloudwatchLogsExports"])
		const id = "DatabaseLogs561AB38E"
		require.Contains(t, cluster.DependsOn, id)

		group := data.ofType("AWS::Logs::LogGroup")[id]
		name := fmt.Sprintf("/aws/rds/cluster/%s/postgresql", cluster.Properties["DBClusterIdentifier"])
		require.Equal(t, name, group.Properties["LogGroupName"], "RDS decides it")
		require.EqualValues(t, env.Logs.RetentionDays, group.Properties["RetentionInDays"])
	})
}

// A statement may have a password in it: ALTER USER, at every rotation. What a
// real PostgreSQL logs under these parameters is tested in constructs/postgresql.
func TestNoParameterMakesTheDatabaseLogTheTextOfAStatement(t *testing.T) {
	silent := props{"log_statement": "none", "log_min_duration_statement": "-1", "log_min_error_statement": "panic"}
	for _, env := range allEnvironments(t) {
		for _, group := range resourcesOf(t, env, "AWS::RDS::DBClusterParameterGroup", "AWS::RDS::DBParameterGroup") {
			parameters := group.Properties["Parameters"].(props)
			require.Subset(t, parameters, silent, "%s %s", env.Environment, group)
			for name := range parameters {
				require.NotRegexp(t, `^(log_parameter|debug_|auto_explain|pgaudit[.]log_parameter)`, name, "%s %s", env.Environment, group)
			}
		}
	}
}

func TestPasswordIsInNoTemplate(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		secret := data.id("AWS::SecretsManager::Secret")
		require.Equal(t, join("{{resolve:secretsmanager:", ref(secret), ":SecretString:password::}}"),
			data.one("AWS::RDS::DBCluster").Properties["MasterUserPassword"])
		require.NotContains(t, data.one("AWS::SecretsManager::Secret").Properties, "SecretString")
	})
}
