package test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/internal/eventbridge"
)

// backupRule returns the only rule of the backup plan.
func backupRule(t *testing.T, data template) props {
	t.Helper()
	rules := at(t, data.one("AWS::Backup::BackupPlan").Properties, "BackupPlan", "BackupPlanRule").([]any)
	require.Len(t, rules, 1)
	return rules[0].(props)
}

// minutes returns the time in a property that counts minutes.
func minutes(number any) time.Duration {
	return time.Duration(number.(float64)) * time.Minute
}

// If the cluster is lost just before a backup job ends, the recovery point before
// is as old as the schedule, the start window and the completion window allow.
func TestNoMoreIsLostThanTheRecoveryPointObjective(t *testing.T) {
	for hours, env := range map[int]*environment{
		4:  unusualProd(t),
		12: tunedProd(t),
		24: reference(t, "prod"),
	} {
		t.Run(fmt.Sprint(hours), func(t *testing.T) {
			rule := backupRule(t, env.stack(t, "data"))
			apart := eventbridge.ParseCron(t, rule["ScheduleExpression"]).LongestGap(t)
			require.Equal(t, time.Duration(hours)*time.Hour, apart)

			lost := apart + minutes(rule["StartWindowMinutes"]) + minutes(rule["CompletionWindowMinutes"])
			require.Equal(t, time.Duration(hours+4)*time.Hour, lost, "what config takes for the least objective")
		})
	}
	inEnvironmentsWithBackups(t, func(t *testing.T, env *environment, data template) {
		rule := backupRule(t, data)
		lost := eventbridge.ParseCron(t, rule["ScheduleExpression"]).LongestGap(t) +
			minutes(rule["StartWindowMinutes"]) + minutes(rule["CompletionWindowMinutes"])
		require.LessOrEqual(t, lost, time.Duration(env.Backup.RPOHours)*time.Hour)
	})
}

func TestARestoreTestFindsARecoveryPointEveryWeekAndHasItsObjective(t *testing.T) {
	inEnvironmentsWithBackups(t, func(t *testing.T, env *environment, data template) {
		plan := data.one("AWS::Backup::RestoreTestingPlan").Properties
		days := at(t, plan, "RecoveryPointSelection", "SelectionWindowDays").(float64)
		require.GreaterOrEqual(t, days*24, float64(env.Backup.RPOHours))
		require.LessOrEqual(t, eventbridge.ParseCron(t, plan["ScheduleExpression"]).LongestGap(t), 7*24*time.Hour, "weekly")
		require.Equal(t, fmt.Sprint(env.Backup.RTOHours), pairs(t, plan["Tags"], "Key")["rto-hours"])
	})
}

func TestRestoreTestsCannotTouchTheDatabase(t *testing.T) {
	inEnvironmentsWithBackups(t, func(t *testing.T, env *environment, _ template) {
		for _, s := range identityStatements(t, env, "BackupRestoreRole") {
			if strings.Contains(strings.Join(s.Actions, " "), ":Describe") {
				continue
			}
			for _, resource := range s.Resources {
				if strings.Contains(resource, ":cluster:") {
					require.True(t, strings.HasSuffix(resource, ":cluster:awsbackup-restore-test-*"), s.line)
				}
			}
		}
	})
}

// Only the source, the time and the inherited properties differ. The restored
// cluster has its own network, logs, protection, password and fixed name, with
// which CloudFormation refuses to replace it.
func TestARestoredClusterDiffersInItsSourceAlone(t *testing.T) {
	for at, want := range map[string]props{
		"2026-11-24T10:00:00Z": {"SourceDBClusterIdentifier": config.Project + "-old", "RestoreToTime": "2026-11-24T10:00:00Z"},
		"latest":               {"SourceDBClusterIdentifier": config.Project + "-old", "UseLatestRestorableTime": true},
	} {
		t.Run(at, func(t *testing.T) {
			want := maps.Clone(want)
			maps.Copy(want, reference(t, "prod").stack(t, "data").one("AWS::RDS::DBCluster").Properties)
			for _, inherited := range []string{"DatabaseName", "MasterUsername", "StorageEncrypted"} {
				require.Contains(t, want, inherited)
				delete(want, inherited)
			}
			require.Equal(t, want, restoredProd(t, at).stack(t, "data").one("AWS::RDS::DBCluster").Properties)
		})
	}
}

func TestARestoreChangesNothingElse(t *testing.T) {
	prod, other := reference(t, "prod"), restoredProd(t, "latest")
	for id, template := range prod.templates {
		want, got := maps.Clone(template.resources), maps.Clone(other.stack(t, id).resources)
		if id == "data" {
			cluster := prod.stack(t, id).id("AWS::RDS::DBCluster")
			delete(want, cluster)
			require.Contains(t, got, cluster, "the same logical id")
			delete(got, cluster)
		}
		require.Equal(t, want, got, id)
	}
}

// A backup that starts before its vault is there fails, and nothing in the
// templates says so: no reference crosses regions.
func TestTheSecondVaultIsDeployedBeforeTheBackupPlan(t *testing.T) {
	env := secondRegionProd(t)

	require.Equal(t, secondRegion, *env.SecondVault.Region())
	require.Equal(t, "second-vault", *env.Stacks()[0].Node().Id())
	require.Empty(t, *env.SecondVault.Dependencies())
	require.True(t, slices.ContainsFunc(*env.Data.Dependencies(), func(dependency awscdk.Stack) bool {
		return *dependency.Node().Id() == "second-vault"
	}))
}

// statementsOfSecondRegion are those beside all others of prod.
const statementsOfSecondRegion = `
data BackupCopyRolePolicy for BackupCopyRole allows backup:CopyFromBackupVault on BackupVault.BackupVaultArn
data BackupCopyRolePolicy for BackupCopyRole allows backup:CopyIntoBackupVault, backup:DescribeBackupVault on arn:aws:backup:eu-central-1:ACCOUNT:backup-vault:PROJECT-SUFFIX
data BackupCopyRolePolicy for BackupCopyRole allows kms:CreateGrant on arn:aws:kms:eu-central-1:ACCOUNT:key/* if Bool kms:GrantIsForAWSResource true, ForAnyValue:StringEquals kms:ResourceAliases alias/PROJECT-SUFFIX-copies
data BackupCopyRolePolicy for BackupCopyRole allows kms:DescribeKey on arn:aws:kms:eu-central-1:ACCOUNT:key/*
data BackupCopyRolePolicy for BackupCopyRole allows rds:AddTagsToResource, rds:DeleteDBClusterSnapshot, rds:ListTagsForResource, rds:ModifyDBClusterSnapshotAttribute on arn:aws:rds:eu-central-1:ACCOUNT:cluster-snapshot:awsbackup:*
data BackupCopyRolePolicy for BackupCopyRole allows rds:CopyDBClusterSnapshot on arn:aws:rds:eu-central-1:ACCOUNT:cluster-snapshot:awsbackup:*, arn:aws:rds:eu-north-1:ACCOUNT:cluster-snapshot:awsbackup:*
data BackupCopyRolePolicy for BackupCopyRole allows rds:DescribeDBClusterSnapshots on arn:aws:rds:eu-central-1:ACCOUNT:cluster-snapshot:*
second-vault Key allows AWS arn:aws:iam::ACCOUNT:root kms:* on *
`

func TestCopyingToASecondRegionAddsTheListedStatementsOnly(t *testing.T) {
	want := append(linesOf(statementsOf(t, reference(t, "prod"))), strings.Split(strings.TrimSpace(statementsOfSecondRegion), "\n")...)
	slices.Sort(want)

	require.Equal(t, strings.Join(want, "\n"), strings.Join(linesOf(statementsOf(t, secondRegionProd(t))), "\n"))
}

func TestASecondRegionChangesNothingElse(t *testing.T) {
	for id, template := range reference(t, "prod").templates {
		if id != "data" {
			require.Equal(t, template.Template, secondRegionProd(t).stack(t, id).Template, id)
		}
	}
}
