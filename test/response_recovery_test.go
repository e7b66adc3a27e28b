package test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// stepOf returns a step of a runbook, by its name.
func stepOf(t *testing.T, env *environment, runbook, name string) props {
	t.Helper()
	for _, step := range at(t, runbookContent(t, env, runbook), "mainSteps").([]any) {
		if at(t, step, "name") == name {
			return step.(props)
		}
	}
	t.Fatalf("%s has no step %s", runbook, name)
	return nil
}

func TestAShortLivedEnvironmentHasOnlyWhatItsRotationNeeds(t *testing.T) {
	env := shortLived(t, "dev")
	require.Equal(t, []string{"check-secret-age", "replace-tasks", "report-failed-run"}, slices.Sorted(maps.Keys(runbooksOf(t, env))))
	require.Empty(t, env.stack(t, "response").ofType("AWS::S3::Bucket"))
}

// CloudFormation deregisters a revision that it replaces, and ECS refuses to
// run it then.
func TestEarlierRevisionsStayForARollback(t *testing.T) {
	for suffix, want := range map[string]string{"dev": "Delete", "staging": "Retain", "prod": "Retain"} {
		definition := reference(t, suffix).stack(t, "compute").one(taskDefinition)
		if want == "Delete" {
			want = "" // CloudFormation's own
		}
		require.Equal(t, want, definition.DeletionPolicy, suffix)
		require.Equal(t, want, definition.UpdateReplacePolicy, suffix)
		require.Equal(t, config.Project+"-"+suffix, definition.Properties["Family"], "the runbook looks for it")
	}
}

func TestARollbackMayHandOnTheRolesOfTheTasksToTasksOnly(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.Contains(t, linesOf(identityStatements(t, env, "DeploymentRunbookRole")), "response DeploymentRunbookRolePolicy for DeploymentRunbookRole allows "+
			"iam:PassRole on ExecutionRole.Arn, TaskRole.Arn if StringEquals iam:PassedToService ecs-tasks.amazonaws.com")
	})
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
		cluster := env.stack(t, "data").one("AWS::RDS::DBCluster").Properties
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

func TestASecondPersonApprovesARestoreAndACutOver(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		for _, runbook := range []string{"restore-database", "cut-over-database"} {
			approve := stepOf(t, env, runbook, "Approve")
			require.Equal(t, "aws:approve", approve["action"])
			require.NotContains(t, approve, "onFailure", "without approval the run ends")
			require.LessOrEqual(t, approve["timeoutSeconds"], float64(4*3600), "SSM's own is a week")
			require.Equal(t, 1.0, at(t, approve, "inputs", "MinRequiredApprovals"))
			require.Equal(t, "Approver.Arn", readable(t, env, at(t, approve, "inputs", "Approvers", 0)))
			require.Equal(t, "AlarmsTopic", readable(t, env, at(t, approve, "inputs", "NotificationArn")))
		}
	})
}

func TestRunbooksThatChangeTrafficAreADryRunByDefault(t *testing.T) {
	for _, runbook := range []string{"roll-back-service", "cut-over-database"} {
		dryRun := at(t, runbookContent(t, reference(t, "prod"), runbook), "parameters", "DryRun")
		require.Equal(t, "true", at(t, dryRun, "default"))
		require.Equal(t, []any{"true", "false"}, at(t, dryRun, "allowedValues"))
		choices := at(t, stepOf(t, reference(t, "prod"), runbook, "ChooseDryRun"), "inputs")
		require.Equal(t, "NotifyDryRun", at(t, choices, "Default"))
		require.Equal(t, true, stepOf(t, reference(t, "prod"), runbook, "NotifyDryRun")["isEnd"])
	}
}

func TestOnlyTheCutOverReadsAndWritesTheSecret(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		found := map[string][]string{}
		for _, s := range allowed(t, env) {
			if s.stack != "response" {
				continue
			}
			for _, action := range s.Actions {
				if strings.HasPrefix(action, "secretsmanager:") {
					found[action] = append(found[action], s.roles...)
				}
			}
		}
		for _, action := range []string{"GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"} {
			require.Equal(t, []string{"DatabaseRole"}, found["secretsmanager:"+action], action)
		}
		require.Equal(t, []string{"SecretRole"}, found["secretsmanager:RotateSecret"])
	})
}

// A task that missed a rotation cannot open a connection. A check that stopped
// must not look like one that finds nothing.
func TestTasksWithAnOldPasswordRaiseAnAlarmAndSoDoesAMissingCheck(t *testing.T) {
	inAllEnvironments(t, func(t *testing.T, env *environment) {
		payload := at(t, stepOf(t, env, "check-secret-age", "CountOldTasks"), "inputs", "InputPayload")
		requireHourly(t, env, "check-secret-age")
		for _, alarm := range resourcesOf(t, env, "AWS::CloudWatch::Alarm") {
			if alarm.Properties["MetricName"] != at(t, payload, "Metric") {
				continue
			}
			require.Subset(t, alarm.Properties, props{
				"Namespace": at(t, payload, "Namespace"), "Statistic": "Maximum", "Period": 3600.0, "EvaluationPeriods": 3.0,
				"Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "breaching",
			})
			return
		}
		t.Fatal("no alarm")
	})
}

func requireHourly(t *testing.T, env *environment, runbook string) {
	t.Helper()
	for _, r := range resourcesOf(t, env, eventRule) {
		if r.Properties["ScheduleExpression"] == nil {
			continue
		}
		if name, ok := startedRunbook(t, env, at(t, r.Properties, "Targets", 0)); ok && name == runbook {
			require.Equal(t, "rate(1 hour)", r.Properties["ScheduleExpression"])
			return
		}
	}
	t.Fatalf("nothing starts %s", runbook)
}
