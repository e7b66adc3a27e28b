package test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// stepOf returns a step of a runbook, by its name.
func stepOf(t *testing.T, env *environment, runbook, name string) props {
	t.Helper()
	for _, step := range stepsOf(t, env, runbook) {
		if step["name"] == name {
			return step
		}
	}
	t.Fatalf("%s has no step %s", runbook, name)
	return nil
}

// restoredSettings are the properties of the cluster that RDS leaves at its own
// defaults, or needs as parameters, when it restores. The others come from the source.
var restoredSettings = []string{
	"CopyTagsToSnapshot", "DBClusterParameterGroupName", "DBSubnetGroupName", "EnableCloudwatchLogsExports",
	"EnableIAMDatabaseAuthentication", "Port", "ServerlessV2ScalingConfiguration", "VpcSecurityGroupIds",
}

// comesWithTheSource is what a restored cluster has from its source, what the
// runbook names on purpose, and DeleteAutomatedBackups, which is an argument of
// the deletion.
var comesWithTheSource = []string{
	"DeleteAutomatedBackups",
	"BackupRetentionPeriod", "DBClusterIdentifier", "DatabaseName", "DeletionProtection", "Engine", "EngineVersion",
	"KmsKeyId", "MasterUserPassword", "MasterUsername", "StorageEncrypted", "Tags",
	"RestoreToTime", "RestoreType", "SourceDBClusterIdentifier", "UseLatestRestorableTime",
}

// goesWithout is what a restored cluster, or an instance of it, does not have
// until the database is the template's again. RDS draws the windows by lot: a
// restore takes no maintenance window, and a backup window that overlaps it
// would be refused. With Extended Support, the default, a version is restored as
// it is, however old. For monitoring the runbook would have to pass on a role.
var goesWithout = []string{
	"PreferredBackupWindow", "PreferredMaintenanceWindow", "EngineLifecycleSupport", "MonitoringInterval", "MonitoringRoleArn",
}

func TestARestoredClusterHasTheSettingsOfTheTemplate(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		cluster := maps.Clone(data.one("AWS::RDS::DBCluster").Properties)
		// The runbook has the name itself: a reference would be an export, which keeps
		// CloudFormation from replacing the group with that of another major version.
		cluster["DBClusterParameterGroupName"] = data.one("AWS::RDS::DBClusterParameterGroup").Properties["DBClusterParameterGroupName"]
		for property := range cluster {
			require.Contains(t, slices.Concat(restoredSettings, comesWithTheSource, goesWithout), property, "does a restored cluster have it?")
		}
		for _, name := range []string{"RestoreLatest", "RestoreToTime"} {
			inputs := stepOf(t, env, "restore-database", name)["inputs"].(props)
			for _, setting := range restoredSettings {
				require.Equal(t, withoutExports(t, env, cluster[setting]), withoutExports(t, env, inputs[setting]), "%s %s", name, setting)
			}
			require.Equal(t, "{{ CheckSource.Key }}", inputs["KmsKeyId"])
			require.Equal(t, true, inputs["DeletionProtection"], "in every environment: no stack knows the cluster")
		}
	})
}

// withoutExports returns a value without the detour by other stacks' exports.
func withoutExports(t *testing.T, env *environment, value any) any {
	t.Helper()
	switch value := value.(type) {
	case props:
		if name, ok := value["Fn::ImportValue"].(string); ok {
			return env.imported(t, name).value
		}
	case []any:
		var found []any
		for _, element := range value {
			found = append(found, withoutExports(t, env, element))
		}
		return found
	}
	return value
}

func TestRestoredInstancesHaveTheSettingsOfTheTemplate(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		payload := at(t, stepOf(t, env, "restore-database", "CreateInstances"), "inputs", "InputPayload").(props)
		instances := env.stack(t, "data").ofType("AWS::RDS::DBInstance")
		require.Equal(t, float64(len(instances)), payload["Instances"])
		for _, instance := range instances {
			settings := maps.Clone(instance.Properties)
			for _, own := range append([]string{"DBClusterIdentifier", "PromotionTier", "Tags"}, goesWithout...) {
				delete(settings, own)
			}
			for setting, value := range settings {
				require.Equal(t, withoutExports(t, env, value), withoutExports(t, env, at(t, payload, "Settings", setting)), setting)
			}
			require.Len(t, payload["Settings"], len(settings))
		}
	})
}

// RDS takes 63 characters. A name of an environment has 24 at most, and the
// first instance is named after the cluster, with -1.
func TestNamesOfRestoredInstancesAreShortEnough(t *testing.T) {
	incident := at(t, runbookContent(t, reference(t, "prod"), "restore-database"), "parameters", "IncidentId")
	require.LessOrEqual(t, len(config.Project+"-")+12+len("-")+int(at(t, incident, "maxChars").(float64))+len("-1"), 63)
}
