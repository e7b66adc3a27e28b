package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"catalog-infra/constructs/database"
)

// SecondVault is the stack of the copies in another region.
type SecondVault struct {
	awscdk.Stack
}

// NewSecondVault defines the second-vault stack, in backup.copyRegion.
func NewSecondVault(env environment) *SecondVault {
	stack := env.newStackIn(env.Backup.CopyRegion, "second-vault", "Copies of the database of the Product Catalog API, in a second region")
	database.NewSecondVault(stack, "Backup", database.SecondVaultProps{
		Name:          env.name,
		RetentionDays: env.Backup.CopyDays,
	})
	return &SecondVault{stack}
}
