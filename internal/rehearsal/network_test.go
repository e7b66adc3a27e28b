package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/rehearsal"
)

const vpc = `"Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, `

func subnet(id, cidr string) string {
	return fmt.Sprintf(`"%s": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": "%s"}}`, id, cidr)
}

func privateEndpoint(id, service, private string) string {
	return fmt.Sprintf(`"%s": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcId": {"Ref": "Net"}, "ServiceName": "com.amazonaws.eu-north-1.%s", "PrivateDnsEnabled": %s}}`, id, service, private)
}

func admits(id string, port int) string {
	return fmt.Sprintf(`"%s": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": %[2]d, "ToPort": %[2]d, "CidrIp": "10.0.0.0/8"}}`, id, port)
}

// networkPairs are about what a VPC and its groups have once.
var networkPairs = map[string]pair{
	// https://github.com/aws/aws-cdk/issues/24708
	"a subnet that takes the range of one which is replaced": {app(vpc + subnet("A", "10.0.0.0/24") + ", " + subnet("B", "10.0.1.0/24")),
		app(vpc + subnet("A", "10.0.1.0/24") + ", " + subnet("B", "10.0.2.0/24")), rehearsal.Refused, "its range overlaps that of B in stack a"},
	"a subnet that overlaps itself": {app(vpc + subnet("A", "10.0.0.0/24")), app(vpc + subnet("A", "10.0.0.0/23")),
		rehearsal.Refused, "its range overlaps that of A in stack a"},
	"a subnet beside": {app(vpc + subnet("A", "10.0.0.0/24")), app(vpc + subnet("A", "10.0.0.0/24") + ", " + subnet("B", "10.0.1.0/24")),
		rehearsal.Fine, ""},
	"a subnet of a VPC that is replaced": {app(vpc + subnet("A", "10.0.0.0/24")),
		app(strings.Replace(vpc, "/16", "/17", 1) + subnet("A", "10.0.0.0/24")), rehearsal.Replaced, "VpcId"},
	// https://github.com/hashicorp/terraform-provider-aws/issues/17535
	"an endpoint under another logical id": {app(vpc + privateEndpoint("A", "ecr.api", "true")),
		app(vpc + privateEndpoint("B", "ecr.api", "true")), rehearsal.Refused, "it has the same private DNS name as A in stack a"},
	"an endpoint of another service": {app(vpc + privateEndpoint("A", "ecr.api", "true")), app(vpc + privateEndpoint("B", "ecr.dkr", "true")),
		rehearsal.Fine, ""},
	"an endpoint without a private name": {app(vpc + privateEndpoint("A", "ecr.api", "true")),
		app(vpc + privateEndpoint("B", "ecr.api", "false")), rehearsal.Fine, ""},
	// https://github.com/Crown-Commercial-Service/digitalmarketplace-aws/pull/104
	"a rule under another logical id": {app(admits("A", 80)), app(admits("B", 80)),
		rehearsal.ServiceCut, "B has the same rule, which AWS has once: it is deleted with this one"},
	"another rule under another logical id": {app(admits("A", 80)), app(admits("B", 443)), rehearsal.Fine, ""},
	"a rule that another stack takes over": {app(alarm, admits("A", 80)), app(admits("A", 80), alarm),
		rehearsal.ServiceCut, "A has the same rule"},
}

func viewerCertificate(arn string) string {
	return `"D": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": {"ViewerCertificate": {"AcmCertificateArn": ` + arn + `}}}}`
}

func originCertificate(arn string) string {
	return `"L": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"Certificates": [{"CertificateArn": ` + arn + `}]}}`
}

const certificate = `, "C": {"Type": "AWS::CertificateManager::Certificate", "Properties": {}}`

// certificatePairs are about the regions of certificates, of stacks in eu-north-1:
// https://github.com/aws/aws-cdk/issues/3464
var certificatePairs = map[string]pair{
	"a viewer's certificate of another region": {nil, app(viewerCertificate(`"arn:aws:acm:eu-north-1:111122223333:certificate/1"`)),
		rehearsal.Refused, "its certificate is in eu-north-1, and must be in us-east-1"},
	"a viewer's certificate of the stack": {nil, app(viewerCertificate(`{"Ref": "C"}`) + certificate),
		rehearsal.Refused, "its certificate is in eu-north-1, and must be in us-east-1"},
	"a viewer's certificate": {nil, app(viewerCertificate(`"arn:aws:acm:us-east-1:111122223333:certificate/1"`)), rehearsal.Fine, ""},
	"a listener's certificate of another region": {nil, app(originCertificate(`"arn:aws:acm:us-east-1:111122223333:certificate/1"`)),
		rehearsal.Refused, "its certificate is in us-east-1, and must be in eu-north-1"},
	"a listener's certificate": {nil, app(originCertificate(`{"Ref": "C"}`) + certificate), rehearsal.Fine, ""},
}

func TestACertificateFitsAStackWithoutARegion(t *testing.T) {
	for _, resources := range []string{
		originCertificate(`"arn:aws:acm:us-east-1:111122223333:certificate/1"`), viewerCertificate(`{"Ref": "C"}`) + certificate,
	} {
		made := app(resources).assembly(t)
		made.Stacks[0].Region = "unknown-region"
		require.Equal(t, rehearsal.Fine, rehearsal.Deploy(nil, made).Worst())
	}
}

// Both regions have stacks of the same names, exports and logical ids.
func TestAnEnvironmentOfAnotherRegionIsBesideTheOldOne(t *testing.T) {
	vpc := `"Vpc": {"Type": "AWS::EC2::VPC"}`
	subnet := `"Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Fn::ImportValue": "vpc"}, "CidrBlock": "10.0.0.0/24"}}`
	environment := stacks{{"network", vpc, `"Vpc": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "vpc"}}`}, {"data", subnet, ""}}
	base, head := environment.assembly(t), environment.assembly(t)
	for i := range head.Stacks {
		head.Stacks[i].Region = "eu-west-1"
	}

	requireVerdict(t, rehearsal.Deploy(base, head), rehearsal.Left, "the app no longer has this stack")
}
