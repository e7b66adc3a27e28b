package postgresql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheBackupIsOverWhenTheMaintenanceBegins(t *testing.T) {
	for start, want := range map[string][2]string{
		"tue:03:30": {"tue:03:30-tue:04:00", "02:30-03:00"},
		"sat:23:45": {"sat:23:45-sun:00:15", "22:45-23:15"},
		"mon:00:15": {"mon:00:15-mon:00:45", "23:15-23:45"},
		"sun:23:30": {"sun:23:30-mon:00:00", "22:30-23:00"},
	} {
		maintenance, backup := Windows(start, "")
		require.Equal(t, want, [2]string{maintenance, backup}, start)
	}
	_, backup := Windows("tue:03:30", "23:45")
	require.Equal(t, "23:45-00:15", backup)
	for _, wrong := range []string{"", "tuesday", "03:30", "xyz:03:30", "tue:24:00"} {
		require.Panics(t, func() { Windows(wrong, "") }, wrong)
	}
}
