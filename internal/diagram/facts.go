package diagram

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// facts are the resources of all stacks of an assembly.
type facts struct {
	*assembly.Assembly
}

// first returns the first resource of a type. It is empty where there is none.
func (f facts) first(name string) assembly.Placed {
	for _, resource := range f.OfType(name) {
		return resource
	}
	return assembly.Placed{}
}

// has reports whether there is a resource of the type.
func (f facts) has(name string) bool { return len(f.OfType(name)) > 0 }

// target returns the resource that a property refers to.
func (f facts) target(from assembly.Placed, property any) assembly.Placed {
	found, _ := f.Target(from.Stack, property)
	return found
}

// count returns text such as "3 NAT gateways".
func (f facts) count(one, many string, types ...string) string {
	return number(len(f.OfType(types...)), one, many)
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// region returns the region that most stacks are in.
func (f facts) region() string {
	stacks := map[string]int{}
	var most string
	for _, stack := range f.Stacks {
		stacks[stack.Region]++
		if stacks[stack.Region] > stacks[most] {
			most = stack.Region
		}
	}
	return most
}

// zones returns the Availability Zones of the subnets.
func (f facts) zones() []string {
	var zones []string
	for _, subnet := range f.OfType("AWS::EC2::Subnet") {
		if name := subnet.Properties.Text("AvailabilityZone"); !slices.Contains(zones, name) {
			zones = append(zones, name)
		}
	}
	return zones
}

// lines joins those that are not empty.
func lines(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(line string) bool { return line == "" }), "\n")
}

// tag returns the value of a tag.
func tag(resource assembly.Placed, key string) string {
	for _, tag := range resource.Properties.Objects("Tags") {
		if tag.At("Key") == key {
			return tag.Text("Value")
		}
	}
	return ""
}

// references returns the resources that a value in a stack refers to, anywhere inside.
func (f facts) references(in assembly.Stack, value any) []assembly.Placed {
	if target, ok := f.Target(in, value); ok {
		return []assembly.Placed{target}
	}
	var all []assembly.Placed
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			all = append(all, f.references(in, value[key])...)
		}
	case []any:
		for _, element := range value {
			all = append(all, f.references(in, element)...)
		}
	}
	return all
}
