package resourcespec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/resourcespec"
)

func TestReplacementIsThatOfThePropertyOrOfOneAboveIt(t *testing.T) {
	cases := map[string]struct {
		resource string
		path     []string
		want     resourcespec.Replacement
	}{
		"a property":                  {"AWS::ElasticLoadBalancingV2::TargetGroup", []string{"Port"}, resourcespec.Always},
		"another":                     {"AWS::ElasticLoadBalancingV2::TargetGroup", []string{"HealthCheckPath"}, resourcespec.Never},
		"below one that replaces":     {"AWS::EC2::VPC", []string{"VpcEncryptionControl", "Mode"}, resourcespec.Always},
		"below one that does not":     {"AWS::ECS::Service", []string{"NetworkConfiguration", "AwsvpcConfiguration"}, resourcespec.Never},
		"one of a macro's type":       {"AWS::Serverless::Application", []string{"Tags"}, resourcespec.Never},
		"one that replaces sometimes": {"AWS::RDS::DBCluster", []string{"MasterUsername"}, resourcespec.Sometimes},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			found, ok := resourcespec.Lookup(test.resource)
			require.True(t, ok)
			require.Equal(t, test.want, found.Replacement(test.path))
		})
	}
}

func TestNamesAreThoseThatNoTwoCanHave(t *testing.T) {
	for resource, want := range map[string][]string{
		"AWS::SNS::Topic":                          {"TopicName"},
		"AWS::RDS::DBCluster":                      {"DBClusterIdentifier"},
		"AWS::ElasticLoadBalancingV2::TargetGroup": {"Name"},
		"AWS::IAM::ManagedPolicy":                  {"ManagedPolicyName"},
		"AWS::EC2::VPC":                            nil,
	} {
		found, ok := resourcespec.Lookup(resource)
		require.True(t, ok, resource)
		require.Equal(t, want, found.Names, resource)
	}
}

func TestLookupSaysWhatItDoesNotKnow(t *testing.T) {
	_, ok := resourcespec.Lookup("Custom::S3AutoDeleteObjects")
	require.False(t, ok)
}
