package rehearsal

import (
	"net/netip"
	"reflect"

	"catalog-infra/internal/assembly"
)

// clashes are resources of which a VPC does not take two: a new one is refused while the
// old one is there.
var clashes = []struct {
	resource string
	clash    func(a, b assembly.Resource) bool
	why      string
}{
	// https://github.com/aws/aws-cdk/issues/24708
	{"AWS::EC2::Subnet", overlap, "its range overlaps that of"},
	// https://github.com/hashicorp/terraform-provider-aws/issues/17535
	{"AWS::EC2::VPCEndpoint", haveSameName, "it has the same private DNS name as"},
}

func overlap(a, b assembly.Resource) bool {
	one, err := netip.ParsePrefix(text(a.Properties["CidrBlock"]))
	other, otherErr := netip.ParsePrefix(text(b.Properties["CidrBlock"]))
	return err == nil && otherErr == nil && one.Overlaps(other)
}

func haveSameName(a, b assembly.Resource) bool {
	return a.Properties["PrivateDnsEnabled"] == true && b.Properties["PrivateDnsEnabled"] == true &&
		reflect.DeepEqual(a.Properties["ServiceName"], b.Properties["ServiceName"])
}

// clashing refuses what a VPC does not take beside what is there.
func clashing(d deployment) []Step {
	var steps []Step
	for _, kind := range clashes {
		for _, found := range d.changes {
			if found.after == nil || found.after.Type != kind.resource || found.before != nil && !found.isReplaced() {
				continue
			}
			if other, ok := d.inVPC(*found.after, kind.clash); ok {
				steps = append(steps, d.refuseOf(found, "%s %s", kind.why, other))
			}
		}
	}
	return steps
}

// inVPC returns a deployed resource that clashes with a new one in the same VPC.
func (d deployment) inVPC(young assembly.Resource, clash func(a, b assembly.Resource) bool) (placed, bool) {
	if namesAny(young.Properties["VpcId"], d.gone()) {
		return placed{}, false // the VPC is new, too
	}
	vpc := d.account.key(d.after, young.Properties["VpcId"])
	for stack, old := range d.account.ofType(young.Type) {
		if d.account.key(stack, old.Properties["VpcId"]) == vpc && clash(old, young) {
			return placed{stack: stack, resource: old}, true
		}
	}
	return placed{}, false
}
