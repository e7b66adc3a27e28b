package rehearsal

import (
	"slices"

	"catalog-infra/internal/assembly"
)

// shiftedRules finds changes of a listener's rule by which ECS shifts requests from one
// target group to another. CloudFormation then writes the weights of the template, and
// requests go to a target group that may have no task.
// https://github.com/aws/aws-cdk/issues/36649
func shiftedRules(d deployment) []Step {
	var steps []Step
	for _, service := range d.before.Template.OfType("AWS::ECS::Service") {
		after, stays := d.after.Template.Resources[service.ID]
		if !stays {
			continue
		}
		for _, found := range d.changes {
			switch {
			case found.before == nil || found.after != nil && len(found.properties) == 0:
			case shiftsBy(service, found.id):
				steps = append(steps, d.cutRule(found, "ECS has shifted requests by this rule, and CloudFormation writes the weights "+
					"of the template again: requests may go to a target group without tasks"))
			case shiftsBy(after, found.id) && !rolls(after):
				steps = append(steps, d.cutRule(found, "ECS shifts requests by this rule in the same deployment. If that fails later, CloudFormation "+
					"sets the rule back, and requests may go to a target group without tasks. Deploy the alternate target group first"))
			}
		}
	}
	return steps
}

func shiftsBy(service assembly.Resource, rule string) bool {
	return slices.ContainsFunc(service.Properties.Objects("LoadBalancers"), func(target assembly.Object) bool {
		return references(target.At("AdvancedConfiguration", "ProductionListenerRule"))[rule]
	})
}

// rolls reports whether the service has ECS's strategy that shifts no requests.
func rolls(service assembly.Resource) bool {
	strategy := service.Properties.At("DeploymentConfiguration", "Strategy")
	return strategy == nil || strategy == "ROLLING"
}

func (d deployment) cutRule(found change, why string) Step {
	return Step{Stack: d.after.ID, Resource: found.id, Type: found.before.Type, Action: Check, Verdict: ServiceCut,
		Properties: found.properties, Why: why}
}
