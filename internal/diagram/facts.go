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

// found is a resource and the stack that it is in.
type found struct {
	in assembly.Stack
	assembly.Resource
}

// id is unique in the assembly. It is empty for what is not found.
func (f found) id() string {
	if f.ID == "" {
		return ""
	}
	return f.in.ID + " " + f.ID
}

// all returns the resources of the types, in the order of stacks and logical ids.
func (f facts) all(types ...string) []found {
	var all []found
	for _, stack := range f.Stacks {
		for _, name := range types {
			for _, resource := range stack.Template.OfType(name) {
				all = append(all, found{stack, resource})
			}
		}
	}
	return all
}

// first returns the first resource of a type. It is empty where there is none.
func (f facts) first(name string) found {
	for _, resource := range f.all(name) {
		return resource
	}
	return found{}
}

// has reports whether there is a resource of the type.
func (f facts) has(name string) bool { return len(f.all(name)) > 0 }

// target returns the resource that a property refers to.
func (f facts) target(from found, property any) found {
	stack, resource, _ := f.Target(from.in, property)
	return found{stack, resource}
}

// count returns text such as "3 NAT gateways".
func (f facts) count(one, many string, types ...string) string {
	return number(len(f.all(types...)), one, many)
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
	for _, subnet := range f.all("AWS::EC2::Subnet") {
		if name := text(subnet.Properties.At("AvailabilityZone")); !slices.Contains(zones, name) {
			zones = append(zones, name)
		}
	}
	return zones
}

// text returns the property if it is a text. An intrinsic function is known on deploy.
func text(property any) string {
	known, _ := property.(string)
	return known
}

// lines joins those that are not empty.
func lines(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(line string) bool { return line == "" }), "\n")
}

// tag returns the value of a tag.
func tag(resource found, key string) string {
	for _, tag := range resource.Properties.Objects("Tags") {
		if tag.At("Key") == key {
			return text(tag.At("Value"))
		}
	}
	return ""
}

// references returns the resources that a value in a stack refers to, anywhere inside.
func (f facts) references(in assembly.Stack, value any) []found {
	if target := f.target(found{in: in}, value); target.id() != "" {
		return []found{target}
	}
	var all []found
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
