// Package test checks what the stacks synthesize to. It is one package since
// each test binary starts a node process of its own.
package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/environments"
)

// suffixes are the environments that have a file.
var suffixes = config.Suffixes(environments.Files)

// shipped is a reference environment, as its file describes it.
func shipped(t *testing.T, suffix string) *environment {
	t.Helper()
	return changed(t, suffix, nil)
}

// shortLived is the environment "pr-17", made from another.
func shortLived(t *testing.T, from string) *environment {
	t.Helper()
	return define(t, loaded(t, "pr-17", from))
}

// changed is a reference environment with some fields changed, for what none of
// them chooses.
func changed(t *testing.T, suffix string, change func(*config.Config)) *environment {
	t.Helper()
	cfg := loaded(t, suffix, "")
	if change != nil {
		change(&cfg)
	}
	return define(t, cfg)
}

// withoutRunbooks is changed, marked as short-lived, so that no runbooks,
// operators, isolation groups or twins of alarms are defined. They take a third
// of the time, and most tests are about something else.
func withoutRunbooks(t *testing.T, suffix string, change func(*config.Config)) *environment {
	t.Helper()
	return changed(t, suffix, func(cfg *config.Config) {
		change(cfg)
		cfg.ShortLived = true
	})
}

// configurations are those that were loaded, by suffix and model.
var configurations = map[[2]string]config.Config{}

func loaded(t *testing.T, suffix, from string) config.Config {
	t.Helper()
	key := [2]string{suffix, from}
	if _, ok := configurations[key]; !ok {
		cfg, _, err := config.Load(environments.Files, suffix, from)
		require.NoError(t, err)
		configurations[key] = cfg
	}
	return configurations[key]
}

// everyEnvironment are the environments that have a file and, of those that
// have none, one made from dev.
func everyEnvironment(t *testing.T) []*environment {
	t.Helper()
	var environments []*environment
	for _, suffix := range suffixes {
		environments = append(environments, shipped(t, suffix))
	}
	return append(environments, shortLived(t, "dev"))
}

// everywhere checks each environment that has a file.
func everywhere(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	for _, suffix := range suffixes {
		t.Run(suffix, func(t *testing.T) { check(t, shipped(t, suffix)) })
	}
}
