// Package schemata chooses a mutant while a program runs, so that one compiled
// program has all of them ("mutant schemata", Untch, Offutt and Harrold, 1993).
// Only the overlay of test/mutations imports it.
package schemata

import (
	"os"
	"strconv"
)

// Variable is the environment variable that holds the number of the mutant. Where
// it is not set, the program is as it is written.
const Variable = "CATALOG_MUTANT"

var chosen = number(os.Getenv(Variable))

func number(text string) int {
	if id, err := strconv.Atoi(text); err == nil {
		return id
	}
	return -1
}

// Is reports whether the mutant is the chosen one.
func Is(id int) bool { return id == chosen }

// Pick returns the mutated value if the mutant is the chosen one.
func Pick[T any](id int, original, mutated T) T {
	if Is(id) {
		return mutated
	}
	return original
}
