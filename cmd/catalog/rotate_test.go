package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/test/environments"
)

// newEnvironments is a directory with the files of environments, by suffix.
func newEnvironments(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for suffix, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, suffix+".yaml"), []byte(content), 0o600))
	}
	return dir
}

const others = "audit: {guardDuty: off, securityHub: off, config: off, accessAnalyzer: off, inspector: off}\nlifecycle: retained\n"

func TestRotationWritesTheFileAndSaysWhatComesNext(t *testing.T) {
	dir := newEnvironments(t, map[string]string{
		"prod":    others + "edge:\n  originHeaderVersion: 4 # May\n",
		"staging": "from: prod\n",
	})

	out, err := run("rotate-origin-header", "prod", "--environments", dir)

	require.NoError(t, err)
	require.Equal(t, dir+"/prod.yaml: edge.originHeaderVersion is 5, was 4\n"+`raised with it, to be deployed before the next rotation too: staging

Next, with AWS credentials:
  make diff SUFFIX=prod
  make deploy SUFFIX=prod
`, out)
	require.Equal(t, others+"edge:\n  originHeaderVersion: 5 # May\n", contentOf(t, dir, "prod"))
	require.Equal(t, "from: prod\n", contentOf(t, dir, "staging"))
}

func TestRefusedRotationWritesNothing(t *testing.T) {
	files := map[string]string{
		"prod":  "edge: {ingress: cloudfront}\n",
		"dev":   others + "edge: {ingress: internet, waf: {mode: off}}\n",
		"wrong": "region: mars\n",
	}
	for _, suffix := range []string{"prod", "dev", "wrong", "prdo", ""} {
		t.Run(suffix, func(t *testing.T) {
			dir := newEnvironments(t, files)

			out, err := run("rotate-origin-header", suffix, "--environments", dir)

			require.Error(t, err)
			require.Empty(t, out)
			for name, content := range files {
				require.Equal(t, content, contentOf(t, dir, name))
			}
		})
	}
}

// People lay their files out as the ones they were given.
func TestFilesAsShippedCanBeRotated(t *testing.T) {
	for _, suffix := range []string{"prod", "staging"} {
		t.Run(suffix, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, environments.Files))

			_, err := run("rotate-origin-header", suffix, "--environments", dir)

			require.NoError(t, err)
		})
	}
}

func contentOf(t *testing.T, dir, suffix string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, suffix+".yaml"))
	require.NoError(t, err)
	return string(content)
}
