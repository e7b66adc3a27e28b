package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"
)

func TestTheSecondVaultIsLockedAndKeptAsTheFirst(t *testing.T) {
	env := secondRegionProd(t)
	first, second := env.stack(t, "data").one("AWS::Backup::BackupVault"), env.stack(t, "second-vault").one("AWS::Backup::BackupVault")

	require.NotNil(t, first.Properties["LockConfiguration"])
	require.Equal(t, first.Properties["LockConfiguration"], second.Properties["LockConfiguration"])
	for id, r := range env.stack(t, "second-vault").ofType("") {
		require.Equal(t, "Retain", r.DeletionPolicy, "%s: without it no copy could be restored", id)
		require.Equal(t, "Retain", r.UpdateReplacePolicy, id)
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
