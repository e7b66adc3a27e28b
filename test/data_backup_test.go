package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/test/internal/eventbridge"
)

func TestDisposableEnvironmentsHaveNoBackups(t *testing.T) {
	for _, env := range []*environment{reference(t, "dev"), shortLived(t, "prod")} {
		for _, r := range resourcesOf(t, env) {
			require.False(t, strings.HasPrefix(r.Type, "AWS::Backup::"), "%s %s", env.Environment, r)
		}
	}
}

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
		require.Equal(t, fmt.Sprint(env.Backup.RTOHours), pairs(t, plan["Tags"], "Key", "Value")["rto-hours"])
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

// A copy that fails unheard is missed on the day it is needed.
func TestFailedBackupJobsNotify(t *testing.T) {
	inEnvironmentsWithBackups(t, func(t *testing.T, env *environment, data template) {
		failed := []any{"ABORTED", "EXPIRED", "FAILED"}
		here := func(resource string) any {
			return join("arn:aws:backup:eu-north-1:", ref("AWS::AccountId"), ":"+resource)
		}
		plan := data.one("AWS::Backup::RestoreTestingPlan").Properties["RestoreTestingPlanName"].(string)
		tests := []any{props{"prefix": here("restore-testing-plan:" + plan + "-")}}
		if env.Environment == "prod" { // which notifies of jobs that belong to no environment
			tests = append(tests, props{"exists": false})
		}
		for kind, detail := range map[string]props{
			"Backup":  {"state": failed, "backupVaultName": []any{env.Name()}},
			"Copy":    {"state": failed, "sourceBackupVaultArn": []any{here("backup-vault:" + env.Name())}},
			"Restore": {"status": failed, "restoreTestingPlanArn": tests}, // its word for its state
		} {
			rule := ruleFor(t, env, kind+" Job State Change")
			require.Equal(t, props{"source": []any{"aws.backup"}, "detail-type": []any{kind + " Job State Change"}, "detail": detail},
				rule["EventPattern"])
			require.Equal(t, ref(env.stack(t, "monitoring").id("AWS::SNS::Topic")), at(t, rule, "Targets", 0, "Arn"))
		}
	})
}
