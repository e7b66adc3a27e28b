package diagram_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"oss.terrastruct.com/d2/d2compiler"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/diagram"
)

// shop is a small environment in one zone.
const shop = `{"Resources": {
"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}},
"Gateway": {"Type": "AWS::EC2::InternetGateway"},
"Front": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-west-1a", "CidrBlock": "10.1.1.0/24",
  "Tags": [{"Key": "aws-cdk:subnet-type", "Value": "Public"}, {"Key": "aws-cdk:subnet-name", "Value": "Front"}]}},
"Back": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": "eu-west-1a", "CidrBlock": "10.1.2.0/24",
  "Tags": [{"Key": "aws-cdk:subnet-type", "Value": "Private"}, {"Key": "aws-cdk:subnet-name", "Value": "Back"}]}},
"Nat": {"Type": "AWS::EC2::NatGateway", "Properties": {"SubnetId": {"Ref": "Front"}}},
"Table": {"Type": "AWS::EC2::RouteTable"},
"OfBack": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"SubnetId": {"Ref": "Back"}, "RouteTableId": {"Ref": "Table"}}},
"Out": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "Table"}, "NatGatewayId": {"Ref": "Nat"}}},
"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": [{"Ref": "Front"}],
  "SecurityGroups": [{"Ref": "Web"}]}},
"Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"Protocol": "HTTPS", "Port": 443,
  "LoadBalancerArn": {"Ref": "Balancer"}}},
"Shop": {"Type": "AWS::ECS::Service", "Properties": {"LoadBalancers": [{"ContainerPort": 3000}],
  "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [{"Ref": "Back"}], "SecurityGroups": [{"Ref": "App"}]}}}},
"Scaling": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {"MinCapacity": 2, "MaxCapacity": 7}},
"Web": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "Balancer",
  "SecurityGroupIngress": [{"SourcePrefixListId": "pl-1", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}],
  "SecurityGroupEgress": [{"DestinationSecurityGroupId": {"Ref": "App"}, "IpProtocol": "tcp", "FromPort": 3000, "ToPort": 3000}]}},
"App": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "Tasks"}},
"WebToApp": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "App"},
  "SourceSecurityGroupId": {"Fn::GetAtt": ["Web", "GroupId"]}, "IpProtocol": "tcp", "FromPort": 3000, "ToPort": 3000}},
"Topic": {"Type": "AWS::SNS::Topic"},
"Open": {"Type": "AWS::SSM::Document", "Properties": {"Name": "shop-open", "Content": {"mainSteps": [{"inputs": {"Topic": {"Ref": "Topic"}}}]}}},
"Undo": {"Type": "AWS::SSM::Document", "Properties": {"Name": "shop-undo", "Content": {"mainSteps": [{"action": "aws:approve"}]}}},
"Cut": {"Type": "AWS::SSM::Document", "Properties": {"Name": "shop-cut", "Content": {"mainSteps": []}}},
"Threat": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.guardduty"]},
  "Targets": [{"Arn": {"Fn::Join": ["", ["arn:aws:ssm:", {"Ref": "Open"}]]}}]}},
"Backup": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.backup"]}, "Targets": [{"Arn": {"Ref": "Topic"}}]}}
}}`

func drawn(t *testing.T, template string) map[string]string {
	t.Helper()
	read, err := assembly.ParseTemplate("shop.template.json", []byte(template))
	require.NoError(t, err)
	pictures, err := diagram.Draw(&assembly.Assembly{Stacks: []assembly.Stack{
		{ID: "all", Name: "shop-all", Region: "eu-west-1", Template: read},
	}})
	require.NoError(t, err)
	texts := map[string]string{}
	for _, picture := range pictures {
		texts[picture.Name] = labels(t, picture.SVG)
	}
	return texts
}

// labels returns the texts of an SVG, a line each. It fails where that is no XML.
func labels(t *testing.T, picture []byte) string {
	t.Helper()
	var found []string
	decoder := xml.NewDecoder(strings.NewReader(string(picture)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return strings.Join(found, "\n")
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "text" {
			var text struct {
				Content string   `xml:",chardata"`
				Lines   []string `xml:"tspan"`
			}
			require.NoError(t, decoder.DecodeElement(&text, &start))
			found = append(found, text.Content+strings.Join(text.Lines, "\n"))
		}
	}
}

func TestPicturesSayWhatTheTemplateHas(t *testing.T) {
	pictures := drawn(t, shop)
	for picture, want := range map[string][]string{
		"architecture": {"VPC 10.1.0.0/16, 1 Availability Zone", "region eu-west-1", "HTTPS 443", "2–7 Fargate tasks", "1 NAT gateway", "3 runbooks"},
		"network":      {"eu-west-1a", "Front 10.1.1.0/24", "Back 10.1.2.0/24", "Load balancer", "NAT gateway", "pl-1\nprefix list", "443", "3000"},
		"incident":     {"GuardDuty", "open", "AWS Backup", "Without an approver:\ncut", "Once a second person approves:\nundo"},
	} {
		for _, text := range want {
			require.Contains(t, pictures[picture], text, picture)
		}
	}
}

func TestArrowsFollowTheTemplate(t *testing.T) {
	for name, change := range map[string]struct {
		picture, old, new string
		lost              diagram.Way
	}{
		"a route":      {"network", `{"Ref": "Nat"}}`, `{"Ref": "None"}}`, diagram.Way{"all/Back", "all/Front all/Nat"}},
		"a rule":       {"network", `"Web", "GroupId"`, `"App", "GroupId"`, diagram.Way{"Balancer", "Shop"}},
		"a runbook":    {"incident", `{"Ref": "Open"}`, `{"Ref": "Cut"}`, diagram.Way{"GuardDuty", "all/Open"}},
		"its mail":     {"incident", `{"Topic": {"Ref": "Topic"}}`, `{}`, diagram.Way{"all/Open", "all/Topic"}},
		"another mail": {"incident", `"Targets": [{"Arn": {"Ref": "Topic"}}]`, `"Targets": []`, diagram.Way{"notifying", "all/Topic"}},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(shop, change.old, change.new, 1)
			require.NotEqual(t, shop, changed)
			require.Contains(t, ways(t, shop, change.picture), change.lost)
			require.NotContains(t, ways(t, changed, change.picture), change.lost)
		})
	}
}

func ways(t *testing.T, template, picture string) []diagram.Way {
	t.Helper()
	read, err := assembly.ParseTemplate("shop.template.json", []byte(template))
	require.NoError(t, err)
	return diagram.Ways(&assembly.Assembly{Stacks: []assembly.Stack{{ID: "all", Name: "shop-all", Template: read}}}, picture)
}

func TestAPictureOfManyResourcesIsBounded(t *testing.T) {
	var rules []string
	for i := range 500 {
		rules = append(rules, fmt.Sprintf(`"R%d": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["shop.%d"]},
			"Targets": [{"Arn": "arn/a%d"}]}}`, i, i, i))
	}
	pictures := drawn(t, `{"Resources": {`+strings.Join(rules, ",")+`}}`)
	require.Contains(t, pictures["incident"], "and 965 more")
}

// FuzzText draws templates that hold anything: D2 reads each text, and nothing panics.
// The layout, which takes most of a second, is left out.
func FuzzText(f *testing.F) {
	f.Add(shop)
	f.Add(`{}`)
	f.Add(`{"Resources": {"\"${a}\\\n": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "\"${b}\\ 'c' |d| # e; f -> g"}}}}`)
	f.Add(`{"Resources": {"A": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": [1]}, "Targets": [{}, {"Arn": 1}, {"Arn": "a/"}]}}}}`)
	f.Fuzz(func(t *testing.T, template string) {
		read, err := assembly.ParseTemplate("fuzz.template.json", []byte(template))
		if err != nil {
			return
		}
		for _, text := range diagram.Texts(&assembly.Assembly{Stacks: []assembly.Stack{{ID: "all", Name: "shop-all", Template: read}}}) {
			_, _, err := d2compiler.Compile("", strings.NewReader(text), nil)
			require.NoError(t, err, text)
		}
	})
}
