// Package cost holds what is read from bad input to limits of time and memory.
package cost

import (
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RequireCheap fails the test unless do takes less than a second and allocates
// less than so many bytes. It counts all that is allocated, at once or not: what
// is in use at any time is less.
func RequireCheap(t *testing.T, most uint64, do func()) {
	t.Helper()
	took, allocated := measure(do)
	if took >= time.Second {
		took, allocated = measure(do) // a machine may have been busy with something else
	}
	require.Less(t, took, time.Second)
	require.Less(t, allocated, most)
}

func measure(do func()) (took time.Duration, allocated uint64) {
	before, start := allocations(), time.Now()
	do()
	return time.Since(start), allocations() - before
}

func allocations() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
