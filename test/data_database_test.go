package test

import (
	"maps"
	"slices"
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
	require.Len(t, before, 3)
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
		"compute OriginSecretVersion286FC8687": header,
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

// rotationParameters returns the parameters of the function's application.
func rotationParameters(t *testing.T, env *environment) props {
	t.Helper()
	return at(t, env.stack(t, "data").one(rotationFunction).Properties, "Parameters").(props)
}

// logBucketsOf returns the log buckets of the data stack, by name.
func logBucketsOf(t *testing.T, env *environment) map[string]placed {
	t.Helper()
	found := map[string]placed{}
	for _, r := range resourcesOf(t, env, "AWS::S3::Bucket") {
		if r.stack == "data" {
			found[readableID(r.id)] = r
		}
	}
	requireSame(t, []string{"LogBucket", "EdgeLogBucket"}, slices.Collect(maps.Keys(found)),
		"What is in a bucket of the data stack are logs: define another bucket in another stack, or add it to logBucketsOf of test/data_database_test.go",
		"The data stack lacks a log bucket")
	return found
}

// The last log files arrive while the cluster is being deleted.
func TestDisposableLogBucketsAreEmptiedAfterTheDatabaseIsGone(t *testing.T) {
	for name, env := range map[string]*environment{
		"dev":             reference(t, "dev"),
		"pr-17 from prod": shortLived(t, "prod"),
	} {
		t.Run(name, func(t *testing.T) {
			data := env.stack(t, "data")
			buckets := logBucketsOf(t, env)
			data.count(emptying, len(buckets))
			for id, function := range data.ofType(emptying) {
				bucket := at(t, function.Properties, "BucketName", "Ref").(string)
				require.Contains(t, buckets, readableID(bucket))
				delete(buckets, readableID(bucket))
				require.Contains(t, data.one("AWS::RDS::DBCluster").DependsOn, id)
				require.Equal(t, "Delete", data.ofType("AWS::S3::Bucket")[bucket].DeletionPolicy)
			}
			require.Empty(t, buckets, "not emptied")
		})
	}
}
