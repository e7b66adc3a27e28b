package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"catalog-infra/internal/assembly"

	"github.com/stretchr/testify/require"
)

// singletons are the types of which an account has one in a region: AWS refuses
// a second one, and none has a name by which it could be taken over.
var singletons = slices.DeleteFunc(slices.Clone(detection), func(kind string) bool {
	return kind == standard || kind == rule || kind == suppressor // these could be made twice
})

// takenOver are the names by which a deployment with --import-existing-resources
// takes a resource over that a failed attempt left behind.
var takenOver = map[string]string{
	"AWS::Backup::BackupVault": "BackupVaultName",
	"AWS::ECR::Repository":     "RepositoryName",
	"AWS::KMS::Alias":          "AliasName", // of the key that the vault beside it has, which is taken over too
	"AWS::Logs::LogGroup":      "LogGroupName",
}

// leftBehind are the types of which another one is made beside what a failed
// attempt left behind; of a task definition, another revision.
var leftBehind = []string{
	"AWS::ECS::TaskDefinition", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::KMS::Key", "AWS::Logs::LogGroup",
	"AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SecretsManager::Secret",
}

// A resource that stays after a failed creation must not block the next one.
func TestAFirstDeployThatFailedCanBeRepeated(t *testing.T) {
	broken := breaches{}
	for _, env := range append(allEnvironments(t), unusualDev(t), secondRegionProd(t)) {
		for _, r := range resourcesOf(t, env) {
			if r.DeletionPolicy == "Retain" && !repeatable(r) {
				broken.add(env, fmt.Sprintf("%s stays when its creation is rolled back", r))
			}
		}
	}
	broken.fail(t, "the next attempt is refused where an account has only one, or the name is taken. "+
		"Retain it on update or delete only (RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE); if the next attempt takes it over "+
		"or makes another, say so in takenOver or leftBehind of test/app_retry_test.go")
}

func repeatable(r placed) bool {
	if slices.Contains(singletons, r.Type) {
		return false
	}
	if r.Properties[takenOver[r.Type]] != nil {
		return true
	}
	name := slices.ContainsFunc([]string{"Name", "BucketName", "LogGroupName", "ManagedPolicyName", "RoleName"},
		func(property string) bool { return r.Properties[property] != nil })
	return slices.Contains(leftBehind, r.Type) && !name
}

func TestRetainedResourcesAreRepeatableAsListed(t *testing.T) {
	retained := func(kind string, properties props) bool {
		return repeatable(placed{"", kind, resource{assembly.Resource{Type: kind}, properties}})
	}
	require.True(t, retained("AWS::Logs::LogGroup", props{"LogGroupName": "a"}))
	require.True(t, retained("AWS::S3::Bucket", props{}))
	require.False(t, retained("AWS::S3::Bucket", props{"BucketName": "a"}), "not taken over with what is in it")
	require.False(t, retained("AWS::SecretsManager::Secret", props{"Name": "a"}))
	require.False(t, retained(detector, props{}))
	require.False(t, retained("AWS::SNS::Topic", props{}), "unknown")
	for _, kind := range singletons {
		require.True(t, strings.HasPrefix(kind, "AWS::"))
	}
}
