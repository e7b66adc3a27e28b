package invariants

import (
	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/reach"
)

// NothingMoreIsOpen says that no rule, route, address or policy opens more than the
// platform and service.egress need.
var NothingMoreIsOpen = Invariant{"nothing is open that the platform does not need", "Close it, or if the platform needs it, add it to " +
	"Expected.allows in internal/reach/assert.go and say in the commit why", func(env *Environment) []string {
	var all assembly.Assembly
	for _, stack := range env.Stacks {
		all.Stacks = append(all.Stacks, stack.Stack)
	}
	return reach.Read(&all).Breaches(Reach(env.Config))
}}

// Reach returns what the configuration chooses to open.
func Reach(cfg config.Config) reach.Expected {
	expected := reach.Expected{
		PublicLoadBalancer: !cfg.Edge.Ingress.Internal(), Internet: cfg.Edge.Ingress.AnyViewer(), PrefixList: cfg.PrefixList(),
	}
	for _, further := range cfg.Service.Egress {
		expected.Egress = append(expected.Egress, reach.Destination{Port: further.Port, To: further.To})
	}
	return expected
}
