package rehearsal

import (
	"net/netip"

	"catalog-infra/internal/assembly"
)

// clashes are resources of which a VPC does not take two: a new one is refused while the
// old one is there.
var clashes = []struct {
	resource string

	// claims returns what a resource has, and what none beside it may have.
	claims func(assembly.Resource) (has, excludes []string)
	why    string
}{
	// https://github.com/aws/aws-cdk/issues/24708
	{"AWS::EC2::Subnet", ranges, "its range overlaps that of"},
	// https://github.com/hashicorp/terraform-provider-aws/issues/17535
	{"AWS::EC2::VPCEndpoint", privateName, "it has the same private DNS name as"},
}

// ranges claims the range of a subnet: ranges overlap where one is inside the other.
func ranges(subnet assembly.Resource) (has, excludes []string) {
	own, err := netip.ParsePrefix(text(subnet.Properties["CidrBlock"]))
	if err != nil {
		return nil, nil
	}
	for bits := range own.Bits() + 1 {
		wider := netip.PrefixFrom(own.Addr(), bits).Masked().String()
		has, excludes = append(has, "inside "+wider), append(excludes, "all of "+wider)
	}
	return append(has, "all of "+own.Masked().String()), append(excludes, "inside "+own.Masked().String())
}

func privateName(endpoint assembly.Resource) (has, excludes []string) {
	if endpoint.Properties["PrivateDnsEnabled"] != true {
		return nil, nil
	}
	name := []string{text(endpoint.Properties["ServiceName"])}
	return name, name
}

// clashing refuses what a VPC does not take beside what is there.
func clashing(d deployment) []Step {
	gone := d.gone()
	var steps []Step
	for _, kind := range clashes {
		there := d.claimed(kind.resource, kind.claims)
		for _, found := range d.changes {
			isNew := found.after != nil && found.after.Type == kind.resource && (found.before == nil || found.isReplaced())
			if !isNew || namesAny(found.after.Properties["VpcId"], gone) { // the VPC may be new, too
				continue
			}
			_, excludes := kind.claims(*found.after)
			if other, ok := first(there[d.account.key(d.after, found.after.Properties["VpcId"])], excludes); ok {
				steps = append(steps, d.refuseOf(found, "%s %s", kind.why, other))
			}
		}
	}
	return steps
}

// claim is the first deployed resource that has something, and its place among those of its
// type.
type claim struct {
	placed
	at int
}

// claimed returns what deployed resources of a type have, by VPC.
func (d deployment) claimed(kind string, claims func(assembly.Resource) (has, excludes []string)) map[string]map[string]claim {
	all, at := map[string]map[string]claim{}, 0
	for stack, old := range d.account.ofType(kind) {
		vpc := d.account.key(stack, old.Properties["VpcId"])
		if all[vpc] == nil {
			all[vpc] = map[string]claim{}
		}
		has, _ := claims(old)
		for _, one := range has {
			if _, taken := all[vpc][one]; !taken {
				all[vpc][one] = claim{placed{stack: stack, resource: old}, at}
			}
		}
		at++
	}
	return all
}

// first returns the first resource that has any of what is excluded.
func first(there map[string]claim, excludes []string) (found claim, ok bool) {
	for _, one := range excludes {
		if other, has := there[one]; has && (!ok || other.at < found.at) {
			found, ok = other, true
		}
	}
	return found, ok
}
