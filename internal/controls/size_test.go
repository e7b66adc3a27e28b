package controls_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/controls"
	"catalog-infra/test/cost"
)

// shapes are templates in which each resource has another that refers to it; %[1]d is
// its number.
var shapes = map[string]string{
	"groups": `"Group%[1]d": {"Type": "AWS::EC2::SecurityGroup"}, "Rule%[1]d": {"Type": "AWS::EC2::SecurityGroupIngress",
		"Properties": {"GroupId": {"Ref": "Group%[1]d"}, "CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}}`,
	"buckets": `"Bucket%[1]d": {"Type": "AWS::S3::Bucket"}, "Policy%[1]d": {"Type": "AWS::S3::BucketPolicy",
		"Properties": {"Bucket": {"Ref": "Bucket%[1]d"}, "PolicyDocument": {"Statement": []}}}`,
	"topics": `"Topic%[1]d": {"Type": "AWS::SNS::Topic"}, "Policy%[1]d": {"Type": "AWS::SNS::TopicPolicy",
		"Properties": {"Topics": [{"Ref": "Topic%[1]d"}], "PolicyDocument": {"Statement": []}}}`,
	"policies": `"Policy%[1]d": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": []}}},
		"Role%[1]d": {"Type": "AWS::IAM::Role", "Properties": {"PermissionsBoundary": {"Ref": "Policy%[1]d"}}}`,
	"secrets": `"Secret%[1]d": {"Type": "AWS::SecretsManager::Secret"}, "Rotation%[1]d": {"Type": "AWS::SecretsManager::RotationSchedule",
		"Properties": {"SecretId": {"Ref": "Secret%[1]d"}}}`,
	"analyzers": `"Analyzer%[1]d": {"Type": "AWS::AccessAnalyzer::Analyzer", "Properties": {"Type": "ACCOUNT_UNUSED_ACCESS"}}`,
}

func TestAssessmentsGrowWithTheNumberOfResources(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			assess := func(size int) func() {
				var resources []string
				for i := range size {
					resources = append(resources, fmt.Sprintf(shape, i))
				}
				template, err := assembly.ParseTemplate("large", []byte(`{"Resources": {`+strings.Join(resources, ", ")+`}}`))
				require.NoError(t, err)
				large := &assembly.Assembly{Stacks: []assembly.Stack{{ID: "test", Name: "test", Account: "444455556666", Template: template}}}
				return func() { controls.Assess(large) }
			}
			cost.RequireLinear(t, assess)
			cost.RequireCheap(t, 500<<20, assess(500)) // CloudFormation takes 500
		})
	}
}
