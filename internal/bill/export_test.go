package bill

import (
	"maps"
	"slices"
)

// ChargedTypes are the types that have charges.
func ChargedTypes() []string { return slices.Sorted(maps.Keys(chargesOf)) }
