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
)

// BackupProps configures NewBackup.
type BackupProps struct {
	// Name is that of the vault and the plan; both must have one.
	Name string

	// Cluster is what is copied.
	Cluster awsrds.DatabaseCluster

	// Key is that of the cluster, with which its copies are encrypted too, and
	// the vault. Default: those that RDS and AWS Backup have in the account.
	Key awskms.IKey

	// RetentionDays is how long a copy is kept. Until then nobody without
	// permission to change the lock can delete it. Default: 35.
	RetentionDays int

	// EveryHours is the time from one copy to the next, a divisor of 24.
	// Default: 24.
	EveryHours int

	// RestoreHours is how long restoring may take, a tag of the restore test.
	// Default: 4.
	RestoreHours int

	// CopyRegion is a second region, in which NewSecondVault has defined a vault
	// of the same name: each copy is copied on to it. Default: none.
	CopyRegion string
}

// NewBackup defines copies of a cluster in a locked vault, which outlive the
// cluster and the stack with the role that deletes them once they have expired,
// and a weekly test that restores the latest one.
//
// The lock is in governance mode: it names no day from which on it could never
// be removed again.
//
// The copies are snapshots. A continuous backup would take the cluster's own
// point-in-time recovery over, and its retention with it.
func NewBackup(scope constructs.Construct, id string, props BackupProps) {
	props = props.withDefaults()
	this := constructs.NewConstruct(scope, &id)
	vault := newVault(this, props.Name, props.RetentionDays, props.Key)
	newCopies(this, props, vault)
	newRestoreTest(this, props, vault)
}

// newVault defines a locked vault. Without a key it has AWS Backup's own.
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

func (p BackupProps) withDefaults() BackupProps {
	if p.RetentionDays == 0 {
		p.RetentionDays = 35
	}
	if p.EveryHours == 0 {
		p.EveryHours = 24
	}
	if p.RestoreHours == 0 {
		p.RestoreHours = 4
	}
	return p
}

// newCopies copies this cluster and nothing else: not by tag, which anything
// could carry.
func newCopies(scope constructs.Construct, props BackupProps, vault awsbackup.CfnBackupVault) {
	statements := append(copyStatements(scope, props, vault), copyOnStatements(scope, props, vault)...)
	role := newBackupRole(scope, "CopyRole", "Lets AWS Backup copy the database", statements)
	// AWS Backup deletes a copy that has expired with the role that made it. Without
	// the role it would stay, and be billed, for ever.
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

// schedule starts at 01:00 UTC and repeats within the day.
func schedule(everyHours int) string {
	var hours []string
	for hour := 1; hour <= 24; hour += everyHours {
		hours = append(hours, strconv.Itoa(hour%24))
	}
	return "cron(0 " + strings.Join(hours, ",") + " * * ? *)"
}

// RestoreTestName returns the name of the plan that restores a vault's copies as a
// test, by the name of the vault: no hyphen is allowed in it.
func RestoreTestName(vault string) string { return strings.ReplaceAll(vault, "-", "_") }

// newRestoreTest restores the latest copy every Sunday into the database's own
// subnets, without an instance, and deletes it an hour later. Without the
// subnet group AWS Backup looks for the account's default VPC.
func newRestoreTest(scope constructs.Construct, props BackupProps, vault awsbackup.CfnBackupVault) {
	subnets := props.Cluster.Node().DefaultChild().(awsrds.CfnDBCluster).DbSubnetGroupName()
	role := newBackupRole(scope, "RestoreRole", "Lets AWS Backup restore the database as a test", restoreStatements(scope, props, subnets))
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
		Tags: &[]*awscdk.CfnTag{{Key: jsii.String("rto-hours"), Value: jsii.String(strconv.Itoa(props.RestoreHours))}},
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

// copyStatements lack rds:ModifyDBCluster, with which AWS Backup takes
// point-in-time recovery over.
func copyStatements(scope constructs.Construct, props BackupProps, vault awsbackup.CfnBackupVault) []permissions.Statement {
	rds := rdsOf(scope)
	clusterARN, copies := props.Cluster.ClusterArn(), rds.arn("cluster-snapshot", "awsbackup:*")
	return append(keyStatements(scope, props.Key),
		permissions.Allow("CopyDatabase",
			"rds:AddTagsToResource", "rds:CreateDBClusterSnapshot", "rds:ListTagsForResource").On(clusterARN, copies),
		permissions.Allow("ReadDatabase",
			"rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterAutomatedBackups").On(rds.arn("cluster", "*"), rds.arn("cluster-snapshot", "*"), rds.arn("cluster-auto-backup", "*")),
		permissions.Allow("DeleteExpiredCopies", "rds:DeleteDBClusterSnapshot", "rds:ModifyDBClusterSnapshotAttribute").On(copies),
		permissions.Allow("FillVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault").On(vault.AttrBackupVaultArn()),
	)
}

// restoreStatements touch what a restore test makes, by the name AWS Backup
// gives it, and never the cluster itself.
func restoreStatements(scope constructs.Construct, props BackupProps, subnets *string) []permissions.Statement {
	rds := rdsOf(scope)
	made, copies := rds.arn("cluster", "awsbackup-restore-test-*"), rds.arn("cluster-snapshot", "awsbackup:*")
	return append(keyStatements(scope, props.Key),
		permissions.Allow("RestoreDatabase", "rds:AddTagsToResource", "rds:ListTagsForResource", "rds:RestoreDBClusterFromSnapshot").On(
			made, copies, rds.arn("subgrp", *subnets), rds.arn("cluster-pg", "default.*"), rds.arn("og", "default:*"),
		),
		permissions.Allow("ReadDatabases",
			"rds:DescribeDBClusters", "rds:DescribeDBClusterSnapshots").On(rds.arn("cluster", "*"), rds.arn("cluster-snapshot", "*")),
		permissions.Allow("DeleteRestoredDatabase", "rds:DeleteDBCluster").On(made),
	)
}

// keyStatements let RDS use the cluster's key for a copy, or for a cluster made
// of one: it does so by a grant, on behalf of the role. With the key that RDS
// has in the account the role need not give it one.
func keyStatements(scope constructs.Construct, key awskms.IKey) []permissions.Statement {
	if key == nil {
		return []permissions.Statement{permissions.Allow("ReadKeys", "kms:DescribeKey").On(keysARN(scope))}
	}
	keys := []*string{key.KeyArn()}
	return []permissions.Statement{
		permissions.Allow("ReadKey", "kms:DescribeKey").On(keys...),
		permissions.Allow("LendKey", "kms:CreateGrant").On(keys...).If(map[string]any{
			"Bool":         map[string]any{"kms:GrantIsForAWSResource": "true"},
			"StringEquals": map[string]any{"kms:ViaService": jsii.Sprintf("rds.%s.amazonaws.com", *awscdk.Stack_Of(scope).Region())},
		}),
	}
}

// rdsARNs is how the ARNs of RDS begin in the stack: CDK's process is asked once.
type rdsARNs string

func rdsOf(scope constructs.Construct) rdsARNs {
	return rdsARNs(*awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("rds"), Resource: jsii.String(""), ArnFormat: awscdk.ArnFormat_NO_RESOURCE_NAME,
	}))
}

func (r rdsARNs) arn(kind, name string) *string { return jsii.String(string(r) + kind + ":" + name) }

func keysARN(scope constructs.Construct) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("kms"), Resource: jsii.String("key"), ResourceName: jsii.String("*"),
	})
}
