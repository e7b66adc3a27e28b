package invariants

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
)

// Invariant is true of every environment.
type Invariant struct {
	// Name says what is true, Advice what to do where it is not.
	Name, Advice string

	// Broken returns a line for each place where it is not.
	Broken func(*Environment) []string
}

// asHere is the advice where the name of the invariant says all.
const asHere = "What is compared is in test/invariants/invariants.go"

// All are the invariants.
var All = slices.Concat(ofResources, ofEnvironments, ofNames)

var ofResources = []Invariant{
	each("a bucket is private", "AWS::S3::Bucket", func(_ *Environment, r Resource) bool {
		return equal(r.Properties["PublicAccessBlockConfiguration"], Object{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		}) && r.Properties["AccessControl"] == nil
	}),
	each("a bucket accepts access control lists only where CloudFront delivers", "AWS::S3::Bucket", func(_ *Environment, r Resource) bool {
		ownership := "BucketOwnerEnforced"
		if r.Stack == "data" && strings.HasPrefix(r.ID, "EdgeLogBucket") {
			ownership = "BucketOwnerPreferred" // CloudFront adds itself to the list (pitfall C3)
		}
		return equal(r.Properties["OwnershipControls"], Object{"Rules": []any{Object{"ObjectOwnership": ownership}}})
	}),
	each("a bucket is encrypted with keys of S3 and refuses those of a client", "AWS::S3::Bucket", func(_ *Environment, r Resource) bool {
		return equal(r.Properties["BucketEncryption"], Object{"ServerSideEncryptionConfiguration": []any{Object{
			"ServerSideEncryptionByDefault": Object{"SSEAlgorithm": "AES256"},
			"BlockedEncryptionTypes":        Object{"EncryptionType": []any{"SSE-C"}},
		}}})
	}),
	each("CloudFront keeps no error", "AWS::CloudFront::Distribution", func(_ *Environment, r Resource) bool {
		distribution, _ := r.Properties["DistributionConfig"].(Object)
		errors, _ := distribution["CustomErrorResponses"].([]any)
		return len(errors) > 0 && !slices.ContainsFunc(errors, func(one any) bool { return one.(Object)["ErrorCachingMinTTL"] != 0.0 })
	}),
	each("a bucket refuses plain HTTP", "AWS::S3::Bucket", refusesPlainHTTP),
	each("the policy of a bucket stays as long as the bucket", "AWS::S3::BucketPolicy", func(env *Environment, policy Resource) bool {
		bucket, _ := policy.Properties["Bucket"].(Object)
		return slices.ContainsFunc(env.Resources("AWS::S3::Bucket"), func(r Resource) bool {
			return r.Stack == policy.Stack && r.ID == bucket["Ref"] && stays(r.Resource) == stays(policy.Resource)
		})
	}),
	each("a bucket deletes what is too old", "AWS::S3::Bucket", func(_ *Environment, r Resource) bool {
		return r.Properties["LifecycleConfiguration"] != nil
	}),
	each("a log group keeps logs as long as the file says", "AWS::Logs::LogGroup", func(env *Environment, r Resource) bool {
		return r.Properties["RetentionInDays"] == float64(env.Logs.RetentionDays)
	}),
	each("a log group cannot be deleted where the environment is protected", "AWS::Logs::LogGroup", func(env *Environment, r Resource) bool {
		return r.Properties["DeletionProtectionEnabled"] == (env.Lifecycle == config.LifecycleProtected)
	}),
	each("automated backups outlive the database unless the environment is disposable", "AWS::RDS::DBCluster", func(env *Environment, r Resource) bool {
		return r.Properties["DeleteAutomatedBackups"] == (env.Lifecycle == config.LifecycleDisposable)
	}),
	// A restored one is as its source.
	each("a database is encrypted", "AWS::RDS::DBCluster", func(env *Environment, r Resource) bool {
		return r.Properties["StorageEncrypted"] == true || env.Database.RestoreFrom.Cluster != ""
	}),
	each("a database instance has no public address", "AWS::RDS::DBInstance", func(_ *Environment, r Resource) bool {
		return r.Properties["PubliclyAccessible"] == false
	}),
	each("a task has no public address", "AWS::ECS::Service", func(_ *Environment, r Resource) bool {
		network, _ := r.Properties["NetworkConfiguration"].(Object)
		addresses, _ := network["AwsvpcConfiguration"].(Object)
		return addresses["AssignPublicIp"] == "DISABLED"
	}),
	each("a topic is encrypted", "AWS::SNS::Topic", func(_ *Environment, r Resource) bool {
		return r.Properties["KmsMasterKeyId"] != nil
	}),
	each("a key rotates", "AWS::KMS::Key", func(_ *Environment, r Resource) bool {
		return r.Properties["EnableKeyRotation"] == true
	}),
	each("images are scanned and a tag stays with its image", "AWS::ECR::Repository", func(_ *Environment, r Resource) bool {
		return equal(r.Properties["ImageScanningConfiguration"], Object{"ScanOnPush": true}) &&
			r.Properties["ImageTagMutability"] == "IMMUTABLE"
	}),
}

// models says for those types that come most often where one is as it should be.
var models = map[string]string{
	"AWS::S3::Bucket":     "constructs/storage/log_bucket.go has one that is so. ",
	"AWS::Logs::LogGroup": "env.NewLogGroup of stacks/internal/environment/environment.go makes one that is so. ",
	"AWS::KMS::Key":       "env.NewKey of stacks/internal/environment/environment.go makes one that is so. ",
	"AWS::ECS::Service":   "web.NewService of constructs/web/service.go makes one that is so. ",
}

// each is an invariant of the resources of a type, of which every environment
// has some.
func each(name, kind string, holds func(*Environment, Resource) bool) Invariant {
	advice := models[kind] + "What is compared is in ofResources of test/invariants/invariants.go, where an exception is to be named"
	return Invariant{name, advice, func(env *Environment) (broken []string) {
		found := env.Resources(kind)
		if len(found) == 0 {
			return []string{"no " + kind + ": a mistyped type would pass"}
		}
		for _, r := range found {
			if !holds(env, r) {
				broken = append(broken, r.String())
			}
		}
		return broken
	}}
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

func stays(r assembly.Resource) bool { return r.DeletionPolicy == "Retain" }

// going are the resources of the stack that go with it although r, which stays,
// refers to them.
func going(stack Stack, r Resource) (broken []string) {
	text, err := json.Marshal(r.Properties)
	if err != nil {
		return []string{err.Error()}
	}
	for id, other := range stack.Template.Resources {
		refers := strings.Contains(string(text), `{"Ref":"`+id+`"}`) || strings.Contains(string(text), `{"Fn::GetAtt":["`+id+`",`)
		if refers && id != r.ID && !stays(other) && other.DeletionPolicy != "Snapshot" {
			broken = append(broken, fmt.Sprintf("%s needs %s/%s (%s)", r, r.Stack, id, other.Type))
		}
	}
	slices.Sort(broken)
	return broken
}

func refusesPlainHTTP(env *Environment, bucket Resource) bool {
	arn := Object{"Fn::GetAtt": []any{bucket.ID, "Arn"}}
	want := Object{
		"Action": "s3:*", "Effect": "Deny", "Principal": Object{"AWS": "*"},
		"Condition": Object{"Bool": Object{"aws:SecureTransport": "false"}},
		"Resource":  []any{arn, Object{"Fn::Join": []any{"", []any{arn, "/*"}}}},
	}
	return slices.ContainsFunc(env.Resources("AWS::S3::BucketPolicy"), func(policy Resource) bool {
		document, _ := policy.Properties["PolicyDocument"].(Object)
		statements, _ := document["Statement"].([]any)
		return policy.Stack == bucket.Stack && equal(policy.Properties["Bucket"], Object{"Ref": bucket.ID}) &&
			slices.ContainsFunc(statements, func(statement any) bool { return equal(statement, want) })
	})
}

// DataOutlivesItsStack is true unless the environment is disposable.
var DataOutlivesItsStack = Invariant{"data outlives its stack unless the environment is disposable", "Give it the RemovalPolicy of env.lifecycle, " +
	"as stacks/data.go does, or where it may differ, name it in test/invariants/invariants.go beside staysWithTheTrail", func(env *Environment) (broken []string) {
	for kind, kept := range holdingData {
		found := env.Resources(kind)
		if len(found) == 0 {
			broken = append(broken, "no "+kind+": a mistyped type would pass")
		}
		for _, r := range found {
			want := kept
			if env.Lifecycle == config.LifecycleDisposable && !staysWithTheTrail(r) {
				want = "Delete"
			}
			if !isOriginSecret(r) && (r.DeletionPolicy != want || r.UpdateReplacePolicy != want) {
				broken = append(broken, fmt.Sprintf("%s: %q and %q, want %s", r, r.DeletionPolicy, r.UpdateReplacePolicy, want))
			}
		}
	}
	return broken
}}

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

// isOriginSecret says that it is deleted with each rotation: one that stayed
// would be an old value that somebody has to clean up.
func isOriginSecret(r Resource) bool {
	return r.Stack == "compute" && r.Type == "AWS::SecretsManager::Secret"
}

// staysWithTheTrail says that it has files of the trail or of Config, or is the
// key that they are read with.
func staysWithTheTrail(r Resource) bool {
	return r.Stack == "audit" && (r.Type == "AWS::S3::Bucket" || r.Type == "AWS::KMS::Key")
}

// stackOrder is the order of the stacks, in which references go one way.
var stackOrder = []string{"second-vault", "network", "security-groups", "data", "iam", "compute", "monitoring", "response", "audit"}

// StacksDependOnEarlierOnes says that no reference goes back.
var StacksDependOnEarlierOnes = Invariant{"stacks depend on earlier ones only, by references that are strong", "Hand the value from the earlier stack " +
	"to the later one in stacks/app.go. A new stack belongs into stackOrder of test/invariants/invariants.go, behind those that it refers to and before " +
	"those that refer to it, and among the stacks of docs/architecture.md", func(env *Environment) (broken []string) {
	exporter := map[any]string{}
	for _, stack := range env.Stacks {
		for _, output := range stack.Template.Outputs {
			exporter[output.Export.Name] = stack.ID
		}
	}
	for _, stack := range env.Stacks {
		place := slices.Index(stackOrder, stack.ID)
		if place < 0 {
			broken = append(broken, fmt.Sprintf("stack %q is not in stackOrder", stack.ID))
			continue
		}
		needed := stack.Dependencies
		for _, name := range imported.FindAllStringSubmatch(stack.Text, -1) {
			needed = append(needed, exporter[name[1]])
		}
		for _, earlier := range needed {
			if !slices.Contains(stackOrder[:place], earlier) {
				broken = append(broken, fmt.Sprintf("stack %q depends on %q", stack.ID, earlier))
			}
		}
		if strings.Contains(stack.Text, "Fn::GetStackOutput") {
			broken = append(broken, stack.ID+" has a weak reference")
		}
	}
	return broken
}}

var imported = regexp.MustCompile(`"Fn::ImportValue": "([^"]*)"`)

// leftovers stand in a template where CDK did not know a value.
var leftovers = regexp.MustCompile(`\$\{Token\[|<unresolved-token>|\[object Object\]|"undefined"|unknown-(account|region)`)

// NoStackHasANote says that CDK has nothing to say. A notice at each synthesis is
// soon overlooked, and a warning with it.
var NoStackHasANote = Invariant{"no stack has a warning or a notice", asHere, func(env *Environment) (broken []string) {
	for _, stack := range env.Stacks {
		for path, notes := range stack.Notes {
			for _, note := range notes {
				if slices.Contains([]string{"aws:cdk:error", "aws:cdk:warning", "aws:cdk:info"}, note.Type) {
					broken = append(broken, fmt.Sprintf("%s: %v", path, note.Data))
				}
			}
		}
	}
	return broken
}}

var ofEnvironments = []Invariant{
	DataOutlivesItsStack,
	{"what stays needs nothing that goes", "Give what it refers to the same RemovalPolicy", func(env *Environment) (broken []string) {
		for _, stack := range env.Stacks {
			for _, r := range env.Resources() {
				if r.Stack == stack.ID && stays(r.Resource) {
					broken = append(broken, going(stack, r)...)
				}
			}
		}
		return broken
	}},
	StacksDependOnEarlierOnes,
	StrangersAreBlockedFirst,
	{"a disposable environment leaves nothing but what the account relies on", "Give it the RemovalPolicy DESTROY where env.lifecycle.disposable; " +
		"a bucket also AutoDeleteObjects", func(env *Environment) (broken []string) {
		for _, r := range env.Resources() {
			deleted := r.DeletionPolicy == "" || r.DeletionPolicy == "Delete"
			if env.Lifecycle == config.LifecycleDisposable && !deleted && r.Stack != "audit" {
				broken = append(broken, r.String())
			}
		}
		return broken
	}},
	// The functions are CDK's, which empty a stack's bucket before CloudFormation
	// deletes it.
	{"only a disposable environment runs a function at deployment", asHere, func(env *Environment) (broken []string) {
		for _, r := range env.Resources() {
			runs := r.Type == "AWS::Lambda::Function" || strings.Contains(r.Type, "Custom")
			known := r.Type == "AWS::Lambda::Function" || r.Type == "Custom::S3AutoDeleteObjects"
			if runs && (env.Lifecycle != config.LifecycleDisposable || !known) {
				broken = append(broken, r.String())
			}
		}
		return broken
	}},
	eachStack("only a protected environment refuses to be deleted", func(env *Environment, stack Stack) bool {
		return stack.Protected == (env.Lifecycle == config.LifecycleProtected)
	}),
	eachStack("a stack is in a region that the file names", func(env *Environment, stack Stack) bool {
		return stack.Region == env.Region || stack.ID == "second-vault" && stack.Region == env.Backup.CopyToRegion
	}),
	eachStack("a stack fits into CloudFormation's limits", func(_ *Environment, stack Stack) bool {
		return len(stack.Template.Resources) <= 500 && len(stack.Template.Outputs) <= 200 && len(stack.Text) <= 1_000_000
	}),
	{"nothing but HTTP is open to the world", asHere, func(env *Environment) (broken []string) {
		for _, r := range env.Resources() {
			for _, rule := range ingressRules(r) {
				world := rule["CidrIp"] == "0.0.0.0/0" || rule["CidrIpv6"] == "::/0"
				http := rule["FromPort"] == rule["ToPort"] && (rule["FromPort"] == 80.0 || rule["FromPort"] == 443.0)
				if world && !http {
					broken = append(broken, r.String())
				}
			}
		}
		return broken
	}},
	NoStackHasANote,
	{"synthesis needs no access to AWS", asHere, func(env *Environment) (broken []string) {
		if len(env.Missing) > 0 {
			broken = append(broken, fmt.Sprint(env.Missing...))
		}
		for _, stack := range env.Stacks {
			if strings.Contains(stack.Text, "dummy1") {
				broken = append(broken, stack.ID+": the zones were to be looked up")
			}
		}
		return broken
	}},
	eachStack("no template has an unresolved value", func(_ *Environment, stack Stack) bool {
		return leftovers.FindString(stack.Text) == ""
	}),
	{"whatever has tags has those of every resource and the file's", asHere, func(env *Environment) (broken []string) {
		for _, r := range env.Resources() {
			tags, ok := r.Properties["Tags"].([]any)
			if !ok {
				continue
			}
			has := map[string]any{}
			for _, tag := range tags {
				has[fmt.Sprint(tag.(Object)["Key"])] = tag.(Object)["Value"]
			}
			for key, value := range env.wantedTags() {
				if has[key] != value {
					broken = append(broken, fmt.Sprintf("%s: %s is %v", r, key, has[key]))
				}
			}
		}
		return broken
	}},
}

// ingressRules are those that the resource is, or has.
func ingressRules(r Resource) (rules []Object) {
	if r.Type == "AWS::EC2::SecurityGroupIngress" {
		rules = append(rules, r.Properties)
	}
	inside, _ := r.Properties["SecurityGroupIngress"].([]any)
	for _, rule := range inside {
		rules = append(rules, rule.(Object))
	}
	return rules
}

func (e *Environment) wantedTags() map[string]string {
	tags := map[string]string{"project": config.Project, "environment": e.Environment}
	for key, value := range e.Tags {
		tags[key] = value
	}
	return tags
}

func eachStack(name string, holds func(*Environment, Stack) bool) Invariant {
	return Invariant{name, asHere, func(env *Environment) (broken []string) {
		for _, stack := range env.Stacks {
			if !holds(env, stack) {
				broken = append(broken, stack.ID)
			}
		}
		return broken
	}}
}

// StrangersAreBlockedFirst says that the rule of priority 0 of a web ACL blocks
// what lacks the origin header, whatever the web ACL's mode.
var StrangersAreBlockedFirst = Invariant{"a web ACL blocks first what did not come from the environment's own distribution", "The rule is RuleOrigin of " +
	"constructs/waf/web_acl.go", func(env *Environment) (broken []string) {
	for _, firewall := range env.Resources("AWS::WAFv2::WebACL") {
		rules, _ := firewall.Properties["Rules"].([]any)
		if !slices.ContainsFunc(rules, func(one any) bool {
			rule := one.(Object)
			return rule["Priority"] == 0.0 && equal(rule["Action"], Object{"Block": Object{}}) && rule["Statement"].(Object)["NotStatement"] != nil
		}) {
			broken = append(broken, firewall.String())
		}
	}
	return broken
}}
