package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"catalog-infra/internal/bill"
)

// chargeText returns text such as "3–20 Fargate vCPUs", or "GB of images" for what
// there is not a number of at a time.
func chargeText(line bill.Line) string {
	if line.Basis != bill.ByHour {
		return line.Charge
	}
	name := line.Charge
	if line.Count == (bill.Range{Least: 1, Most: 1}) {
		name = line.One
	}
	return span(line.Count, figure) + " " + name
}

// amountText is chargeText with the number of a month where there is none at a time.
func amountText(line bill.Line) string {
	if line.Basis == bill.ByHour {
		return chargeText(line)
	}
	return span(line.Quantity, figure) + " " + line.Charge
}

func quantityText(line bill.Line) string {
	if line.Quantity.Most == 0 {
		return "-"
	}
	return span(line.Quantity, figure) + " " + line.Unit
}

// priceText returns the first price of a unit, and whether there are others.
func priceText(price *bill.Price) string {
	if price == nil {
		return "-"
	}
	text := strconv.FormatFloat(price.Tiers[0].USD, 'f', -1, 64)
	if tiers := len(price.Tiers); tiers > 1 {
		text += fmt.Sprintf(" (first of %d)", tiers)
	}
	return text
}

func costText(line bill.Line) string {
	cost, priced := line.Cost()
	if !priced {
		return "-"
	}
	return span(cost, money)
}

func moreText(change bill.Change) string {
	cost, priced := change.Cost()
	if !priced {
		return "-"
	}
	return span(cost, more)
}

// span returns one text, or two where the ends of the range differ.
func span(r bill.Range, text func(float64) string) string {
	least, most := text(r.Least), text(r.Most)
	switch {
	case least == most:
		return least
	case r.Least < 0:
		return least + " to " + most
	}
	return least + "–" + most
}

func money(usd float64) string { return grouped(strconv.FormatFloat(usd, 'f', 2, 64)) }

// more returns the sum with its sign.
func more(usd float64) string {
	if usd < 0 {
		return "-" + money(-usd)
	}
	return "+" + money(usd)
}

// figure returns a number with up to three decimals where it is small.
func figure(n float64) string {
	if n < 100 {
		n = math.Round(n*1000) / 1000
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return grouped(strconv.FormatFloat(n, 'f', 0, 64))
}

// grouped sets commas between thousands.
func grouped(digits string) string {
	whole, rest, decimals := strings.Cut(digits, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if !decimals {
		return whole
	}
	return whole + "." + rest
}
