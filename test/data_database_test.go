package test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadersAreReadyToTakeOver(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		instances := env.stack(t, "data").ofType("AWS::RDS::DBInstance")
		require.Len(t, instances, 1+env.Database.Readers)
		tiers := map[any]int{}
		for _, instance := range instances {
			tiers[instance.Properties["PromotionTier"]]++
		}
		require.Equal(t, 1, tiers[0.0], "one writer")
		require.Equal(t, env.Database.Readers, tiers[1.0], "a reader in a later tier does not grow with the writer")
	})
	require.NotZero(t, reference(t, "prod").Database.Readers)
}

// A statement may have a password in it: ALTER USER, at every rotation. What a
// real PostgreSQL logs under these parameters is tested in constructs/postgresql.
func TestNoParameterMakesTheDatabaseLogTheTextOfAStatement(t *testing.T) {
	silent := props{"log_statement": "none", "log_min_duration_statement": "-1", "log_min_error_statement": "panic"}
	for _, env := range allEnvironments(t) {
		for _, group := range resourcesOf(t, env, "AWS::RDS::DBClusterParameterGroup", "AWS::RDS::DBParameterGroup") {
			parameters := group.Properties["Parameters"].(props)
			require.Subset(t, parameters, silent, "%s %s", env.Environment, group)
			for name := range parameters {
				require.NotRegexp(t, `^(log_parameter|debug_|auto_explain|pgaudit[.]log_parameter)`, name, "%s %s", env.Environment, group)
			}
		}
	}
}
