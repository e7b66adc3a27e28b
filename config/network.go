package config

// Network is the VPC.
type Network struct {
	// CIDR is the VPC's range, private (RFC 1918), /16 to /24. It has room for the
	// subnets of three zones, so adding a zone changes no other subnet. The range
	// can never be changed: a narrow one limits maxTasks and interfaceEndpoints for
	// good. Default: 10.0.0.0/16.
	CIDR string `json:"cidr" format:"cidr"`

	// Zones are the letters of the availability zones, two or three. Only append to
	// them: the order decides which subnet is in which zone. Default: [a, b].
	Zones []string `json:"zones" jsonschema:"minItems=2,maxItems=3,uniqueItems=true" format:"zones"`

	// NATGateways is how many NAT gateways carry the private subnets' traffic
	// out, from 1 to the number of zones. One is cheapest and stops all
	// outbound traffic when its zone fails. Default: one for each zone.
	NATGateways int `json:"natGateways" jsonschema:"minimum=1,maximum=3"`

	// InterfaceEndpoints are the AWS services that are reached through endpoints in
	// the VPC instead of the NAT gateways. Each is billed by the hour and zone.
	// Default: none.
	InterfaceEndpoints []string `json:"interfaceEndpoints" jsonschema:"uniqueItems=true" format:"endpoints"`
}
