package postgresql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The first four are AWS's own examples.
// https://repost.aws/articles/ARm5e6RHE3R4mnHS2S-UZUwA
func TestConnectionsAreThoseOfAWSsTable(t *testing.T) {
	for _, c := range []struct {
		smallest, largest float64
		want              int
	}{
		{0.5, 16, 2000}, {1, 16, 3360}, {0.5, 1, 189}, {1, 64, 5000}, {0.5, 2, 400}, {1, 8, 1669}, {1, 12, 2514},
	} {
		require.Equal(t, c.want, MostConnections(c.smallest, c.largest), c)
	}
}
