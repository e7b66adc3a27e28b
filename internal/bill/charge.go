package bill

import (
	"fmt"
	"strconv"
	"strings"

	"catalog-infra/internal/assembly"
)

// charge is one kind of charge for a type of resource.
type charge struct {
	resource  string
	service   string
	one, many string
	basis     Basis

	// unit is what AWS prices.
	unit string

	// product is zero where nobody could verify its name in AWS's price list.
	product Product

	// once marks a quantity that is assumed for the environment as a whole: the first
	// resource has it.
	once bool

	// quantity returns how many there are at a time, and for charges by volume and
	// request how much there is in a month.
	quantity func(site) Range
}

func (c *charge) line(stack assembly.Stack, quantity Range, prices *Prices) Line {
	line := Line{
		Stack: stack.Name, Region: stack.Region, Service: c.service, Charge: c.many, One: c.one, Basis: c.basis,
		Quantity: quantity, Unit: c.unit, wanted: Wanted{c.product, c.product.region(stack.Region)},
	}
	line.Price = prices.find(line.wanted)
	if c.basis == ByHour {
		line.Count = quantity
	}
	if c.product.PerHour {
		line.Quantity = quantity.times(HoursPerMonth)
	}
	return line
}

// chargesOf has the charges of each type, and rank the place of each in the tables.
var chargesOf, rank = index(computeCharges, networkCharges, edgeCharges, dataCharges, monitoringCharges, auditCharges)

func index(tables ...[]charge) (byType map[string][]*charge, rank map[string]int) {
	byType, rank = map[string][]*charge{}, map[string]int{}
	for _, table := range tables {
		for i := range table {
			charged := &table[i]
			byType[charged.resource] = append(byType[charged.resource], charged)
			if _, known := rank[charged.many]; !known {
				rank[charged.many] = len(rank)
			}
		}
	}
	return byType, rank
}

// site is a resource in its stack and assembly.
type site struct {
	*writer
	assembly.Placed
}

// most is above any number of a template that is meant.
const most = 1e9

// number returns the number that the keys lead to, the fallback where there is none.
// It notes a value that is no number, or only known on deploy, and returns 0.
func (s site) number(fallback float64, keys ...string) float64 {
	switch value := s.Properties.At(keys...).(type) {
	case nil:
		return fallback
	case float64:
		if value >= 0 && value <= most {
			return value
		}
	case string:
		if number, err := strconv.ParseFloat(value, 64); err == nil && number >= 0 && number <= most {
			return number
		}
	}
	s.refuse(strings.Join(keys, ".") + " is no number that is known before the deployment")
	return 0
}

// refuse notes that the resource, or a part of it, is not counted, and why.
func (s site) refuse(why string) {
	s.notCounted(fmt.Sprintf("%s in %s: %s", s.ID, s.Stack.Name, why))
}

// at returns the site of the resource that a property refers to.
func (s site) at(property any) (site, bool) {
	found, ok := s.made.Target(s.Stack, property)
	return site{s.writer, found}, ok
}

// one is the quantity of a resource that is charged as such.
func one(site) Range { return exactly(1) }

// assume returns a quantity that is assumed for the environment.
func assume(of func(Assumptions) float64) func(site) Range {
	return func(s site) Range { return exactly(of(s.assumed)) }
}
