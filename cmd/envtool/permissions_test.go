package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPermissions(t *testing.T) {
	want, err := os.ReadFile("testdata/permissions.txt")
	require.NoError(t, err)

	got, err := run("permissions", "testdata/permissions")

	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestPermissionsOfNoAssemblyIsOneLine(t *testing.T) {
	out, err := run("permissions", "testdata")

	require.EqualError(t, err, "testdata/manifest.json: got nothing, want the manifest of an assembly, such as cdk.out")
	require.Empty(t, out)
}
