package invariants

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"catalog-infra/config"
	"catalog-infra/internal/assembly"
)

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

// each returns an invariant of the resources of a type, of which every environment
// has some.
func each(name, kind string, holds func(*Environment, Resource) bool) Invariant {
	advice := models[kind] + "What is compared is in ofResources of test/invariants/resources.go, where an exception is to be named"
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

func stays(r assembly.Resource) bool { return r.DeletionPolicy == "Retain" }

// going returns the resources that are deleted with the stack although r, which stays,
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
