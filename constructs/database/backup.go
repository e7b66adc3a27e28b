package database

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// BackupProps configures a Backup.
type BackupProps struct {
	// Name is the name of the vault and the plan.
	Name string `required:"true"`

	// Cluster is the cluster that is backed up.
	Cluster awsrds.DatabaseCluster `required:"true"`

	// Key is the key of the cluster, and so of its recovery points, and of the vault.
	// Nil means AWS managed keys.
	Key awskms.IKey

	// RetentionDays is how long a recovery point is kept. During that time only
	// principals that may change the vault lock can delete it.
	RetentionDays int `required:"true"`

	// EveryHours is the time between two backups, a divisor of 24.
	EveryHours int `required:"true"`

	// RTOHours is how long a restore may take, a tag of the restore testing plan.
	RTOHours int `required:"true"`

	// CopyToRegion is a second region with a SecondVault of the same name, to which AWS
	// Backup copies each recovery point. If it is empty, there are no copies.
	CopyToRegion string
}

// Backup is a backup plan for a cluster with a locked vault, and a weekly restore
// test of the latest recovery point. Vault and backup role outlive the cluster and
// the stack: the role deletes expired recovery points.
//
// The lock is in governance mode, which can be removed. Compliance mode could not,
// from a fixed day on.
//
// The recovery points are snapshots. A continuous backup would take over the
// cluster's point-in-time recovery, and its retention.
type Backup struct {
	Vault awsbackup.CfnBackupVault
}

// NewBackup defines a Backup.
func NewBackup(scope constructs.Construct, id string, props BackupProps) *Backup {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
	vault := newVault(this, props.Name, props.RetentionDays, props.Key)
	newPlan(this, props, vault)
	newRestoreTest(this, props, vault)
	return &Backup{vault}
}

// newVault defines a locked vault. If key is nil, it has AWS Backup's managed key.
func newVault(scope constructs.Construct, name string, retentionDays int, key awskms.IKey) awsbackup.CfnBackupVault {
	vault := awsbackup.NewCfnBackupVault(scope, jsii.String("Vault"), &awsbackup.CfnBackupVaultProps{
		BackupVaultName: &name,
		LockConfiguration: &awsbackup.CfnBackupVault_LockConfigurationTypeProperty{
			MinRetentionDays: jsii.Number(retentionDays),
		},
	})
	if key != nil {
		vault.SetEncryptionKeyArn(key.KeyArn())
	}
	vault.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	return vault
}

// newPlan defines the backup plan of this cluster. It selects the cluster by ARN, not
// by tag, which any resource could have.
func newPlan(scope constructs.Construct, props BackupProps, vault awsbackup.CfnBackupVault) {
	statements := append(backupStatements(scope, props, vault), copyStatements(scope, props, vault)...)
	role := newBackupRole(scope, "CopyRole", "Allows AWS Backup to back up the database", statements)
	// AWS Backup deletes an expired recovery point with the role that created it.
	// Without the role the recovery point would stay, and be billed, for ever.
	// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
	role.Role.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	role.Policy.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	plan := awsbackup.NewCfnBackupPlan(scope, jsii.String("Plan"), &awsbackup.CfnBackupPlanProps{
		BackupPlan: &awsbackup.CfnBackupPlan_BackupPlanResourceTypeProperty{
			BackupPlanName: &props.Name,
			BackupPlanRule: []any{&awsbackup.CfnBackupPlan_BackupRuleResourceTypeProperty{
				RuleName:                jsii.String("snapshots"),
				TargetBackupVault:       vault.Ref(),
				ScheduleExpression:      jsii.String(schedule(props.EveryHours)),
				StartWindowMinutes:      jsii.Number(60),
				CompletionWindowMinutes: jsii.Number(180),
				Lifecycle: &awsbackup.CfnBackupPlan_LifecycleResourceTypeProperty{
					DeleteAfterDays: jsii.Number(props.RetentionDays),
				},
				CopyActions: copyActions(scope, props),
			}},
		},
	})
	selection := awsbackup.NewCfnBackupSelection(scope, jsii.String("Selection"), &awsbackup.CfnBackupSelectionProps{
		BackupPlanId: plan.Ref(),
		BackupSelection: &awsbackup.CfnBackupSelection_BackupSelectionResourceTypeProperty{
			SelectionName: jsii.String("database"),
			IamRoleArn:    role.Role.RoleArn(),
			Resources:     &[]*string{props.Cluster.ClusterArn()},
		},
	})
	selection.Node().AddDependency(role.Policy)
}

// schedule returns a cron expression that starts at 01:00 UTC and repeats within the
// day.
func schedule(everyHours int) string {
	var hours []string
	for hour := 1; hour <= 24; hour += everyHours {
		hours = append(hours, strconv.Itoa(hour%24))
	}
	return "cron(0 " + strings.Join(hours, ",") + " * * ? *)"
}

// RestoreTestName returns the name of the restore testing plan of a vault, in which
// AWS allows no hyphen.
func RestoreTestName(vault string) string { return strings.ReplaceAll(vault, "-", "_") }

// newRestoreTest restores the latest recovery point every Sunday into the subnets of
// the cluster, without an instance, and deletes the restored cluster an hour later.
// Without the subnet group AWS Backup would use the account's default VPC.
func newRestoreTest(scope constructs.Construct, props BackupProps, vault awsbackup.CfnBackupVault) {
	subnets := props.Cluster.Node().DefaultChild().(awsrds.CfnDBCluster).DbSubnetGroupName()
	statements := restoreStatements(scope, props, subnets)
	role := newBackupRole(scope, "RestoreRole", "Allows AWS Backup to test a restore of the database", statements)
	plan := awsbackup.NewCfnRestoreTestingPlan(scope, jsii.String("RestoreTest"), &awsbackup.CfnRestoreTestingPlanProps{
		RestoreTestingPlanName: jsii.String(RestoreTestName(props.Name)),
		ScheduleExpression:     jsii.String("cron(0 5 ? * SUN *)"),
		StartWindowHours:       jsii.Number(1),
		RecoveryPointSelection: &awsbackup.CfnRestoreTestingPlan_RestoreTestingRecoveryPointSelectionProperty{
			Algorithm:           jsii.String("LATEST_WITHIN_WINDOW"),
			IncludeVaults:       &[]*string{vault.AttrBackupVaultArn()},
			RecoveryPointTypes:  jsii.Strings("SNAPSHOT"),
			SelectionWindowDays: jsii.Number(7),
		},
		Tags: &[]*awscdk.CfnTag{{Key: jsii.String("rto-hours"), Value: jsii.String(strconv.Itoa(props.RTOHours))}},
	})
	selection := awsbackup.NewCfnRestoreTestingSelection(scope, jsii.String("RestoreSelection"), &awsbackup.CfnRestoreTestingSelectionProps{
		RestoreTestingPlanName:      plan.Ref(),
		RestoreTestingSelectionName: jsii.String("database"),
		ProtectedResourceType:       jsii.String("Aurora"),
		ProtectedResourceArns:       &[]*string{props.Cluster.ClusterArn()},
		RestoreMetadataOverrides:    map[string]*string{"dbSubnetGroupName": subnets},
		ValidationWindowHours:       jsii.Number(1),
		IamRoleArn:                  role.Role.RoleArn(),
	})
	selection.Node().AddDependency(role.Policy)
}

// newBackupRole defines a role that AWS Backup assumes. AWS's managed policies for
// it allow the same on every database, table, volume and bucket of the account.
func newBackupRole(scope constructs.Construct, id, description string, statements []permissions.Statement) *permissions.ServiceRole {
	return permissions.NewServiceRole(scope, id, permissions.ServiceRoleProps{
		Service: "backup.amazonaws.com", Description: description, Statements: statements,
	})
}

// backupStatements lack rds:ModifyDBCluster, with which AWS Backup would take over
// point-in-time recovery.
func backupStatements(scope constructs.Construct, props BackupProps, vault awsbackup.CfnBackupVault) []permissions.Statement {
	rds := arnsOfRDS(scope)
	clusterARN, snapshots := props.Cluster.ClusterArn(), rds("cluster-snapshot:awsbackup:*")
	return append(keyStatements(scope, props.Key),
		permissions.Allow("CreateSnapshots",
			"rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:ListTagsForResource").On(clusterARN, snapshots),
		permissions.Allow("DescribeDatabases",
			"rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterAutomatedBackups").
			On(rds("cluster:*"), rds("cluster-snapshot:*"), rds("cluster-auto-backup:*")),
		permissions.Allow("DeleteExpiredSnapshots", "rds:DeleteDBClusterSnapshot", "rds:ModifyDBClusterSnapshotAttribute").On(snapshots),
		permissions.Allow("CopyIntoVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault").On(vault.AttrBackupVaultArn()),
	)
}

// restoreStatements allow changes to the cluster of a restore test only, by the name
// that AWS Backup gives it.
func restoreStatements(scope constructs.Construct, props BackupProps, subnets *string) []permissions.Statement {
	rds := arnsOfRDS(scope)
	restored, snapshots := rds("cluster:awsbackup-restore-test-*"), rds("cluster-snapshot:awsbackup:*")
	return append(keyStatements(scope, props.Key),
		permissions.Allow("RestoreDatabase", "rds:AddTagsToResource", "rds:ListTagsForResource", "rds:RestoreDBClusterFromSnapshot").On(
			restored, snapshots, rds("subgrp:"+*subnets), rds("cluster-pg:default.*"), rds("og:default:*"),
		),
		permissions.Allow("DescribeDatabases",
			"rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots").On(rds("cluster:*"), rds("cluster-snapshot:*")),
		permissions.Allow("DeleteRestoredDatabase", "rds:DeleteDBCluster").On(restored),
	)
}

// keyStatements allow the role to grant RDS the use of the cluster's key, for a
// snapshot and for a cluster that is restored from one. The AWS managed key of RDS
// needs no grant.
func keyStatements(scope constructs.Construct, key awskms.IKey) []permissions.Statement {
	if key == nil {
		return []permissions.Statement{permissions.Allow("DescribeKeys", "kms:DescribeKey").On(permissions.ARN(scope, "kms", "key/*"))}
	}
	keys := []*string{key.KeyArn()}
	return []permissions.Statement{
		permissions.Allow("DescribeKey", "kms:DescribeKey").On(keys...),
		permissions.Allow("GrantKeyToRDS", "kms:CreateGrant").On(keys...).If(map[string]any{
			"Bool":         map[string]any{"kms:GrantIsForAWSResource": "true"},
			"StringEquals": map[string]any{"kms:ViaService": jsii.Sprintf("rds.%s.amazonaws.com", *awscdk.Stack_Of(scope).Region())},
		}),
	}
}

// arnsOfRDS returns a function that returns ARNs of RDS. It asks CDK's process once.
func arnsOfRDS(scope constructs.Construct) func(resource string) *string {
	prefix := *permissions.ARN(scope, "rds", "")
	return func(resource string) *string { return jsii.String(prefix + resource) }
}
