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
