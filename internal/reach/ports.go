package reach

import (
	"cmp"
	"fmt"
)

// Ports is a range of ports of a protocol.
type Ports struct {
	protocol string // "-1" for all
	from, to int
}

func tcp(port int) Ports { return Ports{"tcp", port, port} }

// String returns the ports as people write them: a TCP port is a number alone.
func (p Ports) String() string {
	switch {
	case p.protocol == "-1":
		return "all"
	case p.protocol != "tcp" && p.protocol != "udp":
		return p.protocol
	case p.from == p.to && p.protocol == "tcp":
		return fmt.Sprint(p.from)
	case p.from == p.to:
		return fmt.Sprintf("%s %d", p.protocol, p.from)
	case p.protocol == "tcp":
		return fmt.Sprintf("%d-%d", p.from, p.to)
	}
	return fmt.Sprintf("%s %d-%d", p.protocol, p.from, p.to)
}

// and returns what both ranges have, and whether that is anything.
func (p Ports) and(other Ports) (Ports, bool) {
	switch {
	case p.protocol == "-1":
		return other, true
	case other.protocol == "-1":
		return p, true
	}
	both := Ports{p.protocol, max(p.from, other.from), min(p.to, other.to)}
	return both, p.protocol == other.protocol && both.from <= both.to
}

// isPort reports whether it is one TCP port of a list.
func (p Ports) isPort(list ...int) bool {
	for _, port := range list {
		if p == tcp(port) {
			return true
		}
	}
	return false
}

// protocols are the names that EC2 takes in place of a number:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
var protocols = map[string]string{"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "": "-1"}

func protocolOf(value any) string {
	text := fmt.Sprint(cmp.Or(value, any("")))
	if name, ok := protocols[text]; ok {
		return name
	}
	return text
}
