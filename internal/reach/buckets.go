package reach

import (
	"slices"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
)

// publicAccess are the four settings that keep a bucket closed, whatever its policy says:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
var publicAccess = []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}

func isBlocked(bucket assembly.Placed) bool {
	return !slices.ContainsFunc(publicAccess, func(setting string) bool {
		return bucket.Properties.At("PublicAccessBlockConfiguration", setting) != true
	})
}

// admitsEverybody reports whether the policy of the bucket allows everybody something
// without a condition.
func (n *Network) admitsEverybody(bucket assembly.Placed) bool {
	for _, found := range n.all.OfType("AWS::S3::BucketPolicy") {
		if target, _ := n.first(found.Stack, found.Properties["Bucket"]); target.Key() != bucket.Key() {
			continue
		}
		document, err := policy.Read(policy.Scope{Assembly: n.all, Stack: found.Stack}, found.Key(), found.Properties["PolicyDocument"])
		if err != nil {
			n.unread(found, err.Error())
		}
		if slices.ContainsFunc(document.Statements, isForEverybody) {
			return true
		}
	}
	return false
}

func isForEverybody(s policy.Statement) bool {
	return !s.Deny && len(s.Conditions) == 0 && (s.Principals.Not || slices.Contains(s.Principals.Patterns, "*"))
}

func (n *Network) readBuckets() {
	for _, bucket := range n.all.OfType("AWS::S3::Bucket") {
		n.Nodes = append(n.Nodes, &Node{Kind: Bucket, id: bucket.Key(), Public: !isBlocked(bucket) && n.admitsEverybody(bucket)})
	}
}
