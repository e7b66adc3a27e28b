package bill

const vpc = "Amazon VPC"

// networkCharges are those of what connects the VPC.
//
// https://aws.amazon.com/vpc/pricing/
// https://aws.amazon.com/privatelink/pricing/
// https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer
var networkCharges = []charge{
	{resource: "AWS::EC2::NatGateway", service: vpc, one: "NAT gateway", many: "NAT gateways", basis: ByHour, unit: "hours",
		product: Product{Service: "AmazonEC2", UsageType: "NatGateway-Hours", PerHour: true}, quantity: one},
	{resource: "AWS::EC2::NatGateway", service: vpc, one: "GB through NAT gateways", many: "GB through NAT gateways",
		basis: ByVolume, unit: "GB", product: Product{Service: "AmazonEC2", UsageType: "NatGateway-Bytes"},
		quantity: assume(func(a Assumptions) float64 { return a.GBThroughNAT }), once: true},
	publicIPv4("AWS::EC2::EIP", one), publicIPv4("AWS::ElasticLoadBalancingV2::LoadBalancer", publicAddresses),
	{resource: "AWS::EC2::VPCEndpoint", service: vpc, one: "interface endpoint in a zone", many: "interface endpoints in a zone",
		basis: ByHour, unit: "hours",
		product: Product{Service: "AmazonVPC", UsageType: "VpcEndpoint-Hours", PerHour: true}, quantity: endpointZones},
	{resource: "AWS::EC2::VPCEndpoint", service: vpc, one: "GB to interface endpoints", many: "GB to interface endpoints",
		basis: ByVolume, unit: "GB", product: Product{Service: "AmazonVPC", UsageType: "VpcEndpoint-Bytes"},
		quantity: toEndpoints, once: true},
	{resource: "AWS::EC2::VPC", service: vpc, one: "GB between zones", many: "GB between zones", basis: ByVolume, unit: "GB",
		product:  Product{Service: "AWSDataTransfer", UsageType: "DataTransfer-Regional-Bytes"},
		quantity: betweenZones, once: true},
	// What a load balancer sends to CloudFront is free.
	{resource: "AWS::ElasticLoadBalancingV2::LoadBalancer", service: "AWS Data Transfer", one: "GB to the internet",
		many:  "GB to the internet",
		basis: ByVolume, unit: "GB", product: Product{Service: "AWSDataTransfer", UsageType: "DataTransfer-Out-Bytes"},
		quantity: directTraffic, once: true},
}

func publicIPv4(resource string, quantity func(site) Range) charge {
	return charge{resource: resource, service: vpc, one: "public IPv4 address", many: "public IPv4 addresses", basis: ByHour, unit: "hours",
		product: Product{Service: "AmazonVPC", UsageType: "PublicIPv4:InUseAddress", PerHour: true}, quantity: quantity}
}

// publicAddresses counts the addresses of a load balancer: one in each of its subnets,
// and more under load.
func publicAddresses(balancer site) Range {
	if balancer.text("Scheme") != "internet-facing" {
		return Range{}
	}
	return exactly(float64(len(balancer.Properties.List("Subnets"))))
}

// endpointZones does not count gateway endpoints, which are free.
func endpointZones(endpoint site) Range {
	if endpoint.text("VpcEndpointType") != "interface" {
		return Range{}
	}
	return exactly(float64(len(endpoint.Properties.List("SubnetIds"))))
}

func toEndpoints(endpoint site) Range {
	if endpointZones(endpoint).Most == 0 {
		return Range{}
	}
	return exactly(endpoint.assumed.GBToEndpoints)
}

// betweenZones counts each GB twice: the zone that it leaves and the one that it
// enters are charged.
func betweenZones(network site) Range { return exactly(2 * network.assumed.GBBetweenZones) }

func directTraffic(balancer site) Range {
	if publicAddresses(balancer).Most == 0 || len(balancer.all("AWS::CloudFront::Distribution")) > 0 {
		return Range{}
	}
	return exactly(balancer.assumed.GBOut)
}
