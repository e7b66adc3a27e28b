package bill

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
)

// Product names one product of AWS's price list.
type Product struct {
	// Service is the service's code, such as AmazonEC2.
	Service string

	// UsageType is without the prefix that most regions have: "NatGateway-Hours" for
	// EUN1-NatGateway-Hours.
	UsageType string

	// Operation tells products of the same usage type apart, as Engine does for
	// databases; empty where the usage type alone names the product.
	Operation, Engine string

	// PerHour marks a price of an hour. All others are of a month, a volume or a request.
	PerHour bool

	// Global products have one price for all regions. Those at the Edge have one for
	// each part of the world, which begins their usage type: EU-DataTransfer-Out-Bytes.
	Global, Edge bool
}

// Wanted is a product in a region, which is empty for global products.
type Wanted struct {
	Product
	Region string
}

// region returns the region whose price counts in a stack's region. CloudFront's
// cheapest price class is at two prices, of Europe and of North America.
func (p Product) region(of string) string {
	switch {
	case p.Global:
		return ""
	case p.Edge && strings.HasPrefix(of, "eu-"):
		return "EU"
	case p.Edge:
		return "US"
	}
	return of
}

// String returns the name that the file of the prices has for the product.
func (p Product) String() string {
	return strings.Join(strings.Fields(strings.Join([]string{p.Service, p.UsageType, p.Operation, p.Engine}, " ")), " ")
}

// Attributes returns the attributes that a product has exactly, by AWS's names.
func (w Wanted) Attributes() map[string]string {
	attributes := map[string]string{"operation": w.Operation, "databaseEngine": w.Engine}
	switch {
	case w.Edge:
		attributes["usagetype"] = w.Region + "-" + w.UsageType
	case w.Global:
		attributes["usagetype"] = w.UsageType
	case w.Service == "AWSDataTransfer": // its products are between two places
		attributes["fromRegionCode"] = w.Region
	default:
		attributes["regionCode"] = w.Region
	}
	maps.DeleteFunc(attributes, func(_, value string) bool { return value == "" })
	return attributes
}

// regionPrefix is what usage types begin with: EUN1- in most price lists, the region's
// code in that of KMS, nothing in us-east-1.
var regionPrefix = regexp.MustCompile(`^([A-Z]{2,4}[0-9]?|[a-z]{2}(-[a-z]+)+-[0-9])-`)

// matches reports whether the attributes are those of the product.
func (w Wanted) matches(attributes map[string]string) bool {
	for name, value := range w.Attributes() {
		if attributes[name] != value {
			return false
		}
	}
	usageType := attributes["usagetype"]
	return w.Global || w.Edge || usageType == w.UsageType || regionPrefix.ReplaceAllString(usageType, "") == w.UsageType
}

// Products returns the products that the assemblies are charged for, whatever is
// assumed about their use.
func Products(all ...*assembly.Assembly) []Wanted {
	seen := map[Wanted]bool{}
	for _, made := range all {
		for _, line := range Of(made, someOfEach(), nil).Lines {
			seen[line.wanted] = line.wanted.Service != "" && line.wanted.Region != "unknown-region"
		}
	}
	maps.DeleteFunc(seen, func(_ Wanted, known bool) bool { return !known })
	return slices.SortedFunc(maps.Keys(seen), func(a, b Wanted) int {
		return strings.Compare(a.String()+" "+a.Region, b.String()+" "+b.Region)
	})
}
