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
		for _, found := range d.rulesOf(service, after) {
			switch {
			case found.before == nil || found.after != nil && len(found.properties) == 0:
			case shifting(service)[found.id]:
				steps = append(steps, d.cutRule(found, "ECS has shifted requests by this rule, and CloudFormation writes the weights "+
					"of the template again: requests may go to a target group without tasks"))
			case shifting(after)[found.id] && !rolls(after):
				steps = append(steps, d.cutRule(found, "ECS shifts requests by this rule in the same deployment. If that fails later, CloudFormation "+
					"sets the rule back, and requests may go to a target group without tasks. Deploy the alternate target group first"))
			}
		}
	}
	return steps
}

// rulesOf returns the changes of the rules that a service has, before or after.
func (d deployment) rulesOf(before, after assembly.Resource) []change {
	var places []int
	for _, service := range []assembly.Resource{before, after} {
		for rule := range shifting(service) {
			if at, changes := d.at[rule]; changes {
				places = append(places, at)
			}
		}
	}
	slices.Sort(places)
	var all []change
	for _, at := range slices.Compact(places) {
		all = append(all, d.changes[at])
	}
	return all
}

// shifting returns the rules by which ECS shifts requests to a service.
func shifting(service assembly.Resource) map[string]bool {
	var rules []any
	for _, target := range service.Properties.Objects("LoadBalancers") {
		rules = append(rules, target.At("AdvancedConfiguration", "ProductionListenerRule"))
	}
	return references(rules)
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
