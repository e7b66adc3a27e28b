package test

import "testing"

func TestNetworkIsTheGuides(t *testing.T) {
	network := shipped(t, "dev").stack(t, "network")

	network.count("AWS::EC2::VPC", 1)
	network.has("AWS::EC2::VPC", props{
		"CidrBlock":          "10.0.0.0/16",
		"EnableDnsSupport":   true,
		"EnableDnsHostnames": true,
	})
	network.hasNo("AWS::EC2::Subnet", props{"MapPublicIpOnLaunch": true})
}
