package config_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

const allowedName = `: got a name that no environment can have, want NAME.yaml, NAME being 1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen`

// The names beside dev.yaml, and what is said of each.
var misnamed = map[string]string{
	"QA.yaml":            `: got a name that no environment can have, want qa.yaml`,
	"live.yml":           `: got a name that no environment can have, want live.yaml`,
	"test.YAML":          `: got a name that no environment can have, want test.yaml`,
	"load.yalm":          `: got a name that no environment can have, want load.yaml`,
	"dev.yml":            allowedName, // dev.yaml is there already
	"integration-1.yaml": allowedName,
	"prod (copy).yaml":   allowedName,
	"prod_2.yaml":        allowedName,
	"2nd.yaml":           allowedName,
	"dev.old.yaml":       allowedName,
}

func beside(name string) fstest.MapFS {
	return fstest.MapFS{"dev.yaml": {Data: []byte("lifecycle: retained")}, name: {Data: []byte("not: [read")}}
}

// A stray file must not keep anybody from deploying another environment.
func TestFileWithTheNameOfNoEnvironmentIsWarnedOf(t *testing.T) {
	for name, message := range misnamed {
		t.Run(name, func(t *testing.T) {
			cfg, warnings, err := config.Load(beside(name), "dev", "")
			require.NoError(t, err)
			require.Equal(t, "dev", cfg.Environment)
			require.Equal(t, []string{"config/environments/" + name + message}, warnings)
			require.Equal(t, []string{"dev"}, config.EnvironmentNames(beside(name)))
		})
	}
}

func TestFileWithTheNameOfNoEnvironmentIsNamedWhereOneIsMissing(t *testing.T) {
	const stray = `config/environments/QA.yaml: got a name that no environment can have, want qa.yaml`
	for name, c := range map[string]struct{ dev, name, from, want string }{
		"as the environment":     {"{}", "qa", "", `environmentSuffix: got "qa", want one of dev, or for a short-lived one its base environment: make ... FROM=dev, or -c environmentFrom=dev`},
		"as it is spelled":       {"{}", "QA", "", `environmentSuffix: got "QA", want 1 to 12 of a-z, 0-9 and single hyphens, the first a letter, the last no hyphen`},
		"as what to start from":  {"{}", "pr-17", "qa", `environmentFrom: got "qa", want one of dev`},
		"as what a file is from": {"from: qa\n", "dev", "", `config/environments/dev.yaml:1: from: got "qa", want one of dev`},
	} {
		t.Run(name, func(t *testing.T) {
			files := beside("QA.yaml")
			files["dev.yaml"].Data = []byte(c.dev)
			_, _, err := config.Load(files, c.name, c.from)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, stray)
			require.Len(t, err, 2)
		})
	}
}

func TestBackupsAndOtherFilesAreNoEnvironments(t *testing.T) {
	for _, name := range []string{
		"dev.yaml~", "dev.yaml.orig", "dev.yaml.bak", "dev.yaml.swp", ".#prod.yaml", "#prod.yaml#",
		".prod.yaml.swp", "schema.json", "environments.go", "yaml",
	} {
		_, warnings, err := config.Load(beside(name), "dev", "")
		require.NoError(t, err)
		require.Empty(t, warnings, name)
	}
}

func TestWithoutAnyFileTheMessageSaysSo(t *testing.T) {
	_, _, err := config.Load(fstest.MapFS{}, "dev", "")
	requireRefused(t, err, `environmentSuffix: got "dev", want an environment with a file, of which there is none in config/environments/, or for a short-lived one its base environment: make ... FROM=dev, or -c environmentFrom=dev`)
}
