package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// invariants hold for every resource of a type, in every stack of every
// environment.
var invariants = []struct {
	name  string
	of    string
	holds func(t *testing.T, env *environment, r placed) bool
}{
	{"a bucket is private", "AWS::S3::Bucket", func(_ *testing.T, _ *environment, r placed) bool {
		return equal(r.Properties["PublicAccessBlockConfiguration"], props{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		}) && r.Properties["AccessControl"] == nil
	}},
	{"a bucket accepts access control lists only where CloudFront delivers", "AWS::S3::Bucket", func(_ *testing.T, _ *environment, r placed) bool {
		ownership := "BucketOwnerEnforced"
		if r.stack == "data" && readableID(r.id) == edgeLogBucket {
			ownership = "BucketOwnerPreferred" // CloudFront adds itself to the list (pitfall C3)
		}
		return equal(r.Properties["OwnershipControls"], props{"Rules": []any{props{"ObjectOwnership": ownership}}})
	}},
	{"a bucket is encrypted with keys of S3 and refuses those of a client", "AWS::S3::Bucket", func(_ *testing.T, _ *environment, r placed) bool {
		return equal(r.Properties["BucketEncryption"], props{"ServerSideEncryptionConfiguration": []any{props{
			"ServerSideEncryptionByDefault": props{"SSEAlgorithm": "AES256"},
			"BlockedEncryptionTypes":        props{"EncryptionType": []any{"SSE-C"}},
		}}})
	}},
	{"a bucket refuses plain HTTP", "AWS::S3::Bucket", func(t *testing.T, env *environment, r placed) bool {
		bucket := readableID(r.id)
		return slices.Contains(linesOf(statementsOf(t, env)), r.stack+" "+bucket+"Policy denies AWS * s3:* on "+
			bucket+".Arn, "+bucket+".Arn/* if Bool aws:SecureTransport false")
	}},
	{"a bucket deletes what is too old", "AWS::S3::Bucket", func(_ *testing.T, _ *environment, r placed) bool {
		return r.Properties["LifecycleConfiguration"] != nil
	}},
	{"a log group keeps logs as long as the file says", "AWS::Logs::LogGroup", func(_ *testing.T, env *environment, r placed) bool {
		return r.Properties["RetentionInDays"] == float64(env.Logs.RetentionDays)
	}},
	{"a log group cannot be deleted where the environment is protected", "AWS::Logs::LogGroup", func(_ *testing.T, env *environment, r placed) bool {
		return r.Properties["DeletionProtectionEnabled"] == (env.Lifecycle == config.LifecycleProtected)
	}},
	{"automated backups outlive the database unless the environment is disposable", "AWS::RDS::DBCluster", func(_ *testing.T, env *environment, r placed) bool {
		return r.Properties["DeleteAutomatedBackups"] == (env.Lifecycle == config.LifecycleDisposable)
	}},
	{"a database is encrypted", "AWS::RDS::DBCluster", func(_ *testing.T, _ *environment, r placed) bool {
		return r.Properties["StorageEncrypted"] == true
	}},
	{"a database instance has no public address", "AWS::RDS::DBInstance", func(_ *testing.T, _ *environment, r placed) bool {
		return r.Properties["PubliclyAccessible"] == false
	}},
	{"a task has no public address", "AWS::ECS::Service", func(_ *testing.T, _ *environment, r placed) bool {
		network, _ := r.Properties["NetworkConfiguration"].(props)
		addresses, _ := network["AwsvpcConfiguration"].(props)
		return addresses["AssignPublicIp"] == "DISABLED"
	}},
	{"a topic is encrypted", "AWS::SNS::Topic", func(_ *testing.T, _ *environment, r placed) bool {
		return r.Properties["KmsMasterKeyId"] != nil
	}},
	{"a key rotates", "AWS::KMS::Key", func(_ *testing.T, _ *environment, r placed) bool {
		return r.Properties["EnableKeyRotation"] == true
	}},
	{"images are scanned and a tag stays with its image", "AWS::ECR::Repository", func(_ *testing.T, _ *environment, r placed) bool {
		return equal(r.Properties["ImageScanningConfiguration"], props{"ScanOnPush": true}) &&
			r.Properties["ImageTagMutability"] == "IMMUTABLE"
	}},
}

// models says for those types that come most often where one is as it should be.
var models = map[string]string{
	"AWS::S3::Bucket":     "constructs/logging/log_bucket.go has one that is so. ",
	"AWS::Logs::LogGroup": "env.newLogGroup of stacks/environment.go makes one that is so. ",
	"AWS::KMS::Key":       "env.newKey of stacks/environment.go makes one that is so. ",
	"AWS::ECS::Service":   "web.NewService of constructs/web/service.go makes one that is so. ",
}

func TestInvariants(t *testing.T) {
	for _, invariant := range invariants {
		t.Run(invariant.name, func(t *testing.T) {
			broken := breaches{}
			for _, env := range everyEnvironment(t) {
				found := resourcesOf(t, env, invariant.of)
				require.NotEmpty(t, found, "a mistyped type would pass")
				for _, r := range found {
					if !invariant.holds(t, env, r) {
						broken.add(env, r.String())
					}
				}
			}
			broken.fail(t, "here "+invariant.name+". "+models[invariant.of]+
				"What is compared is in invariants of test/invariants_test.go, where an exception is to be named")
		})
	}
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// holdingData is what becomes of that which holds data, and of logs, keys and
// passwords, when it is deleted or replaced in an environment that is not
// disposable. An instance holds nothing that its cluster does not.
var holdingData = map[string]string{
	"AWS::ECR::Repository":        "Retain",
	"AWS::KMS::Key":               "Retain",
	"AWS::Logs::LogGroup":         "Retain",
	"AWS::RDS::DBCluster":         "Snapshot",
	"AWS::S3::Bucket":             "Retain",
	"AWS::SecretsManager::Secret": "Retain",
}

func TestDataOutlivesItsStackUnlessTheEnvironmentIsDisposable(t *testing.T) {
	broken := breaches{}
	for _, env := range everyEnvironment(t) {
		for kind, kept := range holdingData {
			found := resourcesOf(t, env, kind)
			require.NotEmpty(t, found, "a mistyped type would pass: %s", kind)
			for _, r := range found {
				if originSecret(r) {
					continue
				}
				want := kept
				if env.Lifecycle == config.LifecycleDisposable && !isTrailBucket(r) {
					want = "Delete"
				}
				if r.DeletionPolicy != want || r.UpdateReplacePolicy != want {
					broken.add(env, fmt.Sprintf("%s: got %q when deleted and %q when replaced, want %s", r, r.DeletionPolicy, r.UpdateReplacePolicy, want))
				}
			}
		}
	}
	broken.fail(t, "data outlives its stack, unless the environment is disposable. Give it the RemovalPolicy of env.lifecycle, "+
		"as stacks/data.go does, or where it may differ, name it in test/invariants_test.go beside isTrailBucket")
}

func TestDisposableDeletesEverythingButTheTrailsBucket(t *testing.T) {
	broken := breaches{}
	for _, env := range everyEnvironment(t) {
		if env.Lifecycle != config.LifecycleDisposable {
			continue
		}
		for _, r := range resourcesOf(t, env) {
			if !isTrailBucket(r) && r.DeletionPolicy != "" && r.DeletionPolicy != "Delete" {
				broken.add(env, r.String()+": got "+r.DeletionPolicy)
			}
		}
	}
	broken.fail(t, "a disposable environment leaves nothing behind. Give it the RemovalPolicy DESTROY where env.lifecycle.disposable; "+
		"a bucket also AutoDeleteObjects")
}

// originSecret is deleted with each rotation: one that stayed would be an old
// value that somebody has to clean up.
func originSecret(r placed) bool {
	return r.stack == "compute" && r.Type == "AWS::SecretsManager::Secret"
}

func isTrailBucket(r placed) bool { return r.stack == "audit" && r.Type == "AWS::S3::Bucket" }

// The functions are CDK's, which empty a stack's bucket before CloudFormation
// deletes it.
func TestOnlyDisposableEnvironmentsRunAFunctionAtDeployment(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		var found []string
		for _, r := range resourcesOf(t, env) {
			if r.Type == "AWS::Lambda::Function" || strings.Contains(r.Type, "Custom") {
				found = append(found, r.Type)
			}
		}
		if env.Lifecycle == config.LifecycleDisposable {
			for _, kind := range found {
				assert.Contains(t, []string{"AWS::Lambda::Function", "Custom::S3AutoDeleteObjects"}, kind, env.Suffix)
			}
			continue
		}
		assert.Empty(t, found, env.Suffix)
	}
}

func TestOnlyProductionRefusesToBeDeleted(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for _, stack := range env.Stacks() {
			assert.Equal(t, env.Suffix == "prod", *stack.TerminationProtection(), "%s %s", env.Suffix, *stack.Node().Id())
		}
	}
}

// stackOrder is the order of the stacks, in which references go one way.
var stackOrder = []string{"second-vault", "network", "security-groups", "data", "iam", "compute", "monitoring", "response", "audit"}

func TestStacksDependOnEarlierOnesOnly(t *testing.T) {
	unknown, backward := breaches{}, breaches{}
	for _, env := range everyEnvironment(t) {
		for _, stack := range env.Stacks() {
			id := *stack.Node().Id()
			place := slices.Index(stackOrder, id)
			if place < 0 {
				unknown.add(env, fmt.Sprintf("stack %q", id))
				continue
			}
			for _, dependency := range *stack.Dependencies() {
				if !slices.Contains(stackOrder[:place], *dependency.Node().Id()) {
					backward.add(env, fmt.Sprintf("stack %q depends on %q", id, *dependency.Node().Id()))
				}
			}
		}
	}
	unknown.fail(t, "add it to stackOrder in test/invariants_test.go, behind the stacks that it refers to and before those that refer to it, "+
		"and to the stacks in docs/architecture.md")
	backward.fail(t, "references go one way, along stackOrder in test/invariants_test.go. Hand the value from the earlier stack to the later one in "+
		"stacks/stacks.go; if the order is what is wrong, change it there, in stackOrder and in docs/architecture.md")
}

// A notice at each synthesis is soon overlooked, and a warning with it.
func TestNoStackHasAWarningOrANotice(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for path, entries := range manifestOf(t, env).metadata(t, env.directory) {
			for _, entry := range entries {
				assert.NotContains(t, []string{"aws:cdk:error", "aws:cdk:warning", "aws:cdk:info"}, entry.Type, "%s %s: %v", env.Suffix, path, entry.Data)
			}
		}
	}
}

func TestSynthesisNeedsNoAccessToAWS(t *testing.T) {
	require.NotEmpty(t, unlike(t).Account)
	for _, env := range append(everyEnvironment(t), unlike(t)) {
		assert.Empty(t, manifestOf(t, env).Missing, env.Suffix)
		for file, text := range templateTexts(t, env) {
			assert.NotContains(t, text, "dummy1", "%s %s: the zones were to be looked up", env.Suffix, file)
		}
	}
}

// leftovers stand in a template where CDK did not know a value.
var leftovers = regexp.MustCompile(`\$\{Token\[|<unresolved-token>|\[object Object\]|"undefined"|unknown-(account|region)`)

func TestNoTemplateHasAnUnresolvedValue(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for file, text := range templateTexts(t, env) {
			assert.Empty(t, leftovers.FindAllString(text, -1), "%s %s", env.Suffix, file)
		}
	}
}

// accountsOfAWS are the only accounts that a template names while the file
// names none.
var accountsOfAWS = map[string]string{
	"897822967062": "delivers the access logs of load balancers in eu-north-1",
	"297356227824": "publishes the rotation function",
	"193023089310": "publishes it in China",
	"023102451235": "publishes it in GovCloud",
}

func TestTemplatesNameNoAccount(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		require.Empty(t, env.Account)
		for file, text := range templateTexts(t, env) {
			for _, account := range regexp.MustCompile(`\b[0-9]{12}\b`).FindAllString(text, -1) {
				assert.Contains(t, accountsOfAWS, account, "%s %s names the account %s: templates name none but AWS's own, in accountsOfAWS of test/invariants_test.go", env.Suffix, file, account)
			}
		}
	}
}

// A fixed name stops AWS from replacing a resource, and collides: only what an
// outsider must know has one. That of the response headers has no choice.
func TestOnlyWhatOutsidersMustKnowHasAFixedName(t *testing.T) {
	unknown, missing := breaches{}, breaches{}
	for _, env := range everyEnvironment(t) {
		want := []string{
			"compute AWS::CloudFront::Function Name",
			"compute AWS::CloudFront::ResponseHeadersPolicy Name",
			"compute AWS::ECR::Repository RepositoryName",
			"compute AWS::ECS::TaskDefinition Family",
			"compute AWS::Logs::LogGroup LogGroupName",
			"data AWS::Logs::LogGroup LogGroupName",
			"data AWS::RDS::DBCluster DBClusterIdentifier",
			"data AWS::Serverless::Application functionName",
			"monitoring AWS::CloudWatch::Dashboard DashboardName",
			"monitoring AWS::SNS::Topic TopicName",
		}
		for range runbooksOf(t, env) {
			want = append(want, "response AWS::SSM::Document Name")
		}
		if env.Edge.WAF.Mode != config.WAFOff {
			// A runbook must name the two sets to WAF.
			want = append(want, "compute AWS::Logs::LogGroup LogGroupName", "compute AWS::WAFv2::IPSet Name", "compute AWS::WAFv2::IPSet Name")
		}
		if env.Backup.Copies {
			want = append(want,
				"data AWS::Backup::BackupPlan BackupPlanName",
				"data AWS::Backup::BackupVault BackupVaultName",
				"data AWS::Backup::RestoreTestingPlan RestoreTestingPlanName")
		}
		if env.Config.Audit.Trail == config.OwnershipCreate {
			want = append(want, "audit AWS::CloudTrail::Trail TrailName", "audit AWS::Logs::LogGroup LogGroupName")
		}
		for _, query := range resourcesOf(t, env, queryDefinition) {
			want = append(want, query.stack+" AWS::Logs::QueryDefinition Name") // it must have one
		}
		for _, name := range physicalNames(t, env) {
			if i := slices.Index(want, name.of); i >= 0 {
				want = slices.Delete(want, i, i+1)
				continue
			}
			unknown.add(env, fmt.Sprintf("%s = %s", name.of, strings.ReplaceAll(name.value, env.Suffix, "SUFFIX")))
		}
		for _, name := range want {
			missing.add(env, name)
		}
	}
	unknown.fail(t, "a fixed name, with which AWS cannot replace the resource. Leave it to CloudFormation; "+
		"if an outsider must know it, add it to the list of this test in test/invariants_test.go, or to scopedNames there if it is a name within another resource")
	missing.fail(t, "listed in test/invariants_test.go as a fixed name, but nothing has it: take it off the list, or give the name back if an outsider knows it")
}

// Two environments can be in the same account: pull requests always are.
func TestEnvironmentsInOneAccountShareNoName(t *testing.T) {
	taken := map[string]string{}
	for _, env := range everyEnvironment(t) {
		for _, name := range slices.Concat(physicalNames(t, env), stackAndExportNames(t, env)) {
			assert.Contains(t, strings.ReplaceAll(name.value, "-", ""), strings.ReplaceAll(env.Suffix, "-", ""), "%s: the %s", env.Suffix, name.of)
			assert.Empty(t, taken[name.of+name.value], "%s: the %s %s", env.Suffix, name.of, name.value)
			taken[name.of+name.value] = env.Suffix
		}
	}
}

// A resource with another logical id is another resource: moved between
// environments, a change would replace in one what it updates in the other. So
// of two environments the one with fewer resources of a type has none that the
// other lacks.
func TestLogicalIDsAreTheSameInEveryEnvironment(t *testing.T) {
	most := map[string][]string{}
	for _, env := range everyEnvironment(t) {
		for kind, ids := range idsByKind(t, env) {
			if len(ids) > len(most[kind]) {
				most[kind] = ids
			}
		}
	}
	for _, env := range everyEnvironment(t) {
		for kind, ids := range idsByKind(t, env) {
			assert.Subset(t, most[kind], ids, "%s %s", env.Suffix, kind)
		}
	}
}

// idsByKind are the logical ids of each type in each stack, but for CDK's
// function that empties the bucket of disposable environments.
func idsByKind(t *testing.T, env *environment) map[string][]string {
	t.Helper()
	ids := map[string][]string{}
	for _, r := range resourcesOf(t, env) {
		if !strings.HasPrefix(r.id, "CustomS3AutoDeleteObjects") {
			kind := r.stack + " " + r.Type
			ids[kind] = append(ids[kind], r.id)
		}
	}
	return ids
}

// everyEnvironment are the environments that have a file and, of those that
// have none, one made from dev.
func everyEnvironment(t *testing.T) []*environment {
	t.Helper()
	var environments []*environment
	for _, suffix := range suffixes {
		environments = append(environments, shipped(t, suffix))
	}
	return append(environments, shortLived(t, "dev"))
}

// placed is a resource and where it is.
type placed struct {
	stack, id string
	resource
}

func (p placed) String() string { return p.stack + "/" + p.id + " (" + p.Type + ")" }

// resourcesOf are the resources of the types in all stacks, in a stable order;
// with no type, all.
func resourcesOf(t *testing.T, env *environment, types ...string) []placed {
	t.Helper()
	var found []placed
	for _, stack := range slices.Sorted(maps.Keys(env.templates)) {
		resources := env.templates[stack].Resources
		for _, id := range slices.Sorted(maps.Keys(resources)) {
			if len(types) == 0 || slices.Contains(types, resources[id].Type) {
				found = append(found, placed{stack, id, resources[id]})
			}
		}
	}
	return found
}

// fixedName is a name that AWS does not make up, and of what it is one.
type fixedName struct{ of, value string }

// scopedNames are names within something that has a name of its own.
var scopedNames = []string{
	"AWS::ApplicationAutoScaling::ScalingPolicy PolicyName",
	"AWS::Backup::BackupSelection SelectionName",
	"AWS::Backup::RestoreTestingSelection RestoreTestingSelectionName",
	"AWS::CloudWatch::Alarm MetricName",
	"AWS::Config::ConfigRule SourceIdentifier",
	"AWS::WAFv2::WebACL MetricName",
	"AWS::RDS::DBCluster DatabaseName",
	"AWS::RDS::DBClusterParameterGroup Family",
	"AWS::SNS::Topic DisplayName",
}

func physicalNames(t *testing.T, env *environment) []fixedName {
	t.Helper()
	var found []fixedName
	for _, r := range resourcesOf(t, env) {
		for property, value := range namesIn(r.Properties) {
			if !slices.Contains(scopedNames, r.Type+" "+property) {
				found = append(found, fixedName{r.stack + " " + r.Type + " " + property, value})
			}
		}
	}
	return found
}

var nameProperty = regexp.MustCompile(`(^n|N)ame$|Identifier$|^Family$`)

// namesIn are the names in the properties, those of list elements left out:
// they are names within the resource.
func namesIn(properties props) map[string]string {
	found := map[string]string{}
	for key, value := range properties {
		switch value := value.(type) {
		case string:
			if nameProperty.MatchString(key) {
				found[key] = value
			}
		case map[string]any:
			maps.Copy(found, namesIn(value))
		}
	}
	return found
}

func stackAndExportNames(t *testing.T, env *environment) []fixedName {
	t.Helper()
	var found []fixedName
	for _, template := range env.templates {
		found = append(found, fixedName{"stack", *template.stack.StackName()})
		for _, output := range template.Outputs {
			if export, ok := output.(map[string]any)["Export"].(map[string]any); ok {
				found = append(found, fixedName{"export", export["Name"].(string)})
			}
		}
	}
	return found
}

// manifest is what the CDK CLI reads of an assembly.
type manifest struct {
	Missing   []any
	Artifacts map[string]struct {
		Metadata               map[string][]metadata
		AdditionalMetadataFile string
		Properties             struct{ Flags map[string]featureFlag }
	}
}

// metadata is what CDK notes about a construct, its warnings among it.
type metadata struct {
	Type string
	Data any
}

func (m manifest) metadata(t *testing.T, directory string) map[string][]metadata {
	t.Helper()
	all := map[string][]metadata{}
	for _, artifact := range m.Artifacts {
		maps.Copy(all, artifact.Metadata)
		if artifact.AdditionalMetadataFile != "" {
			var more map[string][]metadata
			require.NoError(t, json.Unmarshal(must(os.ReadFile(filepath.Join(directory, artifact.AdditionalMetadataFile))), &more))
			maps.Copy(all, more)
		}
	}
	require.NotEmpty(t, all)
	return all
}

func manifestOf(t *testing.T, env *environment) manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(env.directory, "manifest.json"))
	require.NoError(t, err)
	var m manifest
	require.NoError(t, json.Unmarshal(text, &m))
	require.Len(t, m.Artifacts, 2*len(env.templates)+1, "template and assets of each stack, and the report on feature flags")
	return m
}

// templateTexts are the templates as they are written, by file.
func templateTexts(t *testing.T, env *environment) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(env.directory, "*.template.json"))
	require.NoError(t, err)
	require.Len(t, files, len(env.Stacks()))
	texts := map[string]string{}
	for _, file := range files {
		texts[filepath.Base(file)] = string(must(os.ReadFile(file)))
	}
	return texts
}
