package review

import (
	"math/big"
	"net/netip"
	"slices"
	"strconv"
)

// span is a range of numbers, both ends in it.
type span struct{ low, high *big.Int }

func (s span) isEmpty() bool { return s.low.Cmp(s.high) > 0 }

// numbers returns a span of small numbers.
func numbers(low, high int) span { return span{big.NewInt(int64(low)), big.NewInt(int64(high))} }

// addresses returns the span of a range of addresses such as 10.0.0.0/16, and whether
// it is one of IPv6.
func addresses(cidr string) (found span, isIPv6, ok bool) {
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return span{}, false, false
	}
	low := new(big.Int).SetBytes(prefix.Masked().Addr().AsSlice())
	size := new(big.Int).Lsh(big.NewInt(1), uint(prefix.Addr().BitLen()-prefix.Bits()))
	return span{low, size.Add(size, low).Sub(size, big.NewInt(1))}, prefix.Addr().Is6(), true
}

// admission is what a rule admits: ports of a protocol, from or to a peer.
type admission struct {
	protocol string
	ports    span

	// peer is the family IPv4 or IPv6, with the addresses, or a key of a security group
	// or a prefix list, without.
	peer      string
	addresses span
}

// allProtocols is AWS's word for it.
const allProtocols = "-1"

// minus returns the parts of an admission that the other one does not admit.
func (a admission) minus(other admission) []admission {
	isOfProtocol := other.protocol == allProtocols || other.protocol == a.protocol
	if !isOfProtocol || a.peer != other.peer || disjoint(a.ports, other.ports) || disjoint(a.addresses, other.addresses) {
		return []admission{a}
	}
	var parts []admission
	for _, ports := range outside(a.ports, other.ports) {
		part := a
		part.ports = ports
		parts = append(parts, part)
	}
	for _, left := range outside(a.addresses, other.addresses) {
		part := a
		part.ports, part.addresses = inside(a.ports, other.ports), left
		parts = append(parts, part)
	}
	return parts
}

func disjoint(a, b span) bool { return inside(a, b).isEmpty() }

func inside(a, b span) span {
	both := a
	if b.low.Cmp(both.low) > 0 {
		both.low = b.low
	}
	if b.high.Cmp(both.high) < 0 {
		both.high = b.high
	}
	return both
}

// outside returns the parts of the first span that are not in the second.
func outside(a, b span) []span {
	one := big.NewInt(1)
	parts := []span{
		{a.low, new(big.Int).Sub(b.low, one)},
		{new(big.Int).Add(b.high, one), a.high},
	}
	return slices.DeleteFunc(parts, span.isEmpty)
}

// mostParts is how many parts a rule may fall into before it counts as not admitted.
const mostParts = 1000

// isAdmitted reports whether all that is admitted was admitted before, by one rule or by
// several together.
func (a admission) isAdmitted(before []admission) bool {
	left := []admission{a}
	for _, other := range before {
		var next []admission
		for _, part := range left {
			next = append(next, part.minus(other)...)
		}
		if left = next; len(left) == 0 || len(left) > mostParts {
			break
		}
	}
	return len(left) == 0
}

// numberOr returns the whole number in a resolved value.
func numberOr(value any, otherwise int) int {
	text, _ := value.(string)
	number, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	return number
}

// decimal returns the number in a resolved value, 0 where there is none.
func decimal(value any) float64 {
	text, _ := value.(string)
	number, _ := strconv.ParseFloat(text, 64)
	return number
}
