package test

import (
	"fmt"
	"go/build"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// keyProperty is the name of a property that takes a key, as CloudFormation and
// as CDK's bindings spell it.
var keyProperty = regexp.MustCompile(`(?i)kms.*key|^encryptionkey`)

// withoutOurKey are the only types, and of buckets the only ones, that do
// without a key of ours although they could have one, and why.
var withoutOurKey = map[string]string{
	"AWS::Config::DeliveryChannel":          "it delivers to a bucket, see there",
	"AWS::ECS::Cluster":                     "the disk of a task lives as long as the task, and nothing is written to it: the root is read-only and /tmp in memory",
	"AWS::ECS::Service":                     "the tasks have no volume",
	"AWS::Lambda::Function":                 "CDK's empties the bucket of a disposable environment, ours runs a task: neither keeps anything, and no variable is secret",
	"AWS::SecretsManager::RotationSchedule": "the function is AWS's application, which gets the key as a parameter",

	"audit ConfigBucket": "its records are the account's and outlive every key of this environment",
	"audit TrailBucket":  "the trail encrypts its files with the trail's key",
	"data EdgeLogBucket": "CloudFront would have to be admitted to the key of the database",
	"data LogBucket":     "load balancers deliver with keys of S3 only",
	"response Evidence":  "evidence must be kept when somebody has disabled a key",
}

func TestEveryEncryptedResourceHasTheKeyOfItsStack(t *testing.T) {
	inEnvironmentsWithKeys(t, func(t *testing.T, env *environment) {
		broken := breaches{}
		for _, r := range resourcesOf(t, env) {
			excepted := withoutOurKey[r.Type] + withoutOurKey[r.stack+" "+readableID(r.id)]
			if excepted != "" || r.Type == kmsKey || !takesKey(t, r.Type) {
				continue
			}
			used := keysOf(r.Properties)
			if len(used) == 0 {
				broken.add(env, r.String()+" has no key")
			}
			keys := slices.Collect(maps.Keys(env.stack(t, r.stack).ofType(kmsKey)))
			for property, key := range used {
				if len(keys) != 1 || !equal(attribute(keys[0], "Arn"), key) {
					broken.add(env, fmt.Sprintf("%s has in %s another key than its stack's, or its stack has not one: %v, %v", r, property, key, keys))
				}
			}
		}
		broken.fail(t, "with customer-managed keys all that takes a key has the one of its stack. Make it with env.NewKey of stacks/internal/environment/environment.go and hand it on; "+
			"if it must do without, say why in withoutOurKey of test/app_encryption_test.go")
	})
}

// CDK's bindings have CloudFormation's properties of every type, also of a new one.
func TestResourceTypesWithAKeyPropertyAreFound(t *testing.T) {
	for _, kind := range []string{
		"AWS::Backup::BackupVault", "AWS::CloudTrail::Trail", "AWS::ECR::Repository", "AWS::Logs::LogGroup", "AWS::RDS::DBCluster",
		"AWS::RDS::DBInstance", "AWS::Config::DeliveryChannel", "AWS::SNS::Topic", "AWS::SecretsManager::Secret", "AWS::S3::Bucket",
		"AWS::SQS::Queue",
	} {
		require.True(t, takesKey(t, kind), kind)
	}
	for _, kind := range []string{"AWS::EC2::VPC", "AWS::IAM::Role", "AWS::RDS::DBSubnetGroup", "AWS::CloudWatch::Alarm"} {
		require.False(t, takesKey(t, kind), kind)
	}
	for kind := range withoutOurKey {
		if strings.HasPrefix(kind, "AWS::") {
			require.True(t, takesKey(t, kind), "%s needs no exception", kind)
		}
	}
}

// takesKey reports whether the type, or a part of it, has a property for a key,
// according to the sources of CDK's bindings.
func takesKey(t *testing.T, kind string) bool {
	t.Helper()
	if takes, known := takers[kind]; known {
		return takes
	}
	parts := strings.Split(kind, "::")
	if parts[0] != "AWS" {
		return false // made by a function of CDK
	}
	service := strings.Replace(strings.ToLower(parts[1]), "serverless", "sam", 1)
	bindings, err := build.Import("github.com/aws/aws-cdk-go/awscdk/v2/aws"+service, ".", build.FindOnly)
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(bindings.Dir, "Cfn"+parts[2]+"Props.go"))
	require.NoError(t, err)
	require.Len(t, files, 1, "no properties of %s", kind)
	nested, err := filepath.Glob(filepath.Join(bindings.Dir, "Cfn"+parts[2]+"_*.go"))
	require.NoError(t, err)
	takers[kind] = slices.ContainsFunc(append(files, nested...), hasKeyProperty)
	return takers[kind]
}

var takers = map[string]bool{}

var jsonName = regexp.MustCompile("json:\"([A-Za-z0-9]+)\"")

func hasKeyProperty(file string) bool {
	for _, name := range jsonName.FindAllStringSubmatch(string(must(os.ReadFile(file))), -1) {
		if keyProperty.MatchString(name[1]) {
			return true
		}
	}
	return false
}

// keysOf returns the keys that the properties, and the parts of them, name.
func keysOf(properties props) map[string]any {
	found := map[string]any{}
	walk(properties, func(part any) {
		object, _ := part.(props)
		for name, value := range object {
			if keyProperty.MatchString(name) {
				found[name] = value
			}
		}
	})
	return found
}

func TestWithAWSManagedKeysOnlyTheTopicHasItsOwnKey(t *testing.T) {
	for _, env := range []*environment{reference(t, "dev"), shortLived(t, "dev")} {
		require.Equal(t, config.EncryptionAWSManaged, env.Encryption)
		var keys, users []string
		for _, r := range resourcesOf(t, env) {
			if r.Type == kmsKey {
				keys = append(keys, r.stack)
			} else if len(keysOf(r.Properties)) > 0 && r.Type != document {
				users = append(users, r.Type) // a document names the key of what it restores
			}
		}
		require.Equal(t, []string{"monitoring"}, keys, env.Environment)
		require.Equal(t, []string{topicKind}, users, env.Environment)
		require.NotContains(t, rotationParameters(t, env), "kmsKeyArn", env.Environment)
	}
}

// One key to a stack, and none where nothing is stored: each costs by the month.
func TestStacksThatStoreSomethingHaveOneKey(t *testing.T) {
	inEnvironmentsWithKeys(t, func(t *testing.T, env *environment) {
		want := []string{"compute", "data", "monitoring", "network"}
		if env.Config.Audit.Trail == config.OwnershipCreate {
			want = append([]string{"audit"}, want...)
		}
		var got []string
		for _, key := range resourcesOf(t, env, kmsKey) {
			got = append(got, key.stack)
		}
		require.Equal(t, want, got)
	})
}
