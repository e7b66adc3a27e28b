package test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// The bare secret has neither engine nor host, and the function would refuse
// it.
func TestRotationChangesTheSecretThatKnowsItsDatabase(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		attached := data.one(secretAttachment).Properties
		require.Equal(t, ref(data.id("AWS::SecretsManager::Secret")), attached["SecretId"])
		require.Equal(t, ref(data.id("AWS::RDS::DBCluster")), attached["TargetId"])
		require.Equal(t, "AWS::RDS::DBCluster", attached["TargetType"])

		rotated := data.one(schedule).Properties
		require.Equal(t, ref(data.id(secretAttachment)), rotated["SecretId"])
		require.Equal(t, attribute(data.id(rotationFunction), "Outputs.RotationLambdaARN"), rotated["RotationLambdaARN"])
	})
}

func TestRotatedPasswordsExcludeWhatTheFirstOneDoes(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		created := env.stack(t, "data").one("AWS::SecretsManager::Secret").Properties
		rotated := rotationParameters(t, env)["excludeCharacters"]
		require.Equal(t, excludedCharacters, rotated)
		require.Equal(t, at(t, created, "GenerateSecretString", "ExcludeCharacters"), rotated)
	})
}

func TestRotationFunctionRunsInPrivateSubnets(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		env.requireTier(t, "Private", rotationParameters(t, env)["vpcSubnetIds"])
	})
}

func TestRotationFunctionIsNamedAfterItsEnvironment(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		require.Equal(t, env.Name()+"-rotation", rotationParameters(t, env)["functionName"])
	})
	require.Equal(t, config.Project+"-pr-17-rotation", rotationParameters(t, shortLived(t, "dev"))["functionName"])
}

// The first rotation runs as soon as there is a schedule.
func TestRotationWaitsForClusterAndInstances(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		waitsFor := data.one(rotationFunction).DependsOn
		require.Contains(t, waitsFor, data.id("AWS::RDS::DBCluster"))
		for instance := range data.ofType("AWS::RDS::DBInstance") {
			require.Contains(t, waitsFor, instance)
		}
	})
}

func TestRotationFunctionHasAGroupOfItsOwn(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		group := env.origins(t, rotationParameters(t, env)["vpcSecurityGroupIds"])
		require.Len(t, group, 1)
		require.Equal(t, "Function that rotates the database password", env.resource(t, group[0]).Properties["GroupDescription"])

		used := slices.Collect(maps.Values(env.stack(t, "compute").ofType("")))
		used = append(used, env.stack(t, "data").one("AWS::RDS::DBCluster"))
		for _, r := range used {
			require.NotContains(t, env.origins(t, r.Properties), group[0], r.Type)
		}
	})
}

// rotationParameters returns the parameters of the function's application.
func rotationParameters(t *testing.T, env *environment) props {
	t.Helper()
	return at(t, env.stack(t, "data").one(rotationFunction).Properties, "Parameters").(props)
}
