package stacks

import (
	"slices"
	"strings"

	"catalog-infra/config"
	"catalog-infra/constructs/audit"
	"catalog-infra/internal/exceptions"
	"catalog-infra/stacks/internal/environment"
)

// acceptedFindings are those of the register that the environment decides over:
// of its services and plans, and of the resources of all environments, which
// Security Hub sees from wherever it is created.
func acceptedFindings(env environment.Environment) []audit.Accepted {
	var accepted []audit.Accepted
	for _, each := range exceptions.All() {
		if each.SecurityHub == nil || !decides(env.Config.Audit, *each.SecurityHub) {
			continue
		}
		accepted = append(accepted, audit.Accepted{
			ID:        each.ID,
			Controls:  each.SecurityHub.Controls,
			Reason:    each.Reason,
			Resources: resourcesOf(env, each.SecurityHub.Of),
			By:        env.Name,
		})
	}
	return accepted
}

// decides reports whether the environment decides over the accepted controls:
// whether it creates their service, without the plan that would satisfy them.
func decides(audit config.Audit, controls exceptions.Controls) bool {
	if slices.Contains(audit.GuardDutyPlans, controls.Plan) {
		return false
	}
	return controls.Owner == "" || audit.Services()["audit."+controls.Owner] == config.OwnershipCreate
}

// resourcesOf returns the common prefix of the ARNs of the project's resources
// of a kind, in every environment of this account and region.
func resourcesOf(env environment.Environment, kind string) string {
	service, name, ok := strings.Cut(kind, " ")
	if !ok {
		return ""
	}
	return *env.ARN(service, name+":"+config.Project+"-")
}
