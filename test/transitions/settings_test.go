//go:build transitions

package transitions

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
	"catalog-infra/test/environments"
	"catalog-infra/test/synthesis"
)

// settings are a file of the configuration, or a part of one.
type settings map[string]any

func parsed(t *testing.T, text string) settings {
	t.Helper()
	var found settings
	require.NoError(t, yaml.Unmarshal([]byte(text), &found))
	return found
}

// merged returns the settings with those of another file in their place.
func (s settings) merged(other settings) settings {
	all := maps.Clone(s)
	for key, value := range other {
		inner, isSection := section(value)
		before, wasSection := section(all[key])
		if isSection && wasSection {
			value = before.merged(inner)
		}
		all[key] = value
	}
	return all
}

func section(value any) (settings, bool) {
	switch found := value.(type) {
	case settings:
		return found, true
	case map[string]any:
		return found, true
	}
	return nil, false
}

// files are the reference environments. Each is complete in its own file, so that a
// change of one is not inherited by another.
type files map[string]settings

func reference(t *testing.T) files {
	t.Helper()
	all := files{}
	for _, name := range config.EnvironmentNames(environments.Files) {
		cfg, _, err := config.Load(environments.Files, name, "")
		require.NoError(t, err)
		content, err := json.Marshal(cfg)
		require.NoError(t, err)
		all[name] = parsed(t, string(content)) // JSON is YAML
		delete(all[name], "from")
	}
	return all
}

// load returns the environment with the given settings in its file.
func (f files) load(environment string, other ...settings) (config.Config, error) {
	written := fstest.MapFS{}
	for name, file := range f {
		for _, each := range other {
			if name == environment {
				file = file.merged(each)
			}
		}
		content, err := json.Marshal(file)
		if err != nil {
			return config.Config{}, err
		}
		written[name+".yaml"] = &fstest.MapFile{Data: content}
	}
	cfg, _, err := config.Load(written, environment, "")
	return cfg, err
}

// synthesized returns the assembly of an environment.
func synthesized(t *testing.T, cfg config.Config) *assembly.Assembly {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "cdk.out")
	require.NoError(t, synthesis.Write(cfg, directory))
	found, err := assembly.Load(directory)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(directory))
	return found
}
