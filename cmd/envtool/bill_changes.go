package main

import (
	"fmt"

	"catalog-infra/internal/bill"
)

// billChanges are the charges that differ between two bills, the most expensive first.
type billChanges []billChange

// billChange is a charge before and after, such as "3 NAT gateways".
type billChange struct {
	Basis  bill.Basis `json:"basis"`
	Before string     `json:"before"`
	After  string     `json:"after"`

	// More is how much more it costs, in USD a month; nil without a price.
	More *bill.Range `json:"usdAMonth,omitempty"`
}

func changesOf(base, head bill.Bill) (changes billChanges) {
	for _, change := range bill.Difference(base, head) {
		one := billChange{change.Head.Basis, amountText(change.Base), amountText(change.Head), nil}
		if more, priced := change.Cost(); priced {
			one.More = &more
		}
		changes = append(changes, one)
	}
	return changes
}

// sentences returns a line for each change, and one of the sum of those with a price.
func (c billChanges) sentences() (lines []string) {
	var sum bill.Range
	priced := 0
	for _, change := range c {
		line := fmt.Sprintf("Billed %s: %s, before %s", change.Basis, change.After, change.Before)
		if change.More != nil {
			priced++
			sum = sum.Plus(*change.More)
			line += ": " + span(*change.More, more) + " USD a month"
		}
		lines = append(lines, line+".")
	}
	if priced > 0 {
		lines = append(lines, fmt.Sprintf("The bill in all: %s USD a month.", span(sum, more)))
	}
	return lines
}
