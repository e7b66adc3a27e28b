package test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// generators returns the ways in which the secrets of an environment are generated,
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
func TestNoChangeRegeneratesASecretInPlace(t *testing.T) {
	before := generators(t, reference(t, "prod"))
	require.Len(t, before, 2)
	for name, changed := range map[string]*environment{
		"another user":        anotherUser(t),
		"a restored database": restoredProd(t, "latest"),
		"another value of the header, numbers and owners of services": tunedProd(t),
		"the value of the header after that":                          vpcOriginProdWithoutCertificate(t),
		"another database, keys, interval and lifecycle": withoutRunbooks(t, "prod", func(cfg *config.Config) {
			cfg.Database.Name = "catalog2"
			cfg.Database.RotationDays = 30
			cfg.Encryption = config.EncryptionAWSManaged
			cfg.Lifecycle = config.LifecycleRetained
		}),
	} {
		for id, after := range generators(t, changed) {
			if before[id] != nil {
				require.Equal(t, before[id], after, "%s: %s: give it another id", name, id)
			}
		}
	}
}

func anotherUser(t *testing.T) *environment {
	t.Helper()
	return withoutRunbooks(t, "prod", func(cfg *config.Config) { cfg.Database.Username = "catalog_owner" })
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
	after := anotherUser(t).stack(t, "data")
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

// excludedCharacters never occur in a password (guide 4.6).
const excludedCharacters = `" %+~` + "`" + `#$&*()|[]{}:;<>?!'/@"\`
