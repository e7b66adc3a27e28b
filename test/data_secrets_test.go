package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// generators are the ways in which the secrets of an environment are generated,
// by stack and logical id.
func generators(t *testing.T, env *environment) map[string]any {
	t.Helper()
	found := map[string]any{}
	for _, secret := range resourcesOf(t, env, secretType) {
		found[secret.stack+" "+secret.id] = secret.Properties["GenerateSecretString"]
	}
	return found
}

// CloudFormation generates a secret anew when a property of its generator
// changes: the database would keep the old password.
func TestNoChangeGeneratesASecretAnewInItsPlace(t *testing.T) {
	before := generators(t, withoutRunbooks(t, "prod", func(*config.Config) {}))
	require.Len(t, before, 2)
	changes := map[string]func(*config.Config){
		"another user":     func(cfg *config.Config) { cfg.Database.Username = "catalog_owner" },
		"another database": func(cfg *config.Config) { cfg.Database.Name = "catalog2" },
		"a restored database": func(cfg *config.Config) {
			cfg.Database.RestoreFrom = config.RestoreFrom{Cluster: "catalog-api-old", Time: "latest"}
		},
		"AWS's keys":                       func(cfg *config.Config) { cfg.Encryption = config.EncryptionAWSManaged },
		"rotation once a month":            func(cfg *config.Config) { cfg.Database.RotationDays = 30 },
		"another value of the header":      func(cfg *config.Config) { cfg.Edge.OriginHeaderVersion = 2 },
		"the next of them":                 func(cfg *config.Config) { cfg.Edge.OriginHeaderVersion = 3 },
		"an environment that may be taken": func(cfg *config.Config) { cfg.Lifecycle = config.LifecycleRetained },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			for id, after := range generators(t, withoutRunbooks(t, "prod", change)) {
				if before[id] != nil {
					require.Equal(t, before[id], after, "%s: give it another id", id)
				}
			}
		})
	}
}

// A release changes every environment at once. Another generator needs another
// id, constructs/database/credentials.go, or it overwrites what is in use.
func TestSecretsAreGeneratedAsTheyAlwaysWere(t *testing.T) {
	header := props{"ExcludePunctuation": true, "PasswordLength": 32.0}
	require.Equal(t, map[string]any{
		"data DatabaseSecret3B817195": props{
			"SecretStringTemplate": `{"username":"catalog_admin"}`,
			"GenerateStringKey":    "password",
			"PasswordLength":       32.0,
			"ExcludeCharacters":    excludedCharacters,
		},
		"compute OriginSecretVersion1718EBD14": header,
	}, generators(t, reference(t, "prod")))
}

func TestAnotherUserHasASecretOfHisOwnAndTheOldOneStays(t *testing.T) {
	before := reference(t, "prod").stack(t, "data")
	after := withoutRunbooks(t, "prod", func(cfg *config.Config) { cfg.Database.Username = "catalog_owner" }).stack(t, "data")
	old, secret := before.id(secretType), after.id(secretType)

	require.NotEqual(t, old, secret)
	require.Equal(t, "Retain", before.one(secretType).DeletionPolicy)
	require.Equal(t, ref(secret), after.one(secretAttachment).Properties["SecretId"])
	require.NotEqual(t, before.id(secretAttachment), after.id(secretAttachment))
	require.NotEqual(t, before.id(schedule), after.id(schedule))
	require.Equal(t, before.one("AWS::RDS::DBCluster").Properties["DBClusterIdentifier"],
		after.one("AWS::RDS::DBCluster").Properties["DBClusterIdentifier"], "another user replaces the cluster, which the fixed name refuses")
	require.Equal(t, join("{{resolve:secretsmanager:", ref(secret), ":SecretString:password::}}"),
		after.one("AWS::RDS::DBCluster").Properties["MasterUserPassword"])
}
