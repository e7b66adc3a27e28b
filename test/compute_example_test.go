package test

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/constructs/postgresql"
)

// A deployment runs twice as many tasks.
func TestTheExamplesConnectionsFitTheDatabase(t *testing.T) {
	found := regexp.MustCompile(`const MaxConns = (\d+)\n`).FindStringSubmatch(read(t, "../examples/catalog/store/store.go"))
	require.Len(t, found, 2)
	each, err := strconv.Atoi(found[1])
	require.NoError(t, err)
	for _, env := range allEnvironments(t) {
		require.Less(t, 2*env.Service.MaxTasks*each, postgresql.MostConnections(env.Database.MinCapacity, env.Database.MaxCapacity),
			env.Environment)
	}
}
