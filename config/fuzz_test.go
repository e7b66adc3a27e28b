package config_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/cost"
)

// FuzzLoad feeds an environment file and the one it may start from. Whatever
// they hold, it takes neither long nor much memory, and the outcome is mistakes of
// one line each, or a configuration that is valid: written out as a file, it loads
// as itself.
func FuzzLoad(f *testing.F) {
	f.Add("{}", "{}")
	f.Add("from: base\nservice: {cpu: 256, memory: 512}\n", "network: {zones: [a, b, c]}\ntags: {a: b}\n")
	for _, content := range worst {
		f.Add(content[:500], "{}") // with more it would mostly shorten them
	}
	f.Fuzz(func(t *testing.T, child, parent string) {
		var cfg config.Config
		var err error
		cost.RequireCheap(t, 100<<20, func() { cfg, _, err = files{"dev": child, "base": parent}.load("dev", "") })
		if err != nil {
			require.Equal(t, config.Config{}, cfg)
			var mistakes config.Errors
			require.ErrorAs(t, err, &mistakes)
			require.Len(t, strings.Split(err.Error(), "\n"), len(mistakes))
			return
		}
		again, _, err := files{"dev": writeOut(t, cfg)}.load("dev", "")
		require.NoError(t, err)
		cfg.From = ""
		require.Equal(t, cfg, again)
	})
}

func writeOut(t *testing.T, cfg config.Config) string {
	t.Helper()
	content, err := json.Marshal(cfg)
	require.NoError(t, err)
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal(content, &fields))
	delete(fields, "from")
	content, err = json.Marshal(fields)
	require.NoError(t, err)
	return string(content)
}
