package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Lambda makes the log group that a function lacks: without retention, without a
// key, and it outlives the stack. So a function has a group in its template, or
// may not log.
func TestNoFunctionHasALogGroupThatNobodyOwns(t *testing.T) {
	functions := 0
	for _, env := range append(environmentsWithEverySetting(t), shortLived(t, "prod"), customerManagedKeysDev(t)) {
		for _, r := range resourcesOf(t, env, "AWS::Lambda::Function", rotationFunction, "AWS::CloudFront::Function") {
			switch r.Type {
			case rotationFunction:
				requireLogGroup(t, env, r)
			case "AWS::Lambda::Function":
				requireSilent(t, env, r)
			default: // CloudFront's log group would be in us-east-1
				require.NotContains(t, at(t, r.Properties, "FunctionCode"), "console", "%s %s", env.Environment, r)
			}
			functions++
		}
	}
	require.Greater(t, functions, 10)
}

// requireLogGroup checks that the function's group is there before it, kept as
// long and removed as the environment says.
func requireLogGroup(t *testing.T, env *environment, function placed) {
	t.Helper()
	name := "/aws/lambda/" + at(t, function.Properties, "Parameters", "functionName").(string)
	for _, group := range resourcesOf(t, env, logGroup) {
		if group.stack != function.stack || group.Properties["LogGroupName"] != name {
			continue
		}
		require.Contains(t, function.DependsOn, group.id, "%s %s", env.Environment, function)
		require.EqualValues(t, env.Logs.RetentionDays, group.Properties["RetentionInDays"])
		require.Equal(t, map[bool]string{true: "Delete", false: "Retain"}[env.Lifecycle == "disposable"], group.DeletionPolicy, "%s %s",
			env.Environment, group)
		return
	}
	require.Fail(t, "no log group", "%s %s writes to %s: make it with env.NewLogGroup", env.Environment, function, name)
}

// requireSilent checks that the function's role may not log.
func requireSilent(t *testing.T, env *environment, function placed) {
	t.Helper()
	role := at(t, function.Properties, "Role", "Fn::GetAtt", 0).(string)
	require.NotContains(t, env.stack(t, function.stack).ofType("AWS::IAM::Role")[role].Properties, "ManagedPolicyArns",
		"%s %s: see emptySilently of constructs/storage", env.Environment, function)
	for _, s := range statementsOf(t, env) {
		require.False(t, s.stack == function.stack && strings.Contains(s.line, "logs:CreateLogGroup"), "%s %s", env.Environment, s.line)
	}
}
