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

// becomes is a deployment of one stack, in whose resources a text is replaced.
func becomes(resources, before, after string, want rehearsal.Verdict, says string) pair {
	return pair{app(resources), app(strings.ReplaceAll(resources, before, after)), want, says}
}

// pairs are what each rule must flag, and beside it what it must not.
var pairs = map[string]pair{
	"nothing changes":                  {app(group("80")), app(group("80")), rehearsal.Fine, ""},
	"a property that changes in place": {app(alarm), app(strings.Replace(alarm, "1", "2", 1)), rehearsal.Fine, ""},
	"a property that replaces":         {app(group("80")), app(group("81")), rehearsal.Replaced, "since Port cannot change"},
	"a property below another that replaces": becomes(`"Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::Sub": "a"}}}`,
		`"a"`, `"b"`, rehearsal.Replaced, "since GroupId cannot change"),
	// https://github.com/aws/aws-cdk/issues/21100
	"a replacement that a reference passes on": becomes(`"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}}}`,
		`"10.0.0.0/16"`, `"10.1.0.0/16"`, rehearsal.Replaced, "it is replaced with Net, which it refers to by VpcId"),
	"a change that no reference passes on": becomes(`"Net": {"Type": "AWS::EC2::VPC", "Properties": {"EnableDnsSupport": true}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}}}`,
		`true`, `false`, rehearsal.Fine, ""),
	"a replacement that text passes on": becomes(`"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::Sub": "${Net.VpcId}"}}}`,
		`"10.0.0.0/16"`, `"10.1.0.0/16"`, rehearsal.Replaced, "it is replaced with Net"),
	// https://github.com/aws/aws-cdk/issues/22180
	"a named resource that is replaced": {app(fmt.Sprintf(role, "")), app(fmt.Sprintf(role, `, "Path": "/shop/"`)),
		rehearsal.Refused, "under the same name"},
	"a named resource that changes in place": {app(fmt.Sprintf(role, "")), app(fmt.Sprintf(role, `, "Description": "d"`)),
		rehearsal.Fine, ""},
	"a named resource that is replaced under another name": {app(fmt.Sprintf(role, "")),
		app(strings.Replace(fmt.Sprintf(role, ""), "shop", "store", 1)), rehearsal.Replaced, "RoleName"},
	"a named resource under another logical id": {app(fmt.Sprintf(role, "")), app(strings.Replace(fmt.Sprintf(role, ""), "Role", "Other", 1)),
		rehearsal.Refused, `the name "shop" is taken by Role in stack a`},
	"a named resource in another stack, which is deployed later": {app(fmt.Sprintf(role, ""), alarm), app(alarm, fmt.Sprintf(role, "")),
		rehearsal.Fine, ""},
	"a named resource in another stack, which is deployed first": {app(alarm, fmt.Sprintf(role, "")), app(fmt.Sprintf(role, ""), alarm),
		rehearsal.Refused, "in stack b, which is there still"},
	// https://github.com/aws/aws-cdk-cli/pull/1367
	"a retained name that is imported": {app(fmt.Sprintf(logs, "Old", "Retain"), alarm),
		app(alarm, fmt.Sprintf(logs, "New", "RetainExceptOnCreate")), rehearsal.Left, "it is retained"},
	"a retained name that is not imported, since it would be deleted": {app(fmt.Sprintf(logs, "Old", "Retain"), alarm),
		app(alarm, fmt.Sprintf(logs, "New", "Delete")), rehearsal.Refused, "which stack a left behind"},
	"a database that is replaced under its name": {app(fmt.Sprintf(cluster, `, "KmsKeyId": "a"`, "")),
		app(fmt.Sprintf(cluster, `, "KmsKeyId": "b"`, "")), rehearsal.Refused, "KmsKeyId cannot change, under the same name"},
	// https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds/pull/311
	"a database that is upgraded": {app(fmt.Sprintf(cluster, `, "EngineVersion": "16.8"`, "")),
		app(fmt.Sprintf(cluster, `, "EngineVersion": "17.5"`, "")), rehearsal.Irreversible, "the former EngineVersion"},
	"a document with new versions": becomes(`"D": {"Type": "AWS::SSM::Document", "Properties": {"Name": "d", "UpdateMethod": "NewVersion", "Content": {"a": 1}}}`,
		`1`, `2`, rehearsal.Fine, ""),
	"a document without versions": becomes(`"D": {"Type": "AWS::SSM::Document", "Properties": {"Name": "d", "Content": {"a": 1}}}`, `1`, `2`,
		rehearsal.Refused, "it may be replaced, since Content.a cannot change, under the same name"),
	"a list that grows": {app(fmt.Sprintf(cluster, `, "AvailabilityZones": ["a"]`, "")),
		app(fmt.Sprintf(cluster, `, "AvailabilityZones": ["a", "b"]`, "")), rehearsal.Refused, "AvailabilityZones cannot change"},
	"a property inside a list": becomes(`"D": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Volumes": [{"Name": "a"}, {"Name": "b"}]}}`,
		`"b"`, `"c"`, rehearsal.Replaced, "since Volumes.Name cannot change"),
	"text that has a value of its own": becomes(`"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, "Sub": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": ["${Net}", {"Net": "a"}]}}}`,
		`"10.0.0.0/16"`, `"10.1.0.0/16"`, rehearsal.Replaced, "since CidrBlock cannot change"),
	"text that names two": becomes(`"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, "Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::Sub": ["${A}-${Net}", {"A": "a"}]}}}`,
		`"10.0.0.0/16"`, `"10.1.0.0/16"`, rehearsal.Replaced, "it is replaced with Net"),
	"an instance of a cluster": becomes(`"I": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": "shop", "MonitoringInterval": 0, "PreferredMaintenanceWindow": "a"}}`,
		`0, "PreferredMaintenanceWindow": "a"`, `60, "PreferredMaintenanceWindow": "b"`, rehearsal.Replaced, "it may be replaced, since PreferredMaintenanceWindow cannot change; the old one: it is deleted"),
	"an instance by itself": becomes(`"I": {"Type": "AWS::RDS::DBInstance", "Properties": {"MonitoringInterval": 0, "PreferredMaintenanceWindow": "a"}}`,
		`0, "PreferredMaintenanceWindow": "a"`, `60, "PreferredMaintenanceWindow": "b"`, rehearsal.DataLost, "it may be replaced"),
	// https://github.com/aws/aws-sam-cli/issues/6786
	"a resource of another type under the same id": {app(fmt.Sprintf(bucket, "")), app(`"Bucket": {"Type": "AWS::SNS::Topic"}`),
		rehearsal.Refused, "it was of type AWS::S3::Bucket"},
	"a resource of another type under another id": {app(alarm), app(`"Topic": {"Type": "AWS::SNS::Topic"}`), rehearsal.Fine, ""},
	"a stack that the app has no more":            {app(alarm, alarm), app(alarm), rehearsal.Left, "no longer has this stack"},
	"the usage data of CDK": becomes(`"M": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "a"}}`, `"a"`, `"b"`,
		rehearsal.Fine, ""),
}

func group(port string) string {
	return `"Group": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": ` + port + `}}`
}

// allPairs returns the pairs of all files.
func allPairs() map[string]pair {
	all := map[string]pair{}
	for _, some := range []map[string]pair{
		pairs, namePairs, protectionPairs, exportPairs, originPairs, secretPairs, quotaPairs, networkPairs, certificatePairs,
		shiftingPairs, servicePairs,
	} {
		maps.Copy(all, some)
	}
	return all
}
