package database

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBackupsStartAtOneAndRepeatWithinTheDay(t *testing.T) {
	for hours, want := range map[int]string{
		24: "cron(0 1 * * ? *)",
		12: "cron(0 1,13 * * ? *)",
		1:  "cron(0 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,0 * * ? *)",
	} {
		require.Equal(t, want, schedule(hours))
	}
}
