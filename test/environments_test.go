// Package test checks what the stacks synthesize to. It is one package since
// each test binary starts a node process of its own.
package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/test/environments"
)

// environmentNames are the names of the environments that have a file.
var environmentNames = config.EnvironmentNames(environments.Files)

// reference returns a reference environment as its file describes it.
func reference(t *testing.T, suffix string) *environment {
	t.Helper()
	return changed(t, suffix, nil)
}

// shortLived returns the environment "pr-17", which has no file and starts from
// another one.
func shortLived(t *testing.T, from string) *environment {
	t.Helper()
	return define(t, loaded(t, "pr-17", from))
}

// changed returns a reference environment with some fields changed.
func changed(t *testing.T, suffix string, change func(*config.Config)) *environment {
	t.Helper()
	cfg := loaded(t, suffix, "")
	if change != nil {
		change(&cfg)
	}
	return define(t, cfg)
}

// withoutRunbooks is like changed, but marks the environment as short-lived: it
// has no operators, isolation groups or stricter alarms, and only the runbooks
// that rotation needs. That saves a third of the time.
func withoutRunbooks(t *testing.T, suffix string, change func(*config.Config)) *environment {
	t.Helper()
	return changed(t, suffix, func(cfg *config.Config) {
		change(cfg)
		cfg.ShortLived = true
	})
}

// configurations are the loaded configurations, by environment and the one that it
// starts from.
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

// filedEnvironments returns the environments that have a file.
func filedEnvironments(t *testing.T) []*environment {
	t.Helper()
	var environments []*environment
	for _, suffix := range environmentNames {
		environments = append(environments, reference(t, suffix))
	}
	return environments
}

// allEnvironments returns the environments that have a file, and the short-lived
// pr-17 from dev.
func allEnvironments(t *testing.T) []*environment {
	t.Helper()
	return append(filedEnvironments(t), shortLived(t, "dev"))
}

// inFiledEnvironments runs check in each of filedEnvironments.
func inFiledEnvironments(t *testing.T, check func(t *testing.T, env *environment)) {
	t.Helper()
	runIn(t, filedEnvironments(t), check)
}

func runIn(t *testing.T, environments []*environment, check func(t *testing.T, env *environment)) {
	t.Helper()
	for _, env := range environments {
		t.Run(env.Environment, func(t *testing.T) { check(t, env) })
	}
}
