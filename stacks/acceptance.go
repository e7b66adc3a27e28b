package stacks

import (
	"slices"
	"strings"

	"catalog-infra/config"
	"catalog-infra/constructs/audit"
	"catalog-infra/internal/exceptions"
)

// acceptedFindings are those of the register that the environment decides over:
// of its services and plans, and of the resources of all environments, which
// Security Hub sees from wherever it is created.
func acceptedFindings(env environment) []audit.Accepted {
	var accepted []audit.Accepted
	for _, each := range exceptions.All() {
		if each.SecurityHub == nil || !env.decides(*each.SecurityHub) {
			continue
		}
		accepted = append(accepted, audit.Accepted{
			ID:        each.ID,
			Controls:  each.SecurityHub.Controls,
			Reason:    each.Reason,
			Resources: env.resourcesOf(each.SecurityHub.Of),
			By:        env.name,
		})
	}
	return accepted
}

func (e environment) decides(controls exceptions.Controls) bool {
	if slices.Contains(e.Audit.GuardDutyPlans, controls.Plan) {
		return false
	}
	return controls.Owner == "" || e.Audit.Services()["audit."+controls.Owner] == config.OwnershipCreate
}

// resourcesOf is how the ARNs of the project's resources of a kind begin, in
// every environment of this account and region.
func (e environment) resourcesOf(kind string) string {
	service, name, ok := strings.Cut(kind, " ")
	if !ok {
		return ""
	}
	return *e.arn(service, name+":"+config.Project+"-")
}
