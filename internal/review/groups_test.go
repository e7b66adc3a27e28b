package review_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/review"
)

const groups = `"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d", "SecurityGroupIngress": [%s], "SecurityGroupEgress": [%s]}}`

func inbound(rules string) string  { return fmt.Sprintf(groups, rules, nothingOut) }
func outbound(rules string) string { return fmt.Sprintf(groups, "", rules) }

const (
	nothingOut = `{"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32"}`
	office     = `{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "192.0.2.0/24"}`
	halves     = `{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "192.0.2.0/25"}, {"IpProtocol": "6", "FromPort": "443", "ToPort": "443", "CidrIp": "192.0.2.128/25"}`
	anywhere   = `{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}`
	anywhere6  = `{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv6": "::/0"}`
	list       = `{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "SourcePrefixListId": "pl-0123"}`
	every      = `{"IpProtocol": "-1", "CidrIp": "192.0.2.0/24"}`
	others     = `"H": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "d", "SecurityGroupEgress": [` + nothingOut + `]}}`
	separate   = others + `, "R": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": {"Fn::GetAtt": ["H", "GroupId"]}, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "192.0.2.0/24"}}`
	service    = `, "S": {"Type": "AWS::ECS::Service", "Properties": {"NetworkConfiguration": {"AwsvpcConfiguration": {"SecurityGroups": [%s]}}}}`
	memberOf   = `{"Fn::GetAtt": ["G", "GroupId"]}`
	memberToo  = `{"Fn::GetAtt": ["H", "GroupId"]}`
	fromH      = `{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "SourceSecurityGroupId": {"Fn::GetAtt": ["H", "GroupId"]}}`
)

var groupPairs = map[string]pair{
	"a range of addresses that grows":              {inbound(office), inbound(anywhere), review.Wider, "a/G lets in tcp 443 from 0.0.0.0/0"},
	"a range of addresses that shrinks":            {inbound(anywhere), inbound(office), "", ""},
	"a range in two halves":                        {inbound(office), inbound(halves), "", ""},
	"two halves in one":                            {inbound(halves), inbound(office), "", ""},
	"IPv6 beside IPv4":                             {inbound(anywhere), inbound(anywhere + "," + anywhere6), review.Wider, "from ::/0"},
	"a prefix list in place of anywhere":           {inbound(anywhere), inbound(list), "", ""},
	"anywhere in place of a prefix list":           {inbound(list), inbound(anywhere), review.Wider, "from 0.0.0.0/0"},
	"a prefix list beside a range":                 {inbound(office), inbound(office + "," + list), review.Wider, "from pl-0123"},
	"every port":                                   {inbound(office), inbound(every), review.Wider, "lets in everything from 192.0.2.0/24"},
	"one port of all":                              {inbound(every), inbound(office), "", ""},
	"a rule in the group or beside it":             {inbound(office) + "," + others, inbound("") + "," + separate, review.Wider, "a/H lets in tcp 443"},
	"a rule that moves among a service's groups":   {inbound(office) + "," + others + fmt.Sprintf(service, memberOf+","+memberToo), inbound("") + "," + separate + fmt.Sprintf(service, memberOf+","+memberToo), "", ""},
	"a service that joins a group":                 {inbound(office) + "," + others + fmt.Sprintf(service, memberToo), inbound(office) + "," + others + fmt.Sprintf(service, memberToo+","+memberOf), review.Wider, "it joins a/G: a/G lets in tcp 443"},
	"a service that joins a group that is let in":  {inbound(fromH) + "," + others + fmt.Sprintf(service, memberOf), inbound(fromH) + "," + others + fmt.Sprintf(service, memberOf+","+memberToo), review.Wider, "it joins a/H, which a/G lets in"},
	"a service that leaves a group":                {inbound(office) + "," + others + fmt.Sprintf(service, memberToo+","+memberOf), inbound(office) + "," + others + fmt.Sprintf(service, memberToo), "", ""},
	"a description":                                {inbound(office), inbound(`{"Description": "x", ` + office[1:]), "", ""},
	"what goes out":                                {outbound(office), outbound(office + "," + anywhere), review.Wider, "a/G lets out tcp 443 to 0.0.0.0/0"},
	"no rule for what goes out where one was":      {outbound(office), outbound(""), "", ""},
	"a rule for what goes out where none was":      {outbound(""), outbound(office), "", ""},
	"a new group without a rule for what goes out": {`"T": {"Type": "AWS::SNS::Topic"}`, `"T": {"Type": "AWS::SNS::Topic"},` + outbound(""), review.Wider, "lets out everything to 0.0.0.0/0"},
	"a new group that lets nothing in or out":      {`"T": {"Type": "AWS::SNS::Topic"}`, `"T": {"Type": "AWS::SNS::Topic"},` + others, "", ""},
	"a prefix list of the template that grows": {
		`"P": {"Type": "AWS::EC2::PrefixList", "Properties": {"Entries": [{"Cidr": "192.0.2.0/24"}]}},` + inbound(`{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "SourcePrefixListId": {"Fn::GetAtt": ["P", "PrefixListId"]}}`),
		`"P": {"Type": "AWS::EC2::PrefixList", "Properties": {"Entries": [{"Cidr": "192.0.2.0/23"}]}},` + inbound(`{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "SourcePrefixListId": {"Fn::GetAtt": ["P", "PrefixListId"]}}`),
		review.Wider, "tcp 1-2 from 192.0.2.0/23",
	},
	"ICMP of one type":                  {inbound(`{"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "CidrIp": "192.0.2.0/24"}`), inbound(`{"IpProtocol": "icmp", "FromPort": 8, "ToPort": 0, "CidrIp": "192.0.2.0/24"}`), "", ""},
	"ICMP of every type":                {inbound(`{"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "CidrIp": "192.0.2.0/24"}`), inbound(`{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "CidrIp": "192.0.2.0/24"}`), review.Wider, "icmp"},
	"a renamed group with a new hash":   {inbound(office), `"Group0A1B2C3D": ` + inbound(office)[len(`"G": `):], "", ""},
	"a renamed group that lets in more": {`"Group0A1B2C3D": ` + inbound(office)[len(`"G": `):], `"Group9A1B2C3D": ` + inbound(office + "," + anywhere)[len(`"G": `):], review.Wider, "from 0.0.0.0/0"},
}

func TestANewEnvironmentIsJudgedByWhatLetsEverybodyIn(t *testing.T) {
	group := func(id, peer string) string {
		return fmt.Sprintf(`"%s": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [{"IpProtocol": "-1", %s}]}}, `, id, peer)
	}
	head := loaded(t, group("Open", `"CidrIp": "0.0.0.0/0"`)+group("Six", `"CidrIpv6": "::/0"`)+group("Inside", `"CidrIp": "10.0.0.0/8"`)+
		`"Public": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Scheme": "internet-facing"}},
		"Private": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Scheme": "internal"}}`)
	var found []string
	for _, finding := range review.Compare(nil, head).Findings {
		require.Equal(t, review.Wider, finding.Verdict)
		found = append(found, finding.Resource)
	}
	require.ElementsMatch(t, []string{"Open", "Six", "Public"}, found)
	require.Empty(t, review.Compare(head, nil).Findings)
}
