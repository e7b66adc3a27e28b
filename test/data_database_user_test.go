package test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/constructs/postgresql"
)

// databaseSecretsOf returns which secret of the database each variable of a family's
// container comes from: "master password" or "user password".
func databaseSecretsOf(t *testing.T, env *environment, family string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, secret := range asList(containerOf(t, env, family)["Secrets"]) {
		text := string(must(json.Marshal(at(t, secret, "ValueFrom"))))
		owner := "master"
		if strings.Contains(text, "DatabaseUser") {
			owner = "user"
		}
		_, key, _ := strings.Cut(text, `":`)
		key = key[strings.LastIndex(key, `":`)+2:]
		found[at(t, secret, "Name").(string)] = owner + " " + strings.Trim(key, `:"]}`)
	}
	return found
}

func TestOnlyTheMigrationAndItsUserTaskConnectAsTheMasterUser(t *testing.T) {
	env := vpcOriginProd(t)
	require.Equal(t, map[string]string{"DB_HOST": "user host", "DB_USERNAME": "user username", "DB_PASSWORD": "user password"},
		databaseSecretsOf(t, env, env.Name()))
	require.Equal(t, map[string]string{"DB_HOST": "master host", "DB_USERNAME": "master username", "DB_PASSWORD": "master password"},
		databaseSecretsOf(t, env, env.Name()+"-migration"))
	require.Equal(t, map[string]string{
		"PGHOST": "master host", "PGUSER": "master username", "PGPASSWORD": "master password",
		"APPLICATION_USERNAME": "user username", "APPLICATION_PASSWORD": "user password",
	}, databaseSecretsOf(t, env, env.Name()+"-database-user"))
	for role, secrets := range map[string]int{"UserExecutionRole": 1, "TaskRole": 1, "ExecutionRole": 2} {
		found := granted(t, env, role, "secretsmanager:GetSecretValue")
		require.Len(t, found, secrets, role)
		require.Contains(t, strings.Join(found, " "), "DatabaseUserSecret", role)
	}
}

func TestTheUserTaskGetsWhatItsCommandReads(t *testing.T) {
	env := vpcOriginProd(t)
	own := containerOf(t, env, env.Name()+"-database-user")
	require.Equal(t, postgresql.ApplicationUserImage, own["Image"])
	require.Len(t, own["Command"], len(postgresql.ApplicationUserCommand))
	variables := map[string]any{}
	for _, variable := range asList(own["Environment"]) {
		variables[at(t, variable, "Name").(string)] = at(t, variable, "Value")
	}
	require.Equal(t, map[string]any{
		"PGPORT": "5432", "PGDATABASE": "catalog", "PGSSLMODE": "require", "PGREQUIREAUTH": "scram-sha-256,md5",
		"APPLICATION_USER": "catalog_app",
	}, variables)
	require.NotContains(t, own, "PortMappings")
}

// Only the service goes back to former revisions.
func TestTasksThatRunOnceAreSmallEndSoonAndLeaveNoRevisions(t *testing.T) {
	env := vpcOriginProd(t)
	compute := env.stack(t, "compute")
	found := map[string]resource{}
	for _, definition := range compute.ofType(taskDefinition) {
		found[strings.TrimPrefix(definition.Properties["Family"].(string), env.Name()+"-")] = definition
	}
	user := found["database-user"].Properties
	require.Equal(t, []any{"256", "512", nil}, []any{user["Cpu"], user["Memory"], user["EphemeralStorage"]})
	for _, family := range []string{"database-user", "migration"} {
		require.NotEqual(t, "Retain", found[family].UpdateReplacePolicy, family)
		require.Equal(t, 30.0, containerOf(t, env, env.Name()+"-"+family)["StopTimeout"], family)
	}
	minutes := map[string]string{}
	for id, function := range compute.ofType("AWS::Lambda::Function") {
		name, _, _ := strings.Cut(id, "Function")
		_, after, _ := strings.Cut(string(must(json.Marshal(function.Properties["Environment"]))), `\"minutes\":`)
		minutes[name], _, _ = strings.Cut(after, ",")
	}
	require.Equal(t, map[string]string{"DatabaseUser": "5", "Migration": "14"}, minutes)
}

// The first rotation logs in as the user. It is over when the migration is, so that the
// tasks start with the password that stays.
func TestTheUserIsThereBeforeItsRotationAndThatBeforeTheMigration(t *testing.T) {
	compute := vpcOriginProd(t).stack(t, "compute")
	runs := map[string]string{}
	for id := range compute.ofType("Custom::TaskRun") {
		name, _, _ := strings.Cut(id, "Run")
		runs[name] = id
	}
	require.ElementsMatch(t, []string{"DatabaseUser", "Migration"}, slices.Collect(maps.Keys(runs)))
	rotation, migration := compute.id(schedule), compute.resources[runs["Migration"]]
	require.Contains(t, compute.resources[rotation].DependsOn, runs["DatabaseUser"])
	require.Subset(t, migration.DependsOn, []string{runs["DatabaseUser"], rotation})
	require.Subset(t, compute.one(service).DependsOn, []string{runs["DatabaseUser"], rotation, runs["Migration"]})
	require.NotContains(t, compute.resources[runs["DatabaseUser"]].DependsOn, runs["Migration"])
}

func TestTheUsersPasswordAlternatesAndHasTheMasterUsersRules(t *testing.T) {
	env := vpcOriginProd(t)
	data, compute := env.stack(t, "data"), env.stack(t, "compute")
	own := at(t, compute.one(rotationFunction).Properties, "Parameters").(props)
	master := at(t, data.one(rotationFunction).Properties, "Parameters").(props)
	require.Equal(t, master["excludeCharacters"], own["excludeCharacters"])
	require.NotEqual(t, master["functionName"], own["functionName"])
	require.Contains(t, string(must(json.Marshal(own["masterSecretArn"]))), "DatabaseSecret")
	require.Contains(t, string(must(json.Marshal(env.templates["compute"].Template.Mappings))), "SecretsManagerRDSPostgreSQLRotationMultiUser")
	require.Equal(t, at(t, data.one(schedule).Properties, "RotationRules"), at(t, compute.one(schedule).Properties, "RotationRules"))
	var ofUser props
	for id, secret := range data.ofType(secretType) {
		if strings.Contains(id, "User") {
			ofUser = secret.Properties["GenerateSecretString"].(props)
		}
	}
	require.Equal(t, join(`{"username":"catalog_app","masterarn":"`, ref("DatabaseSecret3B817195"), `"}`), ofUser["SecretStringTemplate"])
	require.Equal(t, excludedCharacters, ofUser["ExcludeCharacters"])
	require.Equal(t, 32.0, ofUser["PasswordLength"])
}

// The tasks have only the user's password, and people must hear of both rotations.
func TestTasksAreReplacedAfterARotationOfTheUserAlone(t *testing.T) {
	env := vpcOriginProd(t)
	secrets := map[string]int{}
	for id, rule := range env.stack(t, "response").ofType("AWS::Events::Rule") {
		pattern, _ := rule.Properties["EventPattern"].(props)
		if of, _ := under(pattern, "detail"); of != nil && strings.HasPrefix(id, "Rotation") {
			ids := asList(at(t, pattern, "detail", "additionalEventData", "SecretId"))
			require.Contains(t, string(must(json.Marshal(ids))), "DatabaseUserSecret", id)
			secrets[at(t, pattern, "detail", "eventName", 0).(string)] = len(ids)
		}
	}
	require.Equal(t, map[string]int{"RotationSucceeded": 1, "RotationFailed": 2}, secrets)
	var functions []string
	for id, alarm := range env.stack(t, "monitoring").ofType("AWS::CloudWatch::Alarm") {
		if strings.HasPrefix(id, "RotationFailed") {
			text := string(must(json.Marshal(alarm.Properties)))
			for _, name := range []string{env.Name() + "-rotation", env.Name() + "-user-rotation"} {
				if strings.Contains(text, `"`+name+`"`) {
					functions = append(functions, name)
				}
			}
		}
	}
	require.Equal(t, []string{env.Name() + "-rotation", env.Name() + "-user-rotation"}, functions)
}

// Two steps of one name are refused, and the second secret is rotated after the first.
func TestBothPasswordsAreRotatedByStepsOfTheirOwn(t *testing.T) {
	var rotations []string
	for _, step := range stepsOf(t, vpcOriginProd(t), "rotate-secret") {
		if name := step["name"].(string); strings.Contains(name, "Rotation") || strings.HasPrefix(name, "WaitForVersion") {
			rotations = append(rotations, name)
		}
	}
	require.Contains(t, strings.Join(rotations, " "), "StartRotation WaitForVersion StartRotation2 WaitForVersion2")
}
