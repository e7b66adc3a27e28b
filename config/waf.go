package config

import (
	"maps"
	"slices"
)

// WAF is the web ACL in front of the load balancer, billed by the month for
// itself and for each of its eight rules, and by the request.
type WAF struct {
	// Mode is what happens to a request that a rule matches: "block" answers
	// 403, "count" lets it pass and logs it, "off" goes without a web ACL. With
	// ingress internet it must be off: of requests that come around CloudFront
	// no rule could tell the viewer. Default: block.
	Mode WAFMode `json:"mode" jsonschema:"enum=off,enum=count,enum=block"`

	// RateLimit is how many requests one address may send in five minutes, 10
	// to 2000000000. An office or a mobile network behind one address shares
	// it. Default: 2000.
	RateLimit int `json:"rateLimit" jsonschema:"minimum=10,maximum=2000000000"`

	// CountOnly are the rules that only count while the others block, each with
	// the reason. Default: none.
	CountOnly CountOnly `json:"countOnly"`

	// CountGroupRules are rules of AWS's managed rule groups that only count while
	// the rest of their group blocks, by AWS's names, such as SizeRestrictions_BODY, each with
	// the reason. Default: none.
	CountGroupRules map[string]string `json:"countGroupRules" format:"waf-rules"`

	// ExemptPaths are paths that one of AWS's groups does not look at.
	// Default: none.
	ExemptPaths ExemptPaths `json:"exemptPaths"`
}

// GroupRules returns the names in CountGroupRules, sorted, by the rule of this web ACL
// that has their group.
func (w WAF) GroupRules() map[string][]string {
	names := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(w.CountGroupRules)) {
		rule := ruleOf(name)
		names[rule] = append(names[rule], name)
	}
	return names
}

// WAFMode is what the web ACL does to a request that a rule matches.
type WAFMode string

// The modes.
const (
	WAFOff   WAFMode = "off"
	WAFCount WAFMode = "count"
	WAFBlock WAFMode = "block"
)

// CountOnly has, for each rule of the web ACL that only counts, the reason.
type CountOnly struct {
	// IPReputation is about addresses that AWS knows for attacks. With ingress
	// cloudfront it sees addresses of CloudFront only. Default: none, so that the rule blocks.
	IPReputation string `json:"ip-reputation,omitempty" format:"reason"`

	// Common is about what OWASP lists. It also refuses bodies above 8 KiB and
	// requests without a User-Agent. Default: none, so that the rule blocks.
	Common string `json:"common,omitempty" format:"reason"`

	// KnownBadInputs is about requests that exploit known holes, such as
	// Log4j's. Default: none, so that the rule blocks.
	KnownBadInputs string `json:"known-bad-inputs,omitempty" format:"reason"`

	// SQLInjection is about SQL in requests. Default: none, so that the rule blocks.
	SQLInjection string `json:"sql-injection,omitempty" format:"reason"`

	// RateLimit is about addresses above edge.waf.rateLimit. Default: none, so that the rule blocks.
	RateLimit string `json:"rate-limit,omitempty" format:"reason"`
}

// Reasons are the reasons by rule.
func (c CountOnly) Reasons() map[string]string {
	reasons := map[string]string{
		"ip-reputation":    c.IPReputation,
		"common":           c.Common,
		"known-bad-inputs": c.KnownBadInputs,
		"sql-injection":    c.SQLInjection,
		"rate-limit":       c.RateLimit,
	}
	maps.DeleteFunc(reasons, func(_, reason string) bool { return reason == "" })
	return reasons
}

// ExemptPaths are, for each rule of the web ACL that is a group of AWS's, the
// paths that it does not look at, each with the reason. What is below such a path
// is exempt too, if it is spelled with letters, digits and . _ ~ - alone and has
// no two dots in a row: else other paths could be written to look like it. Up to
// 20 paths in all, since each takes of the web ACL's capacity.
type ExemptPaths struct {
	// IPReputation are paths that addresses known for attacks may ask for.
	// Default: none.
	IPReputation map[string]string `json:"ip-reputation,omitempty" format:"paths"`

	// Common are paths with what OWASP lists, such as bodies above 8 KiB.
	// Default: none.
	Common map[string]string `json:"common,omitempty" format:"paths"`

	// KnownBadInputs are paths with what looks like an exploit. Default: none.
	KnownBadInputs map[string]string `json:"known-bad-inputs,omitempty" format:"paths"`

	// SQLInjection are paths with SQL in requests, which the alarm
	// SQLInjectionRuleMatches does not count either. Default: none.
	SQLInjection map[string]string `json:"sql-injection,omitempty" format:"paths"`
}

// reasons are the reasons by path, by rule.
func (e ExemptPaths) reasons() map[string]map[string]string {
	return map[string]map[string]string{
		"ip-reputation": e.IPReputation, "common": e.Common, "known-bad-inputs": e.KnownBadInputs, "sql-injection": e.SQLInjection,
	}
}

// Paths are the paths, sorted, by rule.
func (e ExemptPaths) Paths() map[string][]string {
	paths := map[string][]string{}
	for rule, reasons := range e.reasons() {
		if len(reasons) > 0 {
			paths[rule] = slices.Sorted(maps.Keys(reasons))
		}
	}
	return paths
}
