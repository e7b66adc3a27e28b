package bill

import (
	"cmp"
	"math"
	"slices"
)

// Change is a charge of which two bills have different quantities in a month.
type Change struct {
	// Base and Head are the line in each bill, summed over the stacks. Where one bill
	// has no such line, its quantities are zero.
	Base, Head Line
}

// Cost returns how much more the head costs than the base, in USD a month, and
// whether there is a price.
func (c Change) Cost() (more Range, priced bool) {
	base, _ := c.Base.Cost()
	head, priced := c.Head.Cost()
	return head.Minus(base), priced
}

// size orders changes: by money, and without prices as the bill does.
func (c Change) size() float64 {
	cost, _ := c.Cost()
	return math.Max(math.Abs(cost.Least), math.Abs(cost.Most))
}

// Difference returns the charges that differ between two bills, the most expensive
// first.
func Difference(base, head Bill) []Change {
	var changes []Change
	before, after := base.Sum(), head.Sum()
	for _, line := range after {
		changes = append(changes, Change{counterpart(before, line), line})
	}
	for _, line := range before {
		if gone := counterpart(after, line); gone.Quantity.Most == 0 {
			changes = append(changes, Change{line, gone})
		}
	}
	changes = slices.DeleteFunc(changes, func(c Change) bool { return c.Base.Quantity == c.Head.Quantity })
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.size(), a.size()), cmp.Compare(rank[a.Head.Charge], rank[b.Head.Charge]))
	})
	return changes
}

// counterpart returns the line of the same charge, or else that line with nothing in it.
func counterpart(lines []Line, of Line) Line {
	i := slices.IndexFunc(lines, func(line Line) bool { return line.key() == of.key() })
	if i < 0 {
		of.Count, of.Quantity = Range{}, Range{}
		return of
	}
	return lines[i]
}
