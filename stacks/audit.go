package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"catalog-infra/constructs/audit"
)

// Audit is the stack of the account-level services this environment owns.
type Audit struct {
	awscdk.Stack
}

// NewAudit defines the audit stack.
func NewAudit(env environment) *Audit {
	stack := env.newStack("audit", "Audit trail of the account of the Product Catalog API")
	audit.NewTrail(stack, "Trail", audit.TrailProps{
		Name:          env.name,
		RetentionDays: env.Audit.TrailDays,
		LogGroup:      env.newLogGroup(stack, "TrailLogs", ""),
	})
	return &Audit{stack}
}
