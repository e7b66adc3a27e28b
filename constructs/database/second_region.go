package database

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/permissions"
)

// SecondVaultProps configures NewSecondVault.
type SecondVaultProps struct {
	// Name is that of the first vault too: a backup knows this one by its name
	// and region alone, since it is in a stack of another region.
	Name string

	// Key encrypts the copies. There is no default: AWS Backup encrypts a copy of
	// Aurora with the key of the vault in the region it goes to, and documents
	// that for customer-managed keys only.
	Key awskms.IKey

	// RetentionDays is how long a copy is kept, as in the first vault.
	// Default: 35.
	RetentionDays int
}

// NewSecondVault defines the vault that copies are copied on to, in the stack of
// another region. It is locked as the first one is. Vault and alias outlive the
// stack, as the key must: no copy can be restored without it.
func NewSecondVault(scope constructs.Construct, id string, props SecondVaultProps) {
	this := constructs.NewConstruct(scope, &id)
	alias := awskms.NewCfnAlias(this, jsii.String("Alias"), &awskms.CfnAliasProps{
		AliasName:   jsii.String(secondKeyAlias(props.Name)),
		TargetKeyId: props.Key.KeyArn(),
	})
	alias.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	newVault(this, props.Name, BackupProps{RetentionDays: props.RetentionDays}.withDefaults().RetentionDays, props.Key)
}

// secondKeyAlias is how a policy in the first region knows the key.
func secondKeyAlias(name string) string { return "alias/" + name + "-copies" }

// copyActions are none without a second region. There the copies are kept as
// long as in the first.
func copyActions(scope constructs.Construct, props BackupProps) any {
	if props.CopyRegion == "" {
		return nil
	}
	return []any{&awsbackup.CfnBackupPlan_CopyActionResourceTypeProperty{
		DestinationBackupVaultArn: secondVaultARN(scope, props),
		Lifecycle:                 &awsbackup.CfnBackupPlan_LifecycleResourceTypeProperty{DeleteAfterDays: jsii.Number(props.RetentionDays)},
	}}
}

// copyOnStatements let AWS Backup copy the copies on to the second region. They
// are those of its managed policy for backups, on this environment's alone.
func copyOnStatements(scope constructs.Construct, props BackupProps, vault awsbackup.CfnBackupVault) []permissions.Statement {
	if props.CopyRegion == "" {
		return nil
	}
	there := func(service, resource, name string, format awscdk.ArnFormat) *string {
		return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
			Service: &service, Region: &props.CopyRegion, Resource: &resource, ResourceName: &name, ArnFormat: format,
		})
	}
	copies := there("rds", "cluster-snapshot", "awsbackup:*", awscdk.ArnFormat_COLON_RESOURCE_NAME)
	keys := there("kms", "key", "*", awscdk.ArnFormat_SLASH_RESOURCE_NAME)
	return []permissions.Statement{
		permissions.Allow("CopyOn", "rds:CopyDBClusterSnapshot").On(rdsOf(scope).arn("cluster-snapshot", "awsbackup:*"), copies),
		permissions.Allow("KeepCopies", "rds:AddTagsToResource", "rds:DeleteDBClusterSnapshot", "rds:ListTagsForResource", "rds:ModifyDBClusterSnapshotAttribute").On(copies),
		permissions.Allow("ReadSecondRegion", "rds:DescribeDBClusterSnapshots").On(there("rds", "cluster-snapshot", "*", awscdk.ArnFormat_COLON_RESOURCE_NAME)),
		permissions.Allow("LeaveVault", "backup:CopyFromBackupVault").On(vault.AttrBackupVaultArn()),
		permissions.Allow("FillSecondVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault").On(secondVaultARN(scope, props)),
		permissions.Allow("ReadSecondKey", "kms:DescribeKey").On(keys),
		permissions.Allow("UseSecondKey", "kms:CreateGrant").On(keys).If(map[string]any{
			"Bool":                     map[string]any{"kms:GrantIsForAWSResource": "true"},
			"ForAnyValue:StringEquals": map[string]any{"kms:ResourceAliases": secondKeyAlias(props.Name)},
		}),
	}
}

// secondVaultARN needs no reference to the stack of the other region, which no
// export could cross (pitfall B4).
func secondVaultARN(scope constructs.Construct, props BackupProps) *string {
	return awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("backup"), Region: &props.CopyRegion, Resource: jsii.String("backup-vault"), ResourceName: &props.Name,
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}
