package rehearsal_test

import (
	"fmt"
	"strings"

	"catalog-infra/internal/rehearsal"
)

// series returns resources E0 to En, with a prefix. In the text, %[1]d is the number,
// %[2]s the prefix.
func series(prefix string, n int, text string) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(text, i, prefix))
	}
	return strings.Join(all, ", ")
}

const (
	address    = `"%[2]s%[1]d": {"Type": "AWS::EC2::EIP"}`
	vpcOrigin  = `"%[2]s%[1]d": {"Type": "AWS::CloudFront::VpcOrigin", "Properties": {}}`
	network    = `"%[2]s%[1]d": {"Type": "AWS::EC2::VPC"}, "%[2]sGateway%[1]d": {"Type": "AWS::EC2::InternetGateway"}`
	headers    = `"%[2]s%[1]d": {"Type": "AWS::CloudFront::ResponseHeadersPolicy"}`
	forwarding = `"%[2]s%[1]d": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {}},
		"%[2]sTo%[1]d": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "L"}, "Actions": [{"TargetGroupArn": {"Ref": "%[2]s%[1]d"}}]}}`
	filter = `"%[2]s%[1]d": {"Type": "AWS::Logs::SubscriptionFilter", "Properties": {"LogGroupName": "/shop"}}`
)

// listening returns n listeners from a port on.
func listening(n, from int) string {
	var all []string
	for port := from; port < from+n; port++ {
		all = append(all, listener(fmt.Sprintf("L%d", port), port))
	}
	return balancer + strings.Join(all, ", ")
}

// forwards returns target groups, each with the rule that forwards to it.
func forwards(n int, prefix string) string {
	return balancer + listener("L", 80) + ", " + series(prefix, n, forwarding)
}

// quotaPairs are about what is there side by side. CloudFormation makes what is new
// before it deletes what is old:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
var quotaPairs = map[string]pair{
	// https://github.com/aws/aws-parallelcluster/issues/1734
	"three addresses that are replaced": {app(series("A", 3, address)), app(series("B", 3, address)),
		rehearsal.Refused, "old and new ones together make 6 Elastic IP addresses in eu-north-1, the quota is 5"},
	"two addresses that are replaced": {app(series("A", 2, address)), app(series("B", 2, address)), rehearsal.Fine, ""},
	"more addresses than by default, which somebody had raised": {app(series("A", 6, address)), app(series("B", 6, address)),
		rehearsal.Fine, ""},
	"fewer addresses than somebody had raised it for": {app(series("A", 6, address)), app(series("B", 5, address)), rehearsal.Fine, ""},
	"more addresses than by default, which somebody must have raised": {app(series("A", 3, address)), app(series("B", 6, address)),
		rehearsal.Fine, ""},
	"addresses of two stacks": {app(series("A", 3, address), series("A", 2, address)), app(series("A", 3, address), series("B", 2, address)),
		rehearsal.Refused, "together make 7 Elastic IP addresses"},
	"three networks that are replaced": {app(series("A", 3, network)), app(series("B", 3, network)),
		rehearsal.Refused, "together make 6 VPCs in eu-north-1, the quota is 5"},
	"two networks that are replaced": {app(series("A", 2, network)), app(series("B", 2, network)), rehearsal.Fine, ""},
	"eleven policies of headers that are replaced": {app(series("A", 11, headers)), app(series("B", 11, headers)),
		rehearsal.Refused, "together make 22 response headers policies in the account, the quota is 20"},
	"ten policies of headers that are replaced": {app(series("A", 10, headers)), app(series("B", 10, headers)), rehearsal.Fine, ""},
	"26 listeners that are replaced": {app(listening(26, 1000)), app(listening(26, 2000)),
		rehearsal.Refused, "together make 52 listeners of a/Lb, the quota is 50"},
	"25 listeners that are replaced": {app(listening(25, 1000)), app(listening(25, 2000)), rehearsal.Fine, ""},
	"26 listeners that are replaced with their load balancer": {app(listening(26, 1000)),
		app(strings.Replace(listening(26, 1000), "{}", `{"Scheme": "internal"}`, 1)), rehearsal.Replaced, ""},
	"51 target groups that are replaced": {app(forwards(51, "A")), app(forwards(51, "B")),
		rehearsal.Refused, "together make 102 target groups of a/Lb, the quota is 100"},
	"50 target groups that are replaced": {app(forwards(50, "A")), app(forwards(50, "B")), rehearsal.Fine, ""},
	"13 VPC origins that are replaced": {app(series("A", 13, vpcOrigin)), app(series("B", 13, vpcOrigin)),
		rehearsal.Refused, "together make 26 VPC origins in the account"},
	"12 VPC origins that are replaced": {app(series("A", 12, vpcOrigin)), app(series("B", 12, vpcOrigin)), rehearsal.Fine, ""},
	// https://github.com/aws/aws-cdk/issues/34735
	"three subscription filters that are replaced": {app(series("A", 3, filter)), app(series("B", 3, filter)),
		rehearsal.Refused, "together make 6 subscription filters of /shop, the quota is 5"},
	"two subscription filters that are replaced": {app(series("A", 2, filter)), app(series("B", 2, filter)), rehearsal.Fine, ""},
}
