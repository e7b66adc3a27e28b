package rehearsal

import (
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// quota is AWS's default for what may exist side by side. While a stack is updated,
// new resources are there beside those that are deleted at the end.
type quota struct {
	// of names what is counted, and for which owner.
	of string

	// types are the resources that count.
	types []string

	// owner are the properties that lead from a resource to what the quota is for, one
	// after another; none for the region, or the account if it is global.
	owner  []string
	global bool

	// units are the properties with what counts, in place of the resource itself.
	units []string

	most int
}

// quotas are those that old and new resources together can exceed. Most can be raised,
// so that what exceeds one by itself is taken to have the quota that it needs.
var quotas = []quota{
	// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
	{of: "Elastic IP addresses in", types: []string{"AWS::EC2::EIP"}, most: 5},
	{of: "VPCs in", types: []string{"AWS::EC2::VPC"}, most: 5},
	{of: "internet gateways in", types: []string{"AWS::EC2::InternetGateway"}, most: 5},

	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
	{of: "listeners of", types: []string{"AWS::ElasticLoadBalancingV2::Listener"}, owner: []string{"LoadBalancerArn"}, most: 50},
	{
		of: "rules of", owner: []string{"ListenerArn", "LoadBalancerArn"}, most: 100,
		types: []string{"AWS::ElasticLoadBalancingV2::ListenerRule"},
	},
	{
		of: "target groups of", owner: []string{"ListenerArn", "LoadBalancerArn"}, units: []string{"DefaultActions", "Actions"}, most: 100,
		types: []string{"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"},
	},

	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
	{of: "VPC origins in", types: []string{"AWS::CloudFront::VpcOrigin"}, global: true, most: 25},
	{of: "response headers policies in", types: []string{"AWS::CloudFront::ResponseHeadersPolicy"}, global: true, most: 20},

	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
	{of: "subscription filters of", types: []string{"AWS::Logs::SubscriptionFilter"}, owner: []string{"LogGroupName"}, most: 5},
}

// overQuota refuses resources that exceed a quota only together with those that are
// deleted in the end.
func overQuota(d deployment) []Step {
	next := d.account.clone()
	next.put(d.after)
	var steps []Step
	for _, quota := range quotas {
		before, after := quota.count(d.account), quota.count(next)
		added := quota.added(d, next, before)
		for _, owner := range sortedKeys(after) {
			together := len(before[owner]) + len(added[owner])
			if len(before[owner]) <= quota.most && len(after[owner]) <= quota.most && together > quota.most {
				steps = append(steps, d.refuse("old and new ones together make %d %s %s, the quota is %d", together, quota.of, owner, quota.most))
			}
		}
	}
	return steps
}

// count returns what counts, by its owner.
func (q quota) count(a *account) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, kind := range q.types {
		for stack, resource := range a.ofType(kind) {
			owner := q.ownerOf(a, stack, resource)
			if all[owner] == nil {
				all[owner] = map[string]bool{}
			}
			for _, unit := range q.unitsOf(stack, resource) {
				all[owner][unit] = true
			}
		}
	}
	return all
}

// added returns the new units that a stack makes beside those that are there, by their
// owner. A new owner in place of another has them, and nothing else.
func (q quota) added(d deployment, next *account, before map[string]map[string]bool) map[string]map[string]bool {
	gone, added := d.gone(), map[string]map[string]bool{}
	for _, found := range d.changes {
		if found.after == nil || !slices.Contains(q.types, found.after.Type) {
			continue
		}
		owner := q.ownerOf(next, d.after, *found.after)
		if _, id, _ := strings.Cut(owner, "/"); gone[id] {
			continue
		}
		if added[owner] == nil {
			added[owner] = map[string]bool{}
		}
		for _, unit := range q.unitsOf(d.after, *found.after) {
			_, id, _ := strings.Cut(unit, "/")
			if !before[owner][unit] || gone[id] {
				added[owner][unit] = true
			}
		}
	}
	return added
}

// ownerOf returns stack/logical id of what the quota is for, the region, or the account.
func (q quota) ownerOf(a *account, stack assembly.Stack, resource assembly.Resource) string {
	if q.global {
		return "the account"
	}
	owner := stack.Region
	for _, property := range q.owner {
		value, has := resource.Properties[property]
		if !has {
			continue
		}
		owner = a.key(stack, value)
		stack, resource, _ = a.target(stack, value)
	}
	return owner
}

// unitsOf returns what counts of a resource: itself, or the resources of its stack that
// it names.
func (q quota) unitsOf(stack assembly.Stack, resource assembly.Resource) []string {
	if q.units == nil {
		return []string{stack.ID + "/" + resource.ID}
	}
	var all []string
	for _, property := range q.units {
		for id := range references(resource.Properties[property]) {
			if _, ok := stack.Template.Resources[id]; ok {
				all = append(all, stack.ID+"/"+id)
			}
		}
	}
	return all
}
