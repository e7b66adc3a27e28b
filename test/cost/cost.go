// Package cost holds what is read from bad input to limits of time and memory.
package cost

import (
	"runtime/metrics"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// RequireCheap fails the test unless do takes less than a second of processor time
// and allocates less than so many bytes. It counts all that is allocated, at once or
// not: what is in use at any time is less. Processor time is the same on a machine
// that is busy with something else.
func RequireCheap(t *testing.T, most uint64, do func()) {
	t.Helper()
	took, allocated := measure(do)
	if took >= time.Second {
		took, allocated = measure(do) // the garbage of a test before may have been collected
	}
	require.Less(t, took, time.Second)
	require.Less(t, allocated, most)
}

// RequireTime fails the test unless do takes less than so much processor time.
func RequireTime(t *testing.T, most time.Duration, do func()) {
	t.Helper()
	took, _ := measure(do)
	if took >= most {
		took, _ = measure(do)
	}
	require.Less(t, took, most)
}

// RequireLinear fails the test unless what is prepared for 500 of something allocates less
// than twelve times what it does for 100: five times, and tables that double. Where it looks
// at each pair, that is 25 times. Allocations are the same on a machine that is busy; of
// less than 4 MB they are counted too coarsely.
func RequireLinear(t *testing.T, prepare func(size int) (do func())) {
	t.Helper()
	_, few := measure(prepare(100))
	_, many := measure(prepare(500))
	require.Less(t, many, 12*few+4<<20)
}

func measure(do func()) (took time.Duration, allocated uint64) {
	before, start := allocations(), ProcessorTime()
	do()
	return ProcessorTime() - start, allocations() - before
}

// ProcessorTime returns what this process has used, on all processors.
func ProcessorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // only if RUSAGE_SELF were unknown
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func allocations() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
