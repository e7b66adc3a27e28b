package database

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
	"catalog-infra/constructs/required"
)

// SecondVaultProps configures a SecondVault.
type SecondVaultProps struct {
	// Name is the name of the first vault, too. The backup plan knows this vault by name
	// and region, since the stack of another region has it.
	Name string `required:"true"`

	// Key encrypts the copies. AWS Backup encrypts a copy of Aurora with the key of the
	// destination vault, and documents that for customer managed keys only.
	Key awskms.IKey `required:"true"`

	// RetentionDays is how long a copy is kept, as in the first vault.
	RetentionDays int `required:"true"`
}

// SecondVault is the destination of a Backup's copies, in the stack of another region.
// It is locked as the first vault is. Vault and key alias outlive the stack, as the
// key must: without it no copy can be restored.
type SecondVault struct {
	Vault awsbackup.CfnBackupVault
}

// NewSecondVault defines a SecondVault.
func NewSecondVault(scope constructs.Construct, id string, props SecondVaultProps) *SecondVault {
	required.Check(id, props)
	this := constructs.NewConstruct(scope, &id)
	alias := awskms.NewCfnAlias(this, jsii.String("Alias"), &awskms.CfnAliasProps{
		AliasName:   jsii.String(secondKeyAlias(props.Name)),
		TargetKeyId: props.Key.KeyArn(),
	})
	alias.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	return &SecondVault{newVault(this, props.Name, props.RetentionDays, props.Key)}
}

// secondKeyAlias returns the alias by which policies in the first region know the
// key: an ARN cannot be referenced across regions.
func secondKeyAlias(name string) string { return "alias/" + name + "-copies" }

// copyActions returns the copy action of a backup plan with a second region, where
// copies are kept for as long as in the first.
func copyActions(scope constructs.Construct, props BackupProps) any {
	if props.CopyToRegion == "" {
		return nil
	}
	return []any{&awsbackup.CfnBackupPlan_CopyActionResourceTypeProperty{
		DestinationBackupVaultArn: secondVaultARN(scope, props),
		Lifecycle:                 &awsbackup.CfnBackupPlan_LifecycleResourceTypeProperty{DeleteAfterDays: jsii.Number(props.RetentionDays)},
	}}
}

// copyStatements allow AWS Backup to copy recovery points to the second region. They
// are those of its managed policy for backups, for this environment's resources only.
func copyStatements(scope constructs.Construct, props BackupProps, vault awsbackup.CfnBackupVault) []permissions.Statement {
	if props.CopyToRegion == "" {
		return nil
	}
	there := func(service, resource string) *string {
		return permissions.ARNIn(scope, props.CopyToRegion, service, resource)
	}
	snapshots := permissions.ARN(scope, "rds", "cluster-snapshot:awsbackup:*")
	copies, keys := there("rds", "cluster-snapshot:awsbackup:*"), there("kms", "key/*")
	return []permissions.Statement{
		permissions.Allow("CopyToSecondRegion", "rds:CopyDBClusterSnapshot").On(snapshots, copies),
		permissions.Allow("TagAndDeleteCopies", "rds:AddTagsToResource", "rds:DeleteDBClusterSnapshot",
			"rds:ListTagsForResource", "rds:ModifyDBClusterSnapshotAttribute").On(copies),
		permissions.Allow("DescribeSecondRegion", "rds:DescribeDBClusterSnapshots").On(there("rds", "cluster-snapshot:*")),
		permissions.Allow("CopyFromVault", "backup:CopyFromBackupVault").On(vault.AttrBackupVaultArn()),
		permissions.Allow("CopyIntoSecondVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault").On(secondVaultARN(scope, props)),
		permissions.Allow("DescribeSecondKey", "kms:DescribeKey").On(keys),
		permissions.Allow("GrantSecondKey", "kms:CreateGrant").On(keys).If(map[string]any{
			"Bool":                     map[string]any{"kms:GrantIsForAWSResource": "true"},
			"ForAnyValue:StringEquals": map[string]any{"kms:ResourceAliases": secondKeyAlias(props.Name)},
		}),
	}
}

// secondVaultARN returns the ARN by name: no export crosses regions (pitfall B4).
func secondVaultARN(scope constructs.Construct, props BackupProps) *string {
	return permissions.ARNIn(scope, props.CopyToRegion, "backup", "backup-vault:"+props.Name)
}
