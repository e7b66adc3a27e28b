package reach

import (
	"reflect"
	"slices"

	"catalog-infra/internal/assembly"
)

// publicAccess are the four settings that keep a bucket closed, whatever its policy says:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
var publicAccess = []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}

func isBlocked(bucket placed) bool {
	return !slices.ContainsFunc(publicAccess, func(setting string) bool {
		return bucket.Properties.At("PublicAccessBlockConfiguration", setting) != true
	})
}

// admitsEverybody reports whether the policy of the bucket allows everybody something
// without a condition.
func (n *Network) admitsEverybody(bucket placed) bool {
	for _, found := range n.ofType("AWS::S3::BucketPolicy") {
		target, _ := n.first(found.stack, found.Properties["Bucket"])
		if target.id() == bucket.id() && slices.ContainsFunc(statements(found.Properties["PolicyDocument"]), isForEverybody) {
			return true
		}
	}
	return false
}

// statements returns those of a policy, which may have one without a list.
func statements(policy any) []assembly.Object {
	document := object(policy)
	if one := object(document["Statement"]); one != nil {
		return []assembly.Object{one}
	}
	return document.Objects("Statement")
}

func isForEverybody(statement assembly.Object) bool {
	if statement["Effect"] != "Allow" || len(object(statement["Condition"])) > 0 {
		return false
	}
	return statement["NotPrincipal"] != nil || slices.ContainsFunc([]any{
		"*", map[string]any{"AWS": "*"}, map[string]any{"AWS": []any{"*"}},
	}, func(everybody any) bool { return reflect.DeepEqual(statement["Principal"], everybody) })
}

func (n *Network) readBuckets() {
	for _, bucket := range n.ofType("AWS::S3::Bucket") {
		n.Nodes = append(n.Nodes, &Node{Kind: Bucket, id: bucket.id(), Public: !isBlocked(bucket) && n.admitsEverybody(bucket)})
	}
}
