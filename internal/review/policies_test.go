package review_test

import (
	"fmt"
	"strings"

	"catalog-infra/internal/review"
)

func trusting(principal, condition string) string {
	return fmt.Sprintf(`"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": %s%s}]}%%s}}`, principal, condition)
}

func role(more string) string {
	return fmt.Sprintf(trusting(`{"Service": "ecs-tasks.amazonaws.com"}`, ""), more)
}

// permitted returns a role with a policy of its own, or beside it.
func permitted(kind, statements string) string {
	return role("") + fmt.Sprintf(`, "P": {"Type": "AWS::IAM::%s", "Properties": {"PolicyDocument": {"Statement": [%s]}, "Roles": [{"Ref": "Role"}]}}`, kind, statements)
}

func bucketPolicy(statements string) string {
	return fmt.Sprintf(`"B": {"Type": "AWS::S3::Bucket"}, "P": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": {"Statement": [%s]}}}`, statements)
}

func key(policy string) string {
	return `"K": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true` + policy + `}}`
}

const (
	reads      = `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}`
	readsAll   = `{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::shop/*"}`
	readsTwice = `{"Effect": "Allow", "Action": ["S3:getobject"], "Resource": ["arn:aws:s3:::shop/a/*"]}, {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::shop/b/*"]}`
	butIAM     = `{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`
	insecure   = `{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`
	anybody    = `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"}`
	ofCloud    = `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}`
	ofClouds   = `{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": {"Service": "cloudfront.amazonaws.com"}}`
	ownKey     = `, "KeyPolicy": {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}}]}`
	foreignKey = `, "KeyPolicy": {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": ["123456789012", "210987654321"]}}]}`
	external   = `, "Condition": {"StringEquals": {"sts:ExternalId": "%s"}}`
)

var policyPairs = map[string]pair{
	"a wildcard more":                     {permitted("Policy", reads), permitted("Policy", readsAll), review.Wider, "allows s3:Get* on arn:aws:s3:::shop/*"},
	"a wildcard less":                     {permitted("Policy", readsAll), permitted("Policy", reads), "", ""},
	"the same, rewritten":                 {permitted("Policy", reads), permitted("Policy", readsTwice+","+reads), "", ""},
	"a NotAction":                         {permitted("Policy", reads), permitted("Policy", butIAM), review.Wider, "allows all but iam:*"},
	"another kind of policy":              {permitted("Policy", reads), strings.Replace(permitted("ManagedPolicy", readsTwice), `"P"`, `"M"`, 1), "", ""},
	"a policy in the role":                {permitted("Policy", reads), role(`, "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": ` + reads + `}}]`), "", ""},
	"a policy that a role names":          {permitted("ManagedPolicy", reads), role(`, "ManagedPolicyArns": [{"Ref": "P"}]`) + `, "P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": ` + readsAll + `}}}`, review.Wider, "allows s3:Get*"},
	"a policy of AWS":                     {role(""), role(`, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]`), review.Wider, "it gets the policy arn:aws:iam::aws:policy/AdministratorAccess"},
	"a policy of AWS less":                {role(`, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]`), role(""), "", ""},
	"a boundary less":                     {role(`, "PermissionsBoundary": "arn:aws:iam::123456789012:policy/b"`), role(""), review.Wider, "no boundary any more"},
	"a boundary more":                     {role(""), role(`, "PermissionsBoundary": "arn:aws:iam::123456789012:policy/b"`), "", ""},
	"a principal more":                    {role(""), fmt.Sprintf(trusting(`{"Service": "ecs-tasks.amazonaws.com", "AWS": "210987654321"}`, ""), ""), review.Wider, "trust policy: allows AWS:210987654321:* sts:AssumeRole"},
	"everybody":                           {role(""), fmt.Sprintf(trusting(`"*"`, ""), ""), review.Wider, "trust policy: allows sts:AssumeRole"},
	"a condition of trust less":           {fmt.Sprintf(trusting(`{"AWS": "210987654321"}`, external), "s3cret", ""), fmt.Sprintf(trusting(`{"AWS": "210987654321"}`, ""), ""), review.Wider, "no longer only if StringEquals sts:ExternalId value 1"},
	"a condition of trust more":           {fmt.Sprintf(trusting(`{"AWS": "210987654321"}`, ""), ""), fmt.Sprintf(trusting(`{"AWS": "210987654321"}`, external), "s3cret", ""), "", ""},
	"a second factor less":                {fmt.Sprintf(trusting(`{"AWS": "123456789012"}`, `, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}`), ""), fmt.Sprintf(trusting(`{"AWS": "123456789012"}`, ""), ""), review.Wider, "no longer only if Bool aws:MultiFactorAuthPresent true"},
	"a bucket for everybody":              {bucketPolicy(insecure), bucketPolicy(insecure + "," + anybody), review.Wider, "the policy of a/B: allows s3:GetObject"},
	"a bucket policy in another order":    {bucketPolicy(insecure + "," + ofCloud), bucketPolicy(ofCloud + "," + insecure), "", ""},
	"a Deny less":                         {bucketPolicy(insecure), bucketPolicy(ofCloud), review.Wider, "no longer denies s3:* if Bool aws:SecureTransport false"},
	"a bucket policy less":                {bucketPolicy(insecure), `"B": {"Type": "AWS::S3::Bucket"}`, review.Wider, "no longer denies"},
	"a bucket less":                       {bucketPolicy(insecure) + `, "T": {"Type": "AWS::SNS::Topic"}`, `"T": {"Type": "AWS::SNS::Topic"}`, "", ""},
	"a condition of a bucket less":        {bucketPolicy(ofCloud), bucketPolicy(ofClouds), review.Wider, "no longer only if StringEquals aws:SourceAccount 123456789012"},
	"a queue's policy under another id":   {of("SQS::QueuePolicy", `"Queues": ["q"], "PolicyDocument": {"Statement": `+ofCloud+`}`), strings.Replace(of("SQS::QueuePolicy", `"Queues": ["q"], "PolicyDocument": {"Statement": `+ofClouds+`}`), `"R"`, `"Q"`, 1), review.Wider, "no longer only if"},
	"a key for another account":           {key(ownKey), key(foreignKey), review.Wider, "KeyPolicy: allows AWS:210987654321:* kms:*"},
	"a key's first policy, as AWS has it": {key(""), key(ownKey), "", ""},
	"a key without a policy":              {key(foreignKey), key(""), "", ""},
	"a policy that is none":               {permitted("Policy", reads), permitted("Policy", `{"Effect": "Maybe"}`), review.Unknown, "it cannot be read"},
	"a policy in a text":                  {of("Logs::ResourcePolicy", `"PolicyName": "p", "PolicyDocument": "{\"Statement\": []}"`), of("Logs::ResourcePolicy", `"PolicyName": "p", "PolicyDocument": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"logs:*\", \"Resource\": \"*\"}]}"`), review.Wider, "PolicyDocument: allows logs:*"},
	"a policy of a queue":                 {of("SQS::QueuePolicy", `"Queues": ["q"], "PolicyDocument": {"Statement": []}`), of("SQS::QueuePolicy", `"Queues": ["q"], "PolicyDocument": {"Statement": `+anybody+`}`), review.Wider, "the policy of q: allows"},
	"a function that others may call":     {of("Lambda::Permission", `"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com", "SourceAccount": "123456789012"`), of("Lambda::Permission", `"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"`), review.Wider, "the policy of f: allows Service:sns.amazonaws.com"},
	"an endpoint's policy less":           {of("EC2::VPCEndpoint", `"PolicyDocument": {"Statement": `+anybody+`}`), of("EC2::VPCEndpoint", ``), review.Wider, "allows *"},
	"an endpoint's policy more":           {of("EC2::VPCEndpoint", ``), of("EC2::VPCEndpoint", `"PolicyDocument": {"Statement": `+anybody+`}`), "", ""},
}
