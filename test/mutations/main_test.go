package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A function that is renamed takes its mutants' names along.
func TestEachReasonIsForAMutantThatThereIs(t *testing.T) {
	t.Chdir("../..")
	all, err := mutants(mutated...)
	require.NoError(t, err)
	_, err = readReasons(equivalent, all)
	require.NoError(t, err)
}
