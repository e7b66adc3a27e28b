package test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

func TestPasswordIsRotatedEvery90Days(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		data := env.stack(t, "data")
		data.count(schedule, 1)
		data.has(schedule, props{"RotationRules": props{"ScheduleExpression": "rate(90 days)"}})
	})
}

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

func TestRotationFunctionReachesDatabaseAndSecretsManager(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		groups := env.stack(t, "security-groups")
		function, database := rotationGroup(t, env), databaseGroup(t, env)

		groups.has("AWS::EC2::SecurityGroupEgress", props{
			"GroupId": function, "DestinationSecurityGroupId": database,
			"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432,
		})
		groups.has("AWS::EC2::SecurityGroupIngress", props{
			"GroupId": database, "SourceSecurityGroupId": function,
			"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432,
		})
		groups.has("AWS::EC2::SecurityGroup", props{
			"GroupDescription":    "Function that rotates the database password",
			"SecurityGroupEgress": including(props{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}),
		})
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

// rotationParameters are what the function's application is told.
func rotationParameters(t *testing.T, env *environment) props {
	t.Helper()
	return at(t, env.stack(t, "data").one(rotationFunction).Properties, "Parameters").(props)
}

// rotationGroup is the group that the function really runs in, as the stack of
// the groups knows it; databaseGroup is the cluster's.
func rotationGroup(t *testing.T, env *environment) props {
	t.Helper()
	return groupIn(t, env, rotationParameters(t, env)["vpcSecurityGroupIds"])
}

func databaseGroup(t *testing.T, env *environment) props {
	t.Helper()
	return groupIn(t, env, env.stack(t, "data").one("AWS::RDS::DBCluster").Properties["VpcSecurityGroupIds"])
}

func groupIn(t *testing.T, env *environment, imported any) props {
	t.Helper()
	groups := env.origins(t, imported)
	require.Len(t, groups, 1)
	require.Equal(t, "security-groups", groups[0].stack)
	return attribute(groups[0].id, groups[0].attribute)
}
