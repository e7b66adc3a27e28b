package rehearsal

import (
	"fmt"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/resourcespec"
)

// unique are properties that no two resources of a type can both have the same, where
// AWS's schemas do not say so; of a type without any, an account has one in a region.
var unique = map[string][]string{
	// https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
	"AWS::GuardDuty::Detector": nil,
	// https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html
	"AWS::SecurityHub::Hub": nil,
	// https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html
	"AWS::Config::ConfigurationRecorder": nil,
	// https://docs.aws.amazon.com/config/latest/APIReference/API_PutDeliveryChannel.html
	"AWS::Config::DeliveryChannel": nil,
	// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html
	"AWS::ECR::RegistryScanningConfiguration": nil,

	// https://github.com/aws/aws-cdk/issues/34235
	"AWS::ElasticLoadBalancingV2::Listener": {"LoadBalancerArn", "Port"},
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html (PriorityInUse)
	"AWS::ElasticLoadBalancingV2::ListenerRule": {"ListenerArn", "Priority"},
	// https://github.com/aws-samples/nvidia-omniverse-nucleus-on-amazon-ec2/issues/16
	"AWS::EC2::Route": {"RouteTableId", "DestinationCidrBlock"},
}

// optional is the one property of a name that may be missing: only records with a routing
// policy have it.
const optional = "SetIdentifier"

func isSingleton(resource string) bool {
	properties, ok := unique[resource]
	return ok && properties == nil
}

// uniqueProperties returns the properties of which no two resources of the type can have
// the same values.
func uniqueProperties(resource assembly.Resource) []string {
	if properties, ok := unique[resource.Type]; ok {
		return properties
	}
	known, _ := resourcespec.Lookup(resource.Type)
	return known.Names
}

// identity returns what no other resource of an account can have too, as one text; empty
// where CloudFormation makes it up, or where it is only known on deploy.
func (a *account) identity(p placed) string {
	parts := []string{p.resource.Type, p.stack.Region}
	properties := uniqueProperties(p.resource)
	if len(properties) == 0 && !isSingleton(p.resource.Type) {
		return ""
	}
	for _, property := range properties {
		value, has := p.resource.Properties[property]
		if !has && property == optional {
			continue
		}
		part := a.key(p.stack, value)
		if !has || part == text(value) && refersToResource(value) {
			return ""
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

// nameOf returns the name that the template gives a resource; empty where it gives none.
func nameOf(resource assembly.Resource) string {
	var parts []string
	for _, property := range uniqueProperties(resource) {
		value, has := resource.Properties[property]
		if !has && property == optional {
			continue
		}
		if !has || refersToResource(value) {
			return ""
		}
		parts = append(parts, text(value))
	}
	return strings.Join(parts, " ")
}

func refersToResource(value any) bool {
	for target := range references(value) {
		if !strings.HasPrefix(target, "AWS::") {
			return true
		}
	}
	return false
}

// holders returns the resources of the account by their identities, those without a
// stack last.
func (a *account) holders() map[string][]placed {
	all := map[string][]placed{}
	add := func(found placed) {
		if identity := a.identity(found); identity != "" {
			all[identity] = append(all[identity], found)
		}
	}
	for _, stack := range a.stacks {
		for _, id := range sortedKeys(stack.Template.Resources) {
			add(placed{stack: stack, resource: stack.Template.Resources[id]})
		}
	}
	for _, left := range a.left {
		add(left)
	}
	return all
}

// holder returns who has what the changed resource wants to itself: another resource of
// the account that is there when this one is made or updated, or one that was made
// before it.
func (d deployment) holder(found change) (placed, bool) {
	wanted := d.account.identity(placed{stack: d.after, resource: *found.after})
	if wanted == "" || d.namesReplaced(*found.after) {
		return placed{}, false
	}
	for _, other := range d.holders[wanted] {
		if !same(other.stack, d.after) || other.resource.ID != found.id && !d.movesAway(other.resource.ID, wanted) {
			return other, true
		}
	}
	made, ok := d.made[wanted]
	return placed{stack: d.after, resource: made}, ok
}

// make keeps account of the identity of a resource that is created. The first one has it.
func (d deployment) make(found change) {
	if found.before != nil {
		return
	}
	identity := d.account.identity(placed{stack: d.after, resource: *found.after})
	if _, isTaken := d.made[identity]; identity != "" && !isTaken {
		d.made[identity] = *found.after
	}
}

// change returns what the deployment does to a resource, and whether it does anything.
func (d deployment) change(id string) (change, bool) {
	at, ok := d.at[id]
	if !ok {
		return change{}, false
	}
	return d.changes[at], true
}

// keepsIdentity reports whether a changed resource is after the deployment what no
// other one can be beside what it was before.
func (d deployment) keepsIdentity(found change) bool {
	before := d.account.identity(placed{stack: d.before, resource: *found.before})
	return before != "" && before == d.account.identity(placed{stack: d.after, resource: *found.after}) && !d.namesReplaced(*found.after)
}

// movesAway reports whether a resource of the stack gives an identity up by an update
// in place. One that is deleted or replaced has it until the end of the deployment.
func (d deployment) movesAway(id, identity string) bool {
	found, changes := d.change(id)
	return changes && found.after != nil && !found.isReplaced() &&
		d.account.identity(placed{stack: d.after, resource: *found.after}) != identity
}

// namesReplaced reports whether what makes the resource unique refers to something that
// is replaced: it then is another one.
func (d deployment) namesReplaced(resource assembly.Resource) bool {
	for _, property := range uniqueProperties(resource) {
		for id := range references(resource.Properties[property]) {
			if found, changes := d.change(id); changes && found.isReplaced() {
				return true
			}
		}
	}
	return false
}

// conflict says that another resource has what the resource wants to itself.
func conflict(resource assembly.Resource, by placed) string {
	if isSingleton(resource.Type) {
		return fmt.Sprintf("an account has one %s in a region, and that is %s", resource.Type, by)
	}
	if _, ok := unique[resource.Type]; !ok && nameOf(resource) != "" {
		return fmt.Sprintf("the name %q is taken by %s", nameOf(resource), by)
	}
	return fmt.Sprintf("it has the %s of %s", strings.Join(uniqueProperties(resource), " and "), by)
}

// nameFor returns the word name with the name, or the properties that are one.
func nameFor(resource assembly.Resource) string {
	if name := nameOf(resource); name != "" {
		return fmt.Sprintf("name %q", name)
	}
	return strings.Join(uniqueProperties(resource), " and ")
}

func (p placed) String() string {
	if p.left {
		return fmt.Sprintf("%s, which stack %s left behind", p.resource.ID, p.stack.ID)
	}
	return fmt.Sprintf("%s in stack %s, which is there still when this one is made", p.resource.ID, p.stack.ID)
}

// importable reports whether cdk deploy --import-existing-resources takes over what
// has the resource's name already. CloudFormation wants a name in the template that is
// no function, a type that is identified by it, and a deletion policy that keeps the
// resource:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
func importable(resource assembly.Resource) bool {
	known, _ := resourcespec.Lookup(resource.Type)
	for _, name := range known.Names {
		if _, plain := resource.Properties[name].(string); !plain {
			return false
		}
	}
	return known.Importable && keeps(resource.DeletionPolicy)
}
