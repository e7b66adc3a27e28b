package controls

import (
	"reflect"
	"slices"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
)

// bucketChecks judge buckets, and whether a trail records their objects.
// https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html
var bucketChecks = map[string]check{
	"S3.2": isClosed([]string{"PublicRead", "PublicReadWrite"}, "s3:Get*", "s3:List*"),
	"S3.3": isClosed([]string{"PublicReadWrite"}, "s3:Put*", "s3:Delete*"),
	"S3.5": requiresTLS,
	"S3.6": keepsOthersFrom("s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPolicy", "s3:PutEncryptionConfiguration",
		"s3:PutObjectAcl"),
	"S3.8": anyOf(not(set(publicAccess)), // AWS then blocks public access
		all(property(publicAccess+"/BlockPublicAcls", true), property(publicAccess+"/BlockPublicPolicy", true),
			property(publicAccess+"/IgnorePublicAcls", true), property(publicAccess+"/RestrictPublicBuckets", true))),
	"S3.9":  set("LoggingConfiguration"),
	"S3.12": anyOf(not(set("OwnershipControls")), each("OwnershipControls/Rules", "ObjectOwnership", "BucketOwnerEnforced")),
	"S3.13": func(_ *environment, bucket resource) verdict {
		return holds(anyIn(bucket.at("LifecycleConfiguration/Rules"), func(rule any) bool { return at(rule, "Status") == "Enabled" }))
	},
	"S3.22": atLeastOne(recordsObjects("WriteOnly", "false")),
	"S3.23": atLeastOne(recordsObjects("ReadOnly", "true")),
}

// bucketPolicy returns the policies of a bucket as one.
func (e *environment) bucketPolicy(bucket resource) policy.Document {
	var all policy.Document
	for _, one := range e.referring("AWS::S3::BucketPolicy", "Bucket", bucket) {
		all.Statements = append(all.Statements, e.document(one, one.at("PolicyDocument")).Statements...)
	}
	return all
}

// isClosed checks that neither an access control list nor a policy lets everybody do one
// of the actions, or that public access is blocked.
func isClosed(lists []string, actions ...string) check {
	return func(e *environment, bucket resource) verdict {
		if bucket.at(publicAccess) == nil {
			return passes
		}
		document := e.bucketPolicy(bucket)
		list, _ := bucket.at("AccessControl").(string)
		byList := bucket.at(publicAccess+"/IgnorePublicAcls") != true && slices.Contains(lists, list)
		byPolicy := bucket.at(publicAccess+"/RestrictPublicBuckets") != true &&
			slices.ContainsFunc(actions, func(action string) bool { return grants(document.About(action), isPublic) })
		return holds(!byList && !byPolicy)
	}
}

var withoutTLS = []policy.Condition{{Operator: "Bool", Key: "aws:SecureTransport", Values: []string{"false"}}}

func requiresTLS(e *environment, bucket resource) verdict {
	arn := e.text(bucket, map[string]any{"Fn::GetAtt": []any{bucket.ID, "Arn"}})
	return holds(slices.ContainsFunc(e.bucketPolicy(bucket).Statements, func(s policy.Statement) bool {
		return s.Deny && has(s.Principals, "*") && has(s.Actions, "s3:*") && has(s.Resources, arn) && has(s.Resources, arn+"/*") &&
			!s.Principals.Not && !s.Actions.Not && !s.Resources.Not &&
			reflect.DeepEqual(s.Conditions, withoutTLS)
	}))
}

// keepsOthersFrom checks that no other account may do one of the actions.
func keepsOthersFrom(actions ...string) check {
	return func(e *environment, bucket resource) verdict {
		document, own := e.bucketPolicy(bucket), "AWS:"+e.text(bucket, map[string]any{"Ref": "AWS::AccountId"})+":"
		lets := func(s policy.Statement) bool {
			return s.Principals.Not || slices.ContainsFunc(s.Principals.Patterns, func(principal string) bool {
				return principal == "*" || strings.HasPrefix(principal, "AWS:") && !strings.HasPrefix(principal, own)
			})
		}
		return holds(!slices.ContainsFunc(actions, func(action string) bool { return grants(document.About(action), lets) }))
	}
}

// recordsObjects passes a trail of all regions that records what reads or writes every
// object of S3.
func recordsObjects(kind, readOnly string) check {
	basic := func(selector any) bool {
		return isOneOf(at(selector, "ReadWriteType"), []any{nil, "All", kind}) && anyIn(at(selector, "DataResources"), func(data any) bool {
			return at(data, "Type") == "AWS::S3::Object" &&
				anyIn(at(data, "Values"), func(arn any) bool { return isOneOf(arn, []any{"arn:aws:s3", "arn:aws:s3:::"}) })
		})
	}
	advanced := func(selector any) bool {
		fields := map[any]any{}
		for _, field := range assembly.AsList(at(selector, "FieldSelectors")) {
			fields[at(field, "Field")] = at(field, "Equals")
		}
		every := isOneOf(fields["eventCategory"], []any{[]any{"Data"}}) && isOneOf(fields["resources.type"], []any{[]any{"AWS::S3::Object"}})
		return every && (len(fields) == 2 || len(fields) == 3 && isOneOf(fields["readOnly"], []any{[]any{readOnly}}))
	}
	return func(_ *environment, trail resource) verdict {
		return holds(trail.at("IsMultiRegionTrail") == true && trail.at("IsLogging") == true &&
			(anyIn(trail.at("EventSelectors"), basic) || anyIn(trail.at("AdvancedEventSelectors"), advanced)))
	}
}
