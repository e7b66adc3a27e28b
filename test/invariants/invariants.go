package invariants

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"catalog-infra/config"
)

// Invariant is true of every environment.
type Invariant struct {
	// Name says what is true.
	Name string

	// Broken returns a line for each place where it is not.
	Broken func(*Environment) []string
}

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
	each("a bucket is encrypted with keys of S3", "AWS::S3::Bucket", func(_ *Environment, r Resource) bool {
		return equal(r.Properties["BucketEncryption"], Object{"ServerSideEncryptionConfiguration": []any{
			Object{"ServerSideEncryptionByDefault": Object{"SSEAlgorithm": "AES256"}},
		}})
	}),
	each("a bucket refuses plain HTTP", "AWS::S3::Bucket", refusesPlainHTTP),
	each("a bucket deletes what is too old", "AWS::S3::Bucket", func(_ *Environment, r Resource) bool {
		return r.Properties["LifecycleConfiguration"] != nil
	}),
	each("a log group keeps logs as long as the file says", "AWS::Logs::LogGroup", func(env *Environment, r Resource) bool {
		return r.Properties["RetentionInDays"] == float64(env.Logs.RetentionDays)
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

// each is an invariant of the resources of a type, of which every environment
// has some.
func each(name, kind string, holds func(*Environment, Resource) bool) Invariant {
	return Invariant{name, func(env *Environment) (broken []string) {
		found := env.resources(kind)
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

func refusesPlainHTTP(env *Environment, bucket Resource) bool {
	arn := Object{"Fn::GetAtt": []any{bucket.ID, "Arn"}}
	want := Object{
		"Action": "s3:*", "Effect": "Deny", "Principal": Object{"AWS": "*"},
		"Condition": Object{"Bool": Object{"aws:SecureTransport": "false"}},
		"Resource":  []any{arn, Object{"Fn::Join": []any{"", []any{arn, "/*"}}}},
	}
	return slices.ContainsFunc(env.resources("AWS::S3::BucketPolicy"), func(policy Resource) bool {
		document, _ := policy.Properties["PolicyDocument"].(Object)
		statements, _ := document["Statement"].([]any)
		return policy.Stack == bucket.Stack && equal(policy.Properties["Bucket"], Object{"Ref": bucket.ID}) &&
			slices.ContainsFunc(statements, func(statement any) bool { return equal(statement, want) })
	})
}

// DataOutlivesItsStack is true unless the environment is disposable.
var DataOutlivesItsStack = Invariant{"data outlives its stack unless the environment is disposable", func(env *Environment) (broken []string) {
	for kind, kept := range holdingData {
		found := env.resources(kind)
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

// StacksDependOnEarlierOnes says that no reference goes back.
var StacksDependOnEarlierOnes = Invariant{"stacks depend on earlier ones only, by references that are strong", func(env *Environment) (broken []string) {
	order := []string{"second-vault", "network", "security-groups", "data", "iam", "compute", "monitoring", "response", "audit"}
	exporter := map[string]string{}
	for _, stack := range env.Stacks {
		for _, output := range stack.Outputs {
			exporter[output.Export.Name] = stack.ID
		}
	}
	for _, stack := range env.Stacks {
		needed := stack.Dependencies
		for _, name := range imported.FindAllStringSubmatch(stack.Text, -1) {
			needed = append(needed, exporter[name[1]])
		}
		for _, earlier := range needed {
			if at := slices.Index(order, earlier); at < 0 || at >= slices.Index(order, stack.ID) {
				broken = append(broken, fmt.Sprintf("%s depends on %q", stack.ID, earlier))
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

var ofEnvironments = []Invariant{
	DataOutlivesItsStack,
	StacksDependOnEarlierOnes,
	{"a disposable environment leaves nothing but what the account relies on", func(env *Environment) (broken []string) {
		for _, r := range env.resources("") {
			deleted := r.DeletionPolicy == "" || r.DeletionPolicy == "Delete"
			if env.Lifecycle == config.LifecycleDisposable && !deleted && r.Stack != "audit" {
				broken = append(broken, r.String())
			}
		}
		return broken
	}},
	// The functions are CDK's, which empty a stack's bucket before CloudFormation
	// deletes it.
	{"only a disposable environment runs a function at deployment", func(env *Environment) (broken []string) {
		for _, r := range env.resources("") {
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
		return stack.Region == env.Region || stack.ID == "second-vault" && stack.Region == env.Backup.CopyRegion
	}),
	eachStack("a stack fits into CloudFormation's limits", func(_ *Environment, stack Stack) bool {
		return len(stack.Resources) <= 500 && len(stack.Outputs) <= 200 && len(stack.Text) <= 1_000_000
	}),
	{"nothing but HTTP is open to the world", func(env *Environment) (broken []string) {
		for _, r := range env.resources("") {
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
	// A notice at each synthesis is soon overlooked, and a warning with it.
	{"no stack has a warning or a notice", func(env *Environment) (broken []string) {
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
	}},
	{"synthesis needs no access to AWS", func(env *Environment) (broken []string) {
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
	{"whatever has tags has those of every resource and the file's", func(env *Environment) (broken []string) {
		for _, r := range env.resources("") {
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
	tags := map[string]string{"project": config.Project, "environment": e.Suffix}
	for key, value := range e.Tags {
		tags[key] = value
	}
	return tags
}

func eachStack(name string, holds func(*Environment, Stack) bool) Invariant {
	return Invariant{name, func(env *Environment) (broken []string) {
		for _, stack := range env.Stacks {
			if !holds(env, stack) {
				broken = append(broken, stack.ID)
			}
		}
		return broken
	}}
}
