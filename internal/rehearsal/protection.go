package rehearsal

import (
	"catalog-infra/internal/assembly"
	"catalog-infra/internal/resourcespec"
)

func keeps(policy string) bool { return policy == "Retain" || policy == "RetainExceptOnCreate" }

// deletionPolicy returns what becomes of a resource that is taken out of its stack. By
// default CloudFormation takes a snapshot of a database:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
func deletionPolicy(resource assembly.Resource) string {
	switch {
	case resource.DeletionPolicy != "":
		return resource.DeletionPolicy
	case resource.Type == "AWS::RDS::DBCluster", resource.Type == "AWS::RDS::DBInstance" && !isInCluster(resource):
		return "Snapshot"
	}
	return "Delete"
}

func isInCluster(resource assembly.Resource) bool {
	return resource.Properties["DBClusterIdentifier"] != nil
}

// judgeDeletion judges what the policy makes of a resource that an update takes away:
// the update succeeds even if a deletion fails.
func judgeDeletion(resource *assembly.Resource, isEmptied bool, policy string, step *Step) {
	step.Type, step.Action = resource.Type, Delete
	switch {
	case keeps(policy):
		step.Action, step.Verdict, step.Why = Retain, Left, "it is retained and belongs to no stack"
	case isProtected(*resource):
		step.Verdict, step.Why = Left, "it has deletion protection, so its deletion fails and it stays"
	case mustBeEmpty(*resource, isEmptied):
		step.Verdict, step.Why = Left, "it is deleted only if it is empty; else its deletion fails and it stays"
	case policy == "Snapshot":
		step.Verdict, step.Why = Left, "it is deleted and its last snapshot stays"
	case holdsData(*resource):
		step.Verdict, step.Why = DataLost, "it is deleted with what it holds"
	default:
		step.Why = "it is deleted"
	}
}

// holdsData reports whether a resource is lost with what is in it. AWS counts no
// repository of images among those, but the instances of an Aurora cluster, whose
// data is the cluster's, and secrets of which all is generated, so that another one
// does as well.
func holdsData(resource assembly.Resource) bool {
	switch generated, _ := resource.Properties["GenerateSecretString"].(map[string]any); {
	case resource.Type == "AWS::RDS::DBInstance" && isInCluster(resource):
		return false
	case resource.Type == "AWS::SecretsManager::Secret" && generated != nil && generated["SecretStringTemplate"] == nil:
		return false
	}
	known, _ := resourcespec.Lookup(resource.Type)
	return known.Stateful || resource.Type == "AWS::ECR::Repository"
}

// isProtected reports whether AWS refuses to delete the resource.
func isProtected(resource assembly.Resource) bool {
	for _, property := range []string{"DeletionProtection", "DeletionProtectionEnabled", "DeleteProtection", "DisableApiTermination"} {
		if value := resource.Properties[property]; value == true || value == "ACTIVE" {
			return true
		}
	}
	for _, attribute := range resource.Properties.Objects("LoadBalancerAttributes") {
		if attribute["Key"] == "deletion_protection.enabled" && text(attribute["Value"]) == "true" {
			return true
		}
	}
	return false
}

// mustBeEmpty reports whether AWS refuses to delete the resource with what is in it. CDK's
// custom resource empties buckets, but for objects that are locked.
func mustBeEmpty(resource assembly.Resource, isEmptied bool) bool {
	switch resource.Type {
	case "AWS::S3::Bucket":
		return !isEmptied || resource.Properties.At("ObjectLockConfiguration", "Rule") != nil
	case "AWS::ECR::Repository":
		return resource.Properties["EmptyOnDelete"] != true
	case "AWS::Backup::BackupVault":
		return true
	}
	return false
}

// emptiers returns the custom resources of CDK that empty a bucket, by its logical id.
func emptiers(template assembly.Template) map[string][]string {
	all := map[string][]string{}
	for _, emptier := range template.OfType("Custom::S3AutoDeleteObjects") {
		for bucket := range references(emptier.Properties["BucketName"]) {
			all[bucket] = append(all[bucket], emptier.ID)
		}
	}
	return all
}
