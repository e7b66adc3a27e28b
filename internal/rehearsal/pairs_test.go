package rehearsal_test

import (
	"fmt"
	"maps"
	"strings"

	"catalog-infra/internal/rehearsal"
)

// pair is a deployment with what the rehearsal must say about it.
type pair struct {
	base, head stacks

	// want is the worst verdict, and says a part of why.
	want rehearsal.Verdict
	says string
}

// pairs are what each rule must flag, and beside it what it must not.
var pairs = map[string]pair{
	"nothing changes": {
		stacks{{"api", group("80"), ""}}, stacks{{"api", group("80"), ""}},
		rehearsal.Fine, "",
	},
	"a property that changes in place": {
		stacks{{"api", alarm, ""}}, stacks{{"api", strings.Replace(alarm, "1", "2", 1), ""}},
		rehearsal.Fine, "",
	},
	"a property that replaces": {
		stacks{{"api", group("80"), ""}}, stacks{{"api", group("81"), ""}},
		rehearsal.Replaced, "since Port cannot change",
	},
	"a property below another that replaces": {
		stacks{{"api", `"Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::Sub": "a"}}}`, ""}},
		stacks{{"api", `"Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::Sub": "b"}}}`, ""}},
		rehearsal.Replaced, "since GroupId cannot change",
	},
	// https://github.com/aws/aws-cdk/issues/21100
	"a replacement that a reference passes on": {
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}}}`, ""}},
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}}}`, ""}},
		rehearsal.Replaced, "it is replaced with Net, which it refers to by VpcId",
	},
	"a change that no reference passes on": {
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"EnableDnsSupport": true}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}}}`, ""}},
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"EnableDnsSupport": false}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}}}`, ""}},
		rehearsal.Fine, "",
	},
	"a replacement that text passes on": {
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::Sub": "${Net.VpcId}"}}}`, ""}},
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::Sub": "${Net.VpcId}"}}}`, ""}},
		rehearsal.Replaced, "it is replaced with Net",
	},
	// https://github.com/aws/aws-cdk/issues/22180
	"a named resource that is replaced": {
		stacks{{"iam", fmt.Sprintf(role, ""), ""}}, stacks{{"iam", fmt.Sprintf(role, `, "Path": "/shop/"`), ""}},
		rehearsal.Refused, "under the same name",
	},
	"a named resource that changes in place": {
		stacks{{"iam", fmt.Sprintf(role, ""), ""}}, stacks{{"iam", fmt.Sprintf(role, `, "Description": "d"`), ""}},
		rehearsal.Fine, "",
	},
	"a named resource that is replaced under another name": {
		stacks{{"iam", fmt.Sprintf(role, ""), ""}}, stacks{{"iam", strings.Replace(fmt.Sprintf(role, ""), "shop", "store", 1), ""}},
		rehearsal.Replaced, "RoleName",
	},
	"a named resource under another logical id": {
		stacks{{"iam", fmt.Sprintf(role, ""), ""}}, stacks{{"iam", strings.Replace(fmt.Sprintf(role, ""), "Role", "Other", 1), ""}},
		rehearsal.Refused, `the name "shop" is taken by Role in stack iam`,
	},
	"a named resource in another stack, which is deployed later": {
		stacks{{"a", fmt.Sprintf(role, ""), ""}, {"b", alarm, ""}}, stacks{{"a", alarm, ""}, {"b", fmt.Sprintf(role, ""), ""}},
		rehearsal.Fine, "",
	},
	"a named resource in another stack, which is deployed first": {
		stacks{{"a", alarm, ""}, {"b", fmt.Sprintf(role, ""), ""}}, stacks{{"a", fmt.Sprintf(role, ""), ""}, {"b", alarm, ""}},
		rehearsal.Refused, "in stack b, which is there still",
	},
	// https://github.com/aws/aws-cdk-cli/pull/1367
	"a retained name that is imported": {
		stacks{{"a", fmt.Sprintf(logs, "Old", "Retain"), ""}, {"b", alarm, ""}},
		stacks{{"a", alarm, ""}, {"b", fmt.Sprintf(logs, "New", "RetainExceptOnCreate"), ""}},
		rehearsal.Left, "it is retained",
	},
	"a retained name that is not imported, since it would be deleted": {
		stacks{{"a", fmt.Sprintf(logs, "Old", "Retain"), ""}, {"b", alarm, ""}},
		stacks{{"a", alarm, ""}, {"b", fmt.Sprintf(logs, "New", "Delete"), ""}},
		rehearsal.Refused, "which stack a left behind",
	},
	"a database that is replaced under its name": {
		stacks{{"data", fmt.Sprintf(cluster, `, "KmsKeyId": "a"`, ""), ""}}, stacks{{"data", fmt.Sprintf(cluster, `, "KmsKeyId": "b"`, ""), ""}},
		rehearsal.Refused, "KmsKeyId cannot change, under the same name",
	},
	// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds/pull/311
	"a database that is upgraded": {
		stacks{{"data", fmt.Sprintf(cluster, `, "EngineVersion": "16.8"`, ""), ""}}, stacks{{"data", fmt.Sprintf(cluster, `, "EngineVersion": "17.5"`, ""), ""}},
		rehearsal.Irreversible, "the former EngineVersion",
	},
	"a document with new versions": {
		stacks{{"r", `"D": {"Type": "AWS::SSM::Document", "Properties": {"Name": "d", "UpdateMethod": "NewVersion", "Content": {"a": 1}}}`, ""}},
		stacks{{"r", `"D": {"Type": "AWS::SSM::Document", "Properties": {"Name": "d", "UpdateMethod": "NewVersion", "Content": {"a": 2}}}`, ""}},
		rehearsal.Fine, "",
	},
	"a document without versions": {
		stacks{{"r", `"D": {"Type": "AWS::SSM::Document", "Properties": {"Name": "d", "Content": {"a": 1}}}`, ""}},
		stacks{{"r", `"D": {"Type": "AWS::SSM::Document", "Properties": {"Name": "d", "Content": {"a": 2}}}`, ""}},
		rehearsal.Refused, "it may be replaced, since Content.a cannot change, under the same name",
	},
	"a list that grows": {
		stacks{{"data", fmt.Sprintf(cluster, `, "AvailabilityZones": ["a"]`, ""), ""}}, stacks{{"data", fmt.Sprintf(cluster, `, "AvailabilityZones": ["a", "b"]`, ""), ""}},
		rehearsal.Refused, "AvailabilityZones cannot change",
	},
	"a property inside a list": {
		stacks{{"api", `"D": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Volumes": [{"Name": "a"}, {"Name": "b"}]}}`, ""}},
		stacks{{"api", `"D": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Volumes": [{"Name": "a"}, {"Name": "c"}]}}`, ""}},
		rehearsal.Replaced, "since Volumes.Name cannot change",
	},
	"text that has a value of its own": {
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, "Sub": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": ["${Net}", {"Net": "a"}]}}}`, ""}},
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}, "Sub": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": ["${Net}", {"Net": "a"}]}}}`, ""}},
		rehearsal.Replaced, "since CidrBlock cannot change",
	},
	"text that names two": {
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::Sub": ["${A}-${Net}", {"A": "a"}]}}}`, ""}},
		stacks{{"data", `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::Sub": ["${A}-${Net}", {"A": "a"}]}}}`, ""}},
		rehearsal.Replaced, "it is replaced with Net",
	},
	"an instance of a cluster": {
		stacks{{"data", `"I": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": "shop", "MonitoringInterval": 0, "PreferredMaintenanceWindow": "a"}}`, ""}},
		stacks{{"data", `"I": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": "shop", "MonitoringInterval": 60, "PreferredMaintenanceWindow": "b"}}`, ""}},
		rehearsal.Replaced, "it may be replaced, since PreferredMaintenanceWindow cannot change; the old one: it is deleted",
	},
	"an instance by itself": {
		stacks{{"data", `"I": {"Type": "AWS::RDS::DBInstance", "Properties": {"MonitoringInterval": 0, "PreferredMaintenanceWindow": "a"}}`, ""}},
		stacks{{"data", `"I": {"Type": "AWS::RDS::DBInstance", "Properties": {"MonitoringInterval": 60, "PreferredMaintenanceWindow": "b"}}`, ""}},
		rehearsal.DataLost, "it may be replaced",
	},
	// https://github.com/aws/aws-sam-cli/issues/6786
	"a resource of another type under the same id": {
		stacks{{"data", fmt.Sprintf(bucket, ""), ""}}, stacks{{"data", `"Bucket": {"Type": "AWS::SNS::Topic"}`, ""}},
		rehearsal.Refused, "it was of type AWS::S3::Bucket",
	},
	"a resource of another type under another id": {
		stacks{{"data", alarm, ""}}, stacks{{"data", `"Topic": {"Type": "AWS::SNS::Topic"}`, ""}},
		rehearsal.Fine, "",
	},
	"a stack that the app has no more": {
		stacks{{"a", alarm, ""}, {"b", alarm, ""}}, stacks{{"a", alarm, ""}},
		rehearsal.Left, "no longer has this stack",
	},
	"the usage data of CDK": {
		stacks{{"a", `"M": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "a"}}`, ""}},
		stacks{{"a", `"M": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "b"}}`, ""}},
		rehearsal.Fine, "",
	},
}

func group(port string) string {
	return `"Group": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": ` + port + `}}`
}

// allPairs returns the pairs of all files.
func allPairs() map[string]pair {
	all := map[string]pair{}
	for _, some := range []map[string]pair{
		pairs, namePairs, protectionPairs, exportPairs, originPairs, secretPairs, quotaPairs, networkPairs, certificatePairs,
	} {
		maps.Copy(all, some)
	}
	return all
}
