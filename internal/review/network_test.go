package review_test

import (
	"fmt"

	"catalog-infra/internal/review"
)

const subnet = `"Gate": {"Type": "AWS::EC2::InternetGateway"}, "Nat": {"Type": "AWS::EC2::NatGateway", "Properties": {"SubnetId": "s"}},
	"Open": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": "v", "Tags": []}}, "Closed": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": "v"}},
	"Sub": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": "v"}},
	"Is": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"SubnetId": {"Ref": "Sub"}, "RouteTableId": {"Ref": "%s"}}}`

func route(table, properties string) string {
	return fmt.Sprintf(`, "Route": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "%s"}, %s}}`, table, properties)
}

const (
	toInternet = `"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": {"Ref": "Gate"}`
	toNat      = `"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": {"Ref": "Nat"}`
	toEndpoint = `"DestinationPrefixListId": "pl-1", "GatewayId": {"Ref": "Endpoint"}`
	endpoint   = `, "Endpoint": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": "v", "VpcEndpointType": "Gateway"}}`
	lb         = `"LB": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Scheme": "internal"}}, `
	forward    = `[{"Type": "forward", "TargetGroupArn": "t"}]`
	fixed      = `[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "403"}}]`
	login      = `[{"Type": "authenticate-oidc"}, {"Type": "forward", "TargetGroupArn": "t"}]`
	onHeader   = `{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Origin", "Values": ["a"]}}`
	onPath     = `{"Field": "path-pattern", "Values": ["/api"]}`
	onPaths    = `{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api", "/admin"]}}`
)

func listens(port int, actions string) string {
	return fmt.Sprintf(lb+`"L": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "LB"}, "Protocol": "HTTPS", "Port": %d, "DefaultActions": %s}}`, port, actions)
}

func when(conditions string) string {
	return listens(443, fixed) + fmt.Sprintf(`, "Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "L"}, "Priority": 1, "Actions": %s, "Conditions": [%s]}}`, forward, conditions)
}

var (
	isOpen   = fmt.Sprintf(subnet, "Open")
	isClosed = fmt.Sprintf(subnet, "Closed")
)

var networkPairs = map[string]pair{
	"a route to the internet":                       {isOpen, isOpen + route("Open", toInternet), review.Wider, "a/Sub gets a route to 0.0.0.0/0 by an internet gateway"},
	"a route to the internet, closed":               {isOpen + route("Open", toInternet), isOpen, "", ""},
	"an internet gateway in place of a NAT gateway": {isOpen + route("Open", toNat), isOpen + route("Open", toInternet), review.Wider, "by an internet gateway"},
	"a route to an endpoint":                        {isOpen, isOpen + endpoint + route("Open", toEndpoint), "", ""},
	"a subnet in another route table":               {isClosed + route("Open", toInternet), isOpen + route("Open", toInternet), review.Wider, "a/Sub gets a route"},
	"a table with the same route":                   {isOpen + route("Open", toInternet), isClosed + route("Closed", toInternet), "", ""},

	"a listener on another port":       {listens(443, fixed), listens(8443, fixed), review.Wider, "a/LB listens on port 8443"},
	"a listener less":                  {listens(443, fixed), lb + `"T": {"Type": "AWS::SNS::Topic"}`, "", ""},
	"a listener that forwards all":     {listens(443, fixed), listens(443, forward), review.Wider, "forwards requests"},
	"a listener that forwards nothing": {listens(443, forward), listens(443, fixed), "", ""},
	"a listener without a login":       {listens(443, login), listens(443, forward), review.Wider, "forwards requests"},
	"a listener with a login":          {listens(443, forward), listens(443, login), "", ""},
	"a rule with a condition less":     {when(onHeader + "," + onPath), when(onHeader), review.Wider, "a/L forwards requests"},
	"a rule with a condition more":     {when(onHeader), when(onHeader + "," + onPath), "", ""},
	"a rule with a value more":         {when(onPath), when(onPaths), review.Wider, "forwards requests"},
	"a rule with a value less":         {when(onPaths), when(onPath), "", ""},
	"a rule beside one that asks less": {when(onPath), when(onPath + "," + onHeader), "", ""},
}
