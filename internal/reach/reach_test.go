package reach_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/reach"
	"catalog-infra/test/cost"
)

// shop is a network with a load balancer, tasks and a database, each with its group.
const shop = `{"Resources": {
	"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
	"Gateway": {"Type": "AWS::EC2::InternetGateway"},
	"Public": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}},
	"Private": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
	"Table": {"Type": "AWS::EC2::RouteTable"},
	"Out": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "Table"}, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": {"Ref": "Gateway"}}},
	"Has": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"RouteTableId": {"Ref": "Table"}, "SubnetId": {"Ref": "Public"}}},
	"Front": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
		"SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": "443", "CidrIp": "0.0.0.0/0"}],
		"SecurityGroupEgress": [{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "CidrIp": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}]}},
	"Back": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
		"SecurityGroupIngress": [{"IpProtocol": "-1", "CidrIp": "10.0.0.0/24"}],
		"SecurityGroupEgress": [{"IpProtocol": "udp", "FromPort": 53, "ToPort": 54, "CidrIp": "10.0.0.2/32"}]}},
	"Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"SecurityGroups": [{"Ref": "Front"}], "Subnets": [{"Ref": "Public"}]}},
	"Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": "443"}},
	"Function": {"Type": "AWS::Lambda::Function", "Properties": {"VpcConfig": {"SecurityGroupIds": [{"Ref": "Back"}], "SubnetIds": [{"Ref": "Private"}]}}}
	%s}}`

func read(tb testing.TB, template string) *reach.Network {
	tb.Helper()
	parsed, err := assembly.ParseTemplate("template", []byte(template))
	require.NoError(tb, err)
	return reach.Read(&assembly.Assembly{Stacks: []assembly.Stack{{ID: "a", Name: "a", Region: "eu-north-1", Template: parsed}}})
}

func text(t *testing.T, network *reach.Network) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, network.WriteText(&out))
	return out.String()
}

func TestAPathIsWhatRulesOfBothEndsAndRoutesAllow(t *testing.T) {
	require.Equal(t, []string{
		"FROM \\ TO    10.0.0.0/16  10.0.0.2/32  Balancer  Function",
		"internet                               443",
		"10.0.0.0/24                                      all",
		"Balancer     8080                                8080",
		"Function                  udp 53-54",
	}, lines(text(t, read(t, fmt.Sprintf(shop, "")))))
}

func TestWhatIsNotReadIsSaidAndABreach(t *testing.T) {
	for more, want := range map[string]string{
		`"New": {"Type": "AWS::EC2::Instance", "Properties": {"NetworkInterfaces": [{"SubnetId": {"Ref": "Private"}}]}}`:                   "a/New (AWS::EC2::Instance): it is in a network, and its type is not read",
		`"New": {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": "subnet-1"}}`:                                                    "a/New (AWS::EC2::Instance): it is in a network, and its type is not read",
		`"New": {"Type": "AWS::ECS::Service", "Properties": {"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}}}}`: "",
		`"New": {"Type": "AWS::RDS::DBCluster", "Properties": {"VpcSecurityGroupIds": [{"Ref": "Vpc"}]}}`:                                  "a/New (AWS::RDS::DBCluster): its security group is a AWS::EC2::VPC",
		`"New": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "Nowhere"}}}`:                                 "a/New (AWS::EC2::SecurityGroupIngress): its security group Nowhere is in no template",
		`"New": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": "rtb-1"}}`:                                                      "a/New (AWS::EC2::Route): its route table is in no template",
		`"New": {"Type": "AWS::RDS::DBCluster", "Properties": {"VpcSecurityGroupIds": {"Fn::ImportValue": "nobody:Group"}}}`:               "a/New (AWS::RDS::DBCluster): its security group nobody:Group is in no template",
		`"New": {"Type": "AWS::RDS::DBCluster", "Properties": {"DBSubnetGroupName": {"Ref": "Private"}}}`:                                  "a/New (AWS::RDS::DBCluster): it names no security group, so it may have its VPC's default one",
	} {
		network := read(t, fmt.Sprintf(shop, ", "+more))
		if want == "" {
			require.Contains(t, text(t, network), "Not read: a/New (AWS::ECS::Service): its subnet subnet-1 is in no template\n")
			continue
		}
		require.Equal(t, []string{want}, network.Unread)
		require.Contains(t, network.Breaches(reach.Expected{}), "not read: "+want)
	}
}

func TestAPublicBucketAndAPublicFunctionAreReached(t *testing.T) {
	const bucket = `{"Resources": {"Files": {"Type": "AWS::S3::Bucket"}, "Open": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Files"},
		"PolicyDocument": {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject"}}}},
		"Url": {"Type": "AWS::Lambda::Url"}}}`
	network := read(t, bucket)
	require.Equal(t, "FROM \\ TO  Url  Files\ninternet   443  443\n\n", text(t, network))
	require.Equal(t, []string{
		"bucket Files does not block all public access", "bucket Files has a policy that allows everybody something",
		"public API Url has a public address",
	}, network.Breaches(reach.Expected{}))
}

// lines returns the lines that are not empty, without blanks at their ends.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \n"); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// FuzzRead feeds a template that two stacks have. Whatever it holds, reading it ends soon
// and without a panic, and says the same twice.
func FuzzRead(f *testing.F) {
	f.Add(fmt.Sprintf(shop, ""))
	f.Add(`{"Resources": {"A": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"CidrIp": {"Ref": "A"}}, 1], "SecurityGroupEgress": {}}},
		"B": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [{"VpcOriginConfig": {"VpcOriginId": {"Ref": "B"}}}]}}},
		"C": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": []}}}, "Outputs": {"O": {"Value": {"Fn::ImportValue": "O"}, "Export": {"Name": "O"}}}}`)
	f.Fuzz(func(t *testing.T, template string) {
		parsed, err := assembly.ParseTemplate("template", []byte(template))
		if err != nil {
			return
		}
		var made assembly.Assembly
		for _, id := range strings.Fields("a b") {
			made.Stacks = append(made.Stacks, assembly.Stack{ID: id, Name: id, Region: "eu-north-1", Template: parsed})
		}
		cost.RequireCheap(t, 500<<20, func() {
			first, again := reach.Read(&made), reach.Read(&made)
			require.Equal(t, text(t, first), text(t, again))
			require.Equal(t, first.Breaches(reach.Expected{}), again.Breaches(reach.Expected{}))
		})
	})
}

// filled returns the network with n more resources, each with the text, in which %[1]d is
// its number.
func filled(n int, text string) string {
	var more strings.Builder
	for i := range n {
		fmt.Fprintf(&more, `, "E%d": `+text, i, i%250)
	}
	return fmt.Sprintf(shop, more.String())
}

// worst are as many resources as CloudFormation takes.
var worst = map[string]string{
	"rules of one group": filled(480, `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "Back"}, "IpProtocol": "tcp", "FromPort": %[2]d, "ToPort": %[2]d, "CidrIp": "10.0.0.0/8"}}`),
	"functions":          filled(480, `{"Type": "AWS::Lambda::Function", "Properties": {"VpcConfig": {"SecurityGroupIds": [{"Ref": "Back"}], "SubnetIds": [{"Ref": "Private"}, "x%[2]d"]}}}`),
	"routes":             filled(480, `{"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "Table"}, "DestinationCidrBlock": "10.%[2]d.0.0/16", "NatGatewayId": "nat"}}`),
	"distributions":      filled(480, `{"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"Origins": [{"DomainName": "a%[2]d.example.com"}]}}}`),
	"groups":             filled(480, `{"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"IpProtocol": "-1", "SourceSecurityGroupId": {"Ref": "E%[2]d"}}]}}`),
}

func TestNoNetworkTakesASecondOr500MB(t *testing.T) {
	for name, template := range worst {
		t.Run(name, func(t *testing.T) {
			network := read(t, template)
			cost.RequireCheap(t, 500<<20, func() { read(t, template); network.Breaches(reach.Expected{}) })
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{60, 120, 240, 480} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			template := filled(n, `{"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Ref": "Back"}, "IpProtocol": "tcp", "FromPort": %[2]d, "ToPort": %[2]d, "CidrIp": "10.0.0.0/8"}}`)
			for b.Loop() {
				read(b, template)
			}
		})
	}
}
