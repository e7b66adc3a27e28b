// Package published has which resource types AWS offers in which region, and how long it
// supports versions. The data of packages is in published.json, which renew.py writes.
// Data that only AWS's pages have is in support.go, with the page.
package published

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"sync"
)

//go:generate make -C ../.. published

//go:embed published.json
var content []byte

// table has the fields of published.json.
type table struct {
	// Sources are the packages that it was taken from, in their versions.
	Sources map[string]string

	// Read is the day on which it was taken.
	Read string

	// Regions have AWS's description of each, by name.
	Regions map[string]string

	// Missing are the regions that lack a resource type, by type. The list is empty for a
	// type that every region has.
	Missing map[string][]string

	// AuroraVersions of PostgreSQL can be created, in order.
	AuroraVersions []string

	// LambdaRuntimesEnd is the day on which Lambda deprecates a runtime.
	LambdaRuntimesEnd map[string]string
}

var parsed = sync.OnceValue(func() table {
	var t table
	if err := json.Unmarshal(content, &t); err != nil {
		panic(err) // only if renew.py writes something else
	}
	return t
})

// Sources returns the versions of the packages that the table was taken from.
func Sources() map[string]string { return parsed().Sources }

// Regions returns AWS's description of each region, such as "Europe
// (Stockholm)", by the region's name.
func Regions() map[string]string { return parsed().Regions }

// Types returns the types of resources that were looked up, sorted.
func Types() []string { return slices.Sorted(maps.Keys(parsed().Missing)) }

// Lacking returns the types of resources that were looked up and that a region
// does not have, sorted.
func Lacking(region string) []string {
	return slices.DeleteFunc(Types(), func(name string) bool { return !slices.Contains(parsed().Missing[name], region) })
}
