package output_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/output"
)

// synthesis returns what writes an assembly of one template.
func synthesis(template string) func(dir string) error {
	return func(dir string) error {
		return os.WriteFile(filepath.Join(dir, "data.template.json"), []byte(template), 0o600)
	}
}

func refuse(string) error { return errors.New("invalid CIDR") }

// write writes an assembly of "dev" and reports whether it did.
func write(t *testing.T, dir, inputs, template string) bool {
	t.Helper()
	written, err := output.Write(dir, inputs, synthesis(template))
	require.NoError(t, err)
	return written
}

func requireTemplate(t *testing.T, dir, want string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "data.template.json"))
	require.NoError(t, err)
	require.Equal(t, want, string(content))
}

// requireAlone checks that nothing is left beside the assembly.
func requireAlone(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	require.Equal(t, want, names)
}

func TestAnAssemblyReplacesTheOneBefore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cdk.out")
	require.True(t, write(t, dir, "prod", "prod's"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "audit.template.json"), []byte("prod's alone"), 0o600))

	require.True(t, write(t, dir, "dev", "dev's"))

	requireTemplate(t, dir, "dev's")
	require.NoFileExists(t, filepath.Join(dir, "audit.template.json"))
	requireAlone(t, dir, "cdk.out")
}

func TestNothingIsSynthesizedTwice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cdk.out")
	require.True(t, write(t, dir, "dev", "{}"))

	require.False(t, write(t, dir, "dev", "another"))

	requireTemplate(t, dir, "{}")
}

func TestItIsSynthesizedAgainAfter(t *testing.T) {
	cases := map[string]func(t *testing.T, dir string){
		"a template was changed": func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "data.template.json"), []byte("by hand"), 0o600))
		},
		"a template was removed": func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "data.template.json")))
		},
		"a file was added": func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), nil, 0o600))
		},
		"the stamp was damaged": func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "catalog-infra.json"), []byte("null"), 0o600))
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cdk.out")
			require.True(t, write(t, dir, "dev", "{}"))
			change(t, dir)

			require.True(t, write(t, dir, "dev", "{}"))

			requireTemplate(t, dir, "{}")
		})
	}
}

func TestAFailedSynthesisLeavesTheAssemblyBefore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cdk.out")
	write(t, dir, "dev", "{}")

	_, err := output.Write(dir, "prod", refuse)

	require.EqualError(t, err, "invalid CIDR")
	requireTemplate(t, dir, "{}")
	requireAlone(t, dir, "cdk.out")
}

func TestAFirstSynthesisThatFailsLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cdk.out")
	_, err := output.Write(dir, "prod", refuse)
	require.EqualError(t, err, "invalid CIDR")
	requireAlone(t, dir)
}

func TestAnAssemblyThatIsInUseStays(t *testing.T) {
	lock := func(t *testing.T, dir, name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	self := fmt.Sprint(os.Getpid())
	const gone = "4194305" // above the highest process ID of Linux
	cases := map[string]struct {
		name, content string
		inUse         bool
	}{
		"read by a CLI":                 {"read." + self + ".1.lock", self, true},
		"written by a CLI":              {"synth.lock", self + "\n", true},
		"left behind by a reader":       {"read." + gone + ".1.lock", gone, false},
		"left behind by a writer":       {"synth.lock", gone, false},
		"beside a file that is no lock": {"read.me", self, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "cdk.out")
			write(t, dir, "dev", "{}")
			lock(t, dir, test.name, test.content)

			written, err := output.Write(dir, "prod", synthesis("prod's"))

			require.Equal(t, !test.inUse, written)
			if test.inUse {
				require.EqualError(t, err, dir+": a CDK CLI (process "+self+") works with it: wait for its end, or stop it")
				requireTemplate(t, dir, "{}")
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// A deploy may begin while another environment is synthesized.
func TestAnAssemblyThatComesIntoUseStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cdk.out")
	write(t, dir, "dev", "{}")

	_, err := output.Write(dir, "prod", func(fresh string) error {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("read.%d.1.lock", os.Getpid())), nil, 0o600))
		return synthesis("prod's")(fresh)
	})

	require.ErrorContains(t, err, "works with it")
	requireTemplate(t, dir, "{}")
	requireAlone(t, dir, "cdk.out")
}
