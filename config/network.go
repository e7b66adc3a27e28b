package config

// Network is the VPC.
type Network struct {
	// CIDR is the VPC's range, private (RFC 1918), /16 to /24. Subnets for
	// three zones are cut from it at once, so a later zone renumbers nothing;
	// the range itself can never be changed, so a narrow one bounds maxTasks and
	// interfaceEndpoints for good. Default: 10.0.0.0/16.
	CIDR string `json:"cidr" format:"cidr"`

	// Zones are the letters of the availability zones, two or three. Append
	// only: the order decides which subnet is in which zone. Default: [a, b].
	Zones []string `json:"zones" jsonschema:"minItems=2,maxItems=3,uniqueItems=true,enum=a,enum=b,enum=c,enum=d,enum=e,enum=f" format:"zones"`

	// NATGateways is how many NAT gateways carry the private subnets' traffic
	// out, from 1 to the number of zones. One is cheapest and stops all
	// outbound traffic when its zone fails. Default: one for each zone.
	NATGateways int `json:"natGateways" jsonschema:"minimum=1,maximum=3"`

	// InterfaceEndpoints are the AWS services reached through endpoints in the
	// VPC instead of the NAT gateways, each billed by the hour and zone.
	// Default: none.
	InterfaceEndpoints []string `json:"interfaceEndpoints" jsonschema:"uniqueItems=true" format:"endpoints"`
}
