package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"catalog-infra/constructs/database"
	"catalog-infra/constructs/storage"
	"catalog-infra/stacks/internal/environment"
)

// newSecondVault defines the stack of the backup vault in backup.copyToRegion. It
// has a customer managed key in every environment, and retains it.
func newSecondVault(env environment.Environment) awscdk.Stack {
	stack := env.NewStackIn(env.Config.Backup.CopyToRegion, "second-vault",
		"Backup vault of the Product Catalog API's database in a second region")
	database.NewSecondVault(stack, "Backup", database.SecondVaultProps{
		Name:          env.Name,
		RetentionDays: env.Config.Backup.RetentionDays,
		Key:           storage.NewKey(stack, "Key", storage.KeyProps{Description: "Backups of the database of " + env.Name}).KMS,
	})
	return stack
}
