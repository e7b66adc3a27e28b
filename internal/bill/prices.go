package bill

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Prices are prices of AWS's price list, for on-demand use and without taxes, private
// discounts and the free tier.
type Prices struct {
	// Fetched is the day on which they were fetched.
	Fetched string `json:"fetched"`

	// Currency is USD.
	Currency string `json:"currency"`

	Prices []Price `json:"prices"`
}

// Price is the price of one product in one region.
type Price struct {
	Product string `json:"product"`

	// Region is empty for a global product, and EU or US for CloudFront's.
	Region string `json:"region,omitempty"`

	// SKU names the product in AWS's price list. Version is the version of that list,
	// Effective the time from which on the price counts.
	SKU       string `json:"sku"`
	Version   string `json:"version"`
	Effective string `json:"effective"`

	// Unit is as the price list has it.
	Unit string `json:"unit"`

	// Tiers are ascending. The first is from zero.
	Tiers []Tier `json:"tiers"`
}

// Tier is the price of a unit from a quantity on, which AWS counts for the whole
// account.
type Tier struct {
	From float64 `json:"from"`
	USD  float64 `json:"usd"`
}

// of returns the price of a quantity.
func (p *Price) of(quantity float64) (cost float64) {
	for i, tier := range p.Tiers {
		inTier := quantity - tier.From
		if i+1 < len(p.Tiers) {
			inTier = min(inTier, p.Tiers[i+1].From-tier.From)
		}
		cost += max(inTier, 0) * tier.USD
	}
	return cost
}

// find returns nil where there are no prices, or not this one.
func (p *Prices) find(wanted Wanted) *Price {
	if p == nil {
		return nil
	}
	i := slices.IndexFunc(p.Prices, func(price Price) bool {
		return price.Product == wanted.String() && price.Region == wanted.Region
	})
	if i < 0 {
		return nil
	}
	return &p.Prices[i]
}

// ReadPrices reads the file of the prices. The errors name it, and have a line for
// each mistake.
func ReadPrices(file string, content []byte) (*Prices, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	read := new(Prices)
	err := decoder.Decode(read)
	if err == nil && decoder.More() {
		err = errors.New("text after the end")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: got text that is no file of prices (%w), want what make prices writes", file, err)
	}
	var mistakes []error
	refuse := func(at, got, want string) {
		mistakes = append(mistakes, fmt.Errorf("%s: %s: got %s, want %s", file, at, got, want))
	}
	read.check(refuse)
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return read, nil
}

func (p *Prices) check(refuse func(at, got, want string)) {
	if _, err := time.Parse(time.DateOnly, p.Fetched); err != nil {
		refuse("fetched", fmt.Sprintf("%q", p.Fetched), "a day, such as 2026-11-28")
	}
	if p.Currency != "USD" {
		refuse("currency", fmt.Sprintf("%q", p.Currency), "USD")
	}
	seen := map[[2]string]bool{}
	for i, price := range p.Prices {
		at := fmt.Sprintf("prices[%d]", i)
		if key := [2]string{price.Product, price.Region}; seen[key] {
			refuse(at, fmt.Sprintf("%q in %q a second time", price.Product, price.Region), "it once")
		} else {
			seen[key] = true
		}
		if !ascending(price.Tiers) {
			refuse(at+".tiers", fmt.Sprint(price.Tiers), "ascending tiers from 0, at prices from 0 on")
		}
	}
}

func ascending(tiers []Tier) bool {
	for i, tier := range tiers {
		if tier.USD < 0 || i == 0 && tier.From != 0 || i > 0 && tier.From <= tiers[i-1].From {
			return false
		}
	}
	return len(tiers) > 0
}

// Write writes the file that ReadPrices reads.
func (p *Prices) Write(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(p)
}
