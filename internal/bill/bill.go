// Package bill counts what AWS charges for an assembly in a month: by the hour, by
// volume and by request. Quantities are from the templates and from assumptions about
// the use; with prices of AWS's price list they are money.
package bill

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"catalog-infra/internal/assembly"
)

// HoursPerMonth is what AWS's own calculator takes for a month: 365 days of 24 hours,
// divided by 12.
const HoursPerMonth = 730

// Range is from least to most: of what scales, the limits of the scaling.
type Range struct{ Least, Most float64 }

// Plus returns the sum of two ranges.
func (r Range) Plus(other Range) Range { return Range{r.Least + other.Least, r.Most + other.Most} }

// Minus returns the difference of each end.
func (r Range) Minus(other Range) Range { return Range{r.Least - other.Least, r.Most - other.Most} }

func (r Range) times(factor float64) Range { return Range{r.Least * factor, r.Most * factor} }

func exactly(n float64) Range { return Range{n, n} }

// Basis says what a charge grows with.
type Basis string

// ByHour charges run whether there is any use or not. AWS prices some of them by the
// month, and charges each hour's part of it.
const (
	ByHour    Basis = "by the hour"
	ByVolume  Basis = "by volume"
	ByRequest Basis = "by request"
)

// Line is one charge: in one stack, or in all where lines are summed.
type Line struct {
	// Stack names the stack, and is empty where lines are summed.
	Stack  string
	Region string

	// Service is the name of the service on AWS's bill. Charge is a plural, One its
	// singular: "NAT gateways".
	Service, Charge, One string
	Basis                Basis

	// Count is how many there are at a time; zero for charges by volume and request.
	Count Range

	// Quantity is of a month, in the unit that AWS prices.
	Quantity Range
	Unit     string

	// Price is nil where there is none.
	Price *Price

	wanted Wanted
}

// Cost returns USD a month, and whether there is a price.
func (l Line) Cost() (cost Range, priced bool) {
	if l.Price == nil {
		return Range{}, false
	}
	return Range{l.Price.of(l.Quantity.Least), l.Price.of(l.Quantity.Most)}, true
}

// key tells lines apart that are summed.
func (l Line) key() string { return l.Charge + "\n" + l.Region }

// Bill is what AWS charges for an assembly in a month.
type Bill struct {
	// Lines are by stack, in the order of the deployment.
	Lines []Line

	// NotCounted says what is charged, or may be, and has no line.
	NotCounted []string
}

// Of returns the bill of an assembly. Without prices, which may be nil, it has
// quantities only.
func Of(made *assembly.Assembly, assumed Assumptions, prices *Prices) Bill {
	writer := writer{made: made, assumed: assumed, prices: prices,
		types: map[string][]assembly.Placed{}, once: map[string]bool{}, unknown: map[string]int{}}
	for _, stack := range made.Stacks {
		writer.writeStack(stack)
	}
	for name, count := range maps.All(writer.unknown) {
		writer.notCounted(fmt.Sprintf("%s (%d): the bill does not know this type", name, count))
	}
	slices.Sort(writer.bill.NotCounted)
	writer.bill.NotCounted = slices.Compact(writer.bill.NotCounted)
	return writer.bill
}

// writer collects the lines of a bill.
type writer struct {
	made    *assembly.Assembly
	assumed Assumptions
	prices  *Prices
	bill    Bill

	// types has the resources of the types that were asked for.
	types map[string][]assembly.Placed

	// once has the charges that an environment has once, and that are written.
	once map[string]bool

	// unknown counts the resources of unknown types.
	unknown map[string]int
}

func (w *writer) notCounted(text string) { w.bill.NotCounted = append(w.bill.NotCounted, text) }

// all returns the resources of a type in the assembly.
func (w *writer) all(kind string) []assembly.Placed {
	if _, known := w.types[kind]; !known {
		w.types[kind] = w.made.OfType(kind)
	}
	return w.types[kind]
}

func (w *writer) writeStack(stack assembly.Stack) {
	first := len(w.bill.Lines)
	for _, id := range slices.Sorted(maps.Keys(stack.Template.Resources)) {
		resource := stack.Template.Resources[id]
		charged, known := chargesOf[resource.Type]
		if !known && !isFree(resource.Type) {
			w.unknown[resource.Type]++
		}
		for _, charge := range charged {
			w.write(first, charge, site{w, assembly.Placed{Resource: resource, Stack: stack}})
		}
	}
	slices.SortStableFunc(w.bill.Lines[first:], func(a, b Line) int { return cmp.Compare(rank[a.Charge], rank[b.Charge]) })
}

// write adds a charge to the line that the stack has of it already, after the first
// of the stack's lines, or else to a new one.
func (w *writer) write(first int, charged *charge, at site) {
	if charged.once && w.once[charged.many] {
		return
	}
	quantity := charged.quantity(at)
	if quantity.Most == 0 {
		return
	}
	w.once[charged.many] = true
	line := charged.line(at.Stack, quantity, w.prices)
	for i := first; i < len(w.bill.Lines); i++ {
		if known := &w.bill.Lines[i]; known.Charge == line.Charge {
			known.Count, known.Quantity = known.Count.Plus(line.Count), known.Quantity.Plus(line.Quantity)
			return
		}
	}
	w.bill.Lines = append(w.bill.Lines, line)
}

// Sum returns the lines of all stacks summed by charge and region, in the order of
// the services.
func (b Bill) Sum() []Line {
	var sums []Line
	at := map[string]int{}
	for _, line := range b.Lines {
		if i, known := at[line.key()]; known {
			sums[i].Count, sums[i].Quantity = sums[i].Count.Plus(line.Count), sums[i].Quantity.Plus(line.Quantity)
			continue
		}
		at[line.key()] = len(sums)
		line.Stack = ""
		sums = append(sums, line)
	}
	slices.SortStableFunc(sums, func(a, b Line) int { return cmp.Compare(rank[a.Charge], rank[b.Charge]) })
	return sums
}

// Total returns USD a month, and the number of charges that have no price.
func (b Bill) Total() (total Range, unpriced int) {
	for _, line := range b.Sum() {
		cost, priced := line.Cost()
		if !priced {
			unpriced++
		}
		total = total.Plus(cost)
	}
	return total, unpriced
}
