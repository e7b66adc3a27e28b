package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"catalog-infra/constructs/database"
	"catalog-infra/constructs/storage"
	"catalog-infra/stacks/internal/environment"
)

// SecondVault is the stack of the copies in another region.
type SecondVault struct {
	awscdk.Stack
}

// newSecondVault defines the second-vault stack, in backup.copyToRegion. It has a
// key whatever the encryption, and keeps it whatever the lifecycle.
func newSecondVault(env environment.Environment) *SecondVault {
	stack := env.NewStackIn(env.Config.Backup.CopyToRegion, "second-vault", "Copies of the database of the Product Catalog API, in a second region")
	database.NewSecondVault(stack, "Backup", database.SecondVaultProps{
		Name:          env.Name,
		RetentionDays: env.Config.Backup.RetentionDays,
		Key:           storage.NewKey(stack, "Key", storage.KeyProps{Description: "Copies of the database of " + env.Name}).KMS,
	})
	return &SecondVault{stack}
}
