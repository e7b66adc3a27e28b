package bill

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// offer is a product with its prices, as AWS's price list service answers.
type offer struct {
	Product struct {
		SKU        string
		Attributes map[string]string
	}
	Version string
	Terms   struct{ OnDemand map[string]term }
}

type term struct {
	EffectiveDate   string
	PriceDimensions map[string]struct {
		Unit, BeginRange string
		PricePerUnit     map[string]string
	}
}

// Select returns the price of the product that is wanted, from all that the price list
// service answers about it. It returns an error if there is none, if two differ in
// price, or if the price is of another unit than the bill counts in.
func (w Wanted) Select(answers []string) (Price, error) {
	var found []Price
	for _, answer := range answers {
		var offered offer
		if err := json.Unmarshal([]byte(answer), &offered); err != nil {
			return Price{}, w.refuse("an answer that is not JSON: "+err.Error(), "one of AWS's price list")
		}
		if !w.matches(offered.Product.Attributes) {
			continue
		}
		price, err := w.price(offered)
		if err != nil {
			return Price{}, err
		}
		found = append(found, price)
	}
	slices.SortFunc(found, func(a, b Price) int { return strings.Compare(a.SKU, b.SKU) })
	if len(found) == 0 {
		return Price{}, w.refuse("no product", "one")
	}
	for _, other := range found[1:] {
		if !slices.Equal(found[0].Tiers, other.Tiers) {
			return Price{}, w.refuse(fmt.Sprintf("products at different prices, SKU %s and SKU %s", found[0].SKU, other.SKU), "one")
		}
	}
	return found[0], nil
}

func (w Wanted) refuse(got, want string) error {
	place := ""
	if w.Region != "" {
		place = " in " + w.Region
	}
	return fmt.Errorf("%s%s: got %s, want %s", w.Product, place, got, want)
}

func (w Wanted) price(offered offer) (Price, error) {
	price := Price{Product: w.String(), Region: w.Region, SKU: offered.Product.SKU, Version: offered.Version}
	if len(offered.Terms.OnDemand) != 1 {
		return price, w.refuse(fmt.Sprintf("%d on-demand terms of SKU %s", len(offered.Terms.OnDemand), price.SKU), "one")
	}
	for _, onDemand := range offered.Terms.OnDemand {
		price.Effective = onDemand.EffectiveDate
		for _, id := range slices.Sorted(maps.Keys(onDemand.PriceDimensions)) {
			dimension := onDemand.PriceDimensions[id]
			from, err := strconv.ParseFloat(dimension.BeginRange, 64)
			usd, notUSD := strconv.ParseFloat(dimension.PricePerUnit["USD"], 64)
			if errors.Join(err, notUSD) != nil {
				return price, w.refuse(fmt.Sprintf("%q from %q", dimension.PricePerUnit, dimension.BeginRange), "a price in USD from a number on")
			}
			price.Unit = dimension.Unit
			price.Tiers = append(price.Tiers, Tier{from, usd})
		}
	}
	slices.SortFunc(price.Tiers, func(a, b Tier) int { return int(a.From - b.From) })
	if !ascending(price.Tiers) {
		return price, w.refuse(fmt.Sprintf("the tiers %v", price.Tiers), "ascending ones from 0")
	}
	return price, w.checkUnit(price.Unit)
}

var (
	hours = regexp.MustCompile(`(?i)\b(hrs?|hours?)\b`)
	many  = regexp.MustCompile(`(?i)[0-9]|million|thousand`)
)

// checkUnit refuses the price of a month where the bill counts hours, the other way
// round, and the price of a million. AWS's units have many spellings.
func (w Wanted) checkUnit(unit string) error {
	switch {
	case many.MatchString(unit):
		return w.refuse(fmt.Sprintf("the unit %q", unit), "the price of one")
	case w.PerHour && !hours.MatchString(unit):
		return w.refuse(fmt.Sprintf("the unit %q", unit), "the price of an hour")
	case !w.PerHour && hours.MatchString(unit):
		return w.refuse(fmt.Sprintf("the unit %q", unit), "another than an hour")
	}
	return nil
}
