package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/rehearsal"
)

const balancer = `"Lb": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {}}, `

func listener(id string, port int) string {
	return fmt.Sprintf(`"%s": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Lb"}, "Port": %d}}`, id, port)
}

func listenerRule(priority string) string {
	return `"R": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Fn::ImportValue": "l"}, "Priority": ` + priority + `}}`
}

func route(id, to string) string {
	return fmt.Sprintf(`"Table": {"Type": "AWS::EC2::RouteTable"}, "%s": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "Table"}, "DestinationCidrBlock": "%s"}}`, id, to)
}

func record(id, kind string) string {
	return fmt.Sprintf(`"%s": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneId": "Z1", "Name": "shop.example.com", "Type": "%s"}}`, id, kind)
}

func bucketPolicy(id, bucket string) string {
	return fmt.Sprintf(`"Data": {"Type": "AWS::S3::Bucket"}, "Logs": {"Type": "AWS::S3::Bucket"}, "%s": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "%s"}}}`, id, bucket)
}

func detector(policy string) string {
	return `"D": {"Type": "AWS::GuardDuty::Detector", "DeletionPolicy": "` + policy + `"}`
}

var listeners = stacks{{"web", balancer + listener("L", 80), `"L": {"Value": {"Ref": "L"}, "Export": {"Name": "l"}}`}}

// namePairs are about names, and what else a resource has to itself.
var namePairs = map[string]pair{
	// https://github.com/aws/aws-cdk/issues/34235
	"a listener under another logical id": {app(balancer + listener("A", 80)), app(balancer + listener("B", 80)),
		rehearsal.Refused, "it has the LoadBalancerArn and Port of A in stack a, which is there still when this one is made"},
	"a listener under another logical id and port": {app(balancer + listener("A", 80)), app(balancer + listener("B", 443)),
		rehearsal.Fine, ""},
	// https://github.com/aws/aws-cdk/issues/13901
	"a listener that takes the port of one that is removed": {app(balancer + listener("A", 22) + ", " + listener("B", 80)),
		app(balancer + listener("A", 80)), rehearsal.Refused, "B in stack a"},
	"a listener that takes the port of one that changes": {app(balancer + listener("A", 80)),
		app(balancer + listener("A", 443) + ", " + listener("B", 80)), rehearsal.Fine, ""},
	"a listener of a load balancer that is replaced": {app(balancer + listener("A", 80)),
		app(strings.Replace(balancer, "{}", `{"Scheme": "internal"}`, 1) + listener("A", 80)), rehearsal.Replaced, "LoadBalancerArn"},
	"two listeners on a port": {nil, app(balancer + listener("A", 80) + ", " + listener("B", 80)), rehearsal.Refused, "A in stack a"},
	// https://github.com/aws/copilot-cli/issues/4532
	"a rule whose priority another stack has": {
		append(listeners, stacks{{"a", listenerRule("1"), ""}, {"b", alarm, ""}}...),
		append(listeners, stacks{{"a", listenerRule("1"), ""}, {"b", listenerRule("1"), ""}}...),
		rehearsal.Refused, "it has the ListenerArn and Priority of R in stack a, which is there still when this one is made",
	},
	"a rule with a priority to itself": {
		append(listeners, stacks{{"a", listenerRule("1"), ""}, {"b", alarm, ""}}...),
		append(listeners, stacks{{"a", listenerRule("1"), ""}, {"b", listenerRule("2"), ""}}...),
		rehearsal.Fine, "",
	},
	// https://github.com/aws-samples/nvidia-omniverse-nucleus-on-amazon-ec2/issues/16
	"a route under another logical id": {app(route("A", "0.0.0.0/0")), app(route("B", "0.0.0.0/0")), rehearsal.Refused, "A in stack a"},
	"a route to elsewhere":             {app(route("A", "0.0.0.0/0")), app(route("B", "10.0.0.0/8")), rehearsal.Fine, ""},
	// https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1068
	"a second policy of a bucket": {app(bucketPolicy("A", "Data")), app(bucketPolicy("B", "Data")),
		rehearsal.Refused, "it has the Bucket of A in stack a"},
	"a policy of another bucket": {app(bucketPolicy("A", "Data")), app(bucketPolicy("B", "Logs")), rehearsal.Fine, ""},
	"a role that is replaced by a name which is taken": {
		app(fmt.Sprintf(role, ""), strings.Replace(fmt.Sprintf(role, ""), "shop", "store", 1)),
		app(fmt.Sprintf(role, ""), fmt.Sprintf(role, "")),
		rehearsal.Refused, `since RoleName cannot change, and the name "shop" is taken by Role in stack a`,
	},
	"a record under another logical id": {app(record("A", "A")), app(record("B", "A")), rehearsal.Refused, "is taken by A in stack a"},
	"a record of another type":          {app(record("A", "A")), app(record("A", "A") + ", " + record("B", "AAAA")), rehearsal.Fine, ""},
	// https://github.com/hashicorp/terraform-provider-aws/issues/11780
	"a second detector": {app(detector("Delete"), alarm), app(detector("Delete"), detector("Delete")),
		rehearsal.Refused, "an account has one AWS::GuardDuty::Detector in a region, and that is D in stack a"},
	"a detector that moves to a stack which is deployed later": {app(detector("Delete"), alarm), app(alarm, detector("Delete")),
		rehearsal.Fine, ""},
	"a detector beside one that was retained": {app(detector("Retain"), alarm), app(alarm, detector("Retain")),
		rehearsal.Refused, "and that is D, which stack a left behind"},
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
	"a retained name that is not imported, since it is a function": {
		app(strings.Replace(fmt.Sprintf(logs, "Old", "Retain"), `"/shop"`, `{"Fn::Sub": "/${AWS::Region}"}`, 1), alarm),
		app(alarm, strings.Replace(fmt.Sprintf(logs, "New", "Retain"), `"/shop"`, `{"Fn::Sub": "/${AWS::Region}"}`, 1)),
		rehearsal.Refused, "which stack a left behind",
	},
	"a retained name that is not imported, since it is no identifier": {
		app(`"T": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain", "Properties": {"TopicName": "shop"}}`, alarm),
		app(alarm, `"T": {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain", "Properties": {"TopicName": "shop"}}`),
		rehearsal.Refused, `the name "shop" is taken by T, which stack a left behind`,
	},
	"a stack with a name that is renamed": {
		stacks{{"old", fmt.Sprintf(role, ""), ""}}, stacks{{"new", fmt.Sprintf(role, ""), ""}},
		rehearsal.Refused, `the name "shop" is taken by Role in stack old`,
	},
	"a stack without names that is renamed": {
		stacks{{"old", alarm, ""}}, stacks{{"new", alarm, ""}},
		rehearsal.Left, "the app no longer has this stack",
	},
}

func TestNamesAreThoseOfARegion(t *testing.T) {
	made := stacks{{"a", detector("Delete"), ""}, {"b", detector("Delete"), ""}}.assembly(t)
	requireVerdict(t, rehearsal.Deploy(nil, made), rehearsal.Refused, "an account has one")
	made.Stacks[1].Region = "eu-west-1"
	require.Equal(t, rehearsal.Fine, rehearsal.Deploy(nil, made).Worst())
}
