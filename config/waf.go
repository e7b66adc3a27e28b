package config

import (
	"maps"
	"slices"
)

// WAF is the web ACL of the load balancer. AWS bills it by the month, each of its
// eight rules too, and by the request.
type WAF struct {
	// Mode decides what happens to a request that a rule matches: "block" answers 403,
	// "count" forwards and logs it. With "off" there is no web ACL. With ingress
	// internet it must be off, since a rule cannot know the viewer's address if a
	// request bypasses CloudFront. Default: block.
	Mode WAFMode `json:"mode" jsonschema:"enum=off,enum=count,enum=block"`

	// RateLimit is how many requests one address may send in five minutes, 10 to
	// 2000000000. All people of an office or a mobile network behind one address share
	// it. Default: 2000.
	RateLimit int `json:"rateLimit" jsonschema:"minimum=10,maximum=2000000000"`

	// CountOnly are the rules that only count while the others block, each with
	// the reason. Default: none.
	CountOnly CountOnly `json:"countOnly"`

	// CountGroupRules are rules of AWS's managed rule groups that only count while
	// the rest of their group blocks, by AWS's names, such as
	// SizeRestrictions_BODY, each with the reason. Default: none.
	CountGroupRules map[string]string `json:"countGroupRules" format:"waf-rules"`

	// ExemptPaths are paths that one of AWS's managed rule groups does not inspect.
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

// WAFMode decides what the web ACL does to a request that a rule matches.
type WAFMode string

// The modes.
const (
	WAFOff   WAFMode = "off"
	WAFCount WAFMode = "count"
	WAFBlock WAFMode = "block"
)

// CountOnly has the reason for each rule of the web ACL that only counts.
type CountOnly struct {
	// IPReputation matches addresses that AWS knows for attacks. With ingress
	// cloudfront it sees addresses of CloudFront only. Default: none, so that the
	// rule blocks.
	IPReputation string `json:"ip-reputation,omitempty" format:"reason"`

	// Common matches attacks that OWASP lists, bodies above 8 KiB and requests without
	// a User-Agent. Default: none, so that the rule blocks.
	Common string `json:"common,omitempty" format:"reason"`

	// KnownBadInputs matches requests that exploit known vulnerabilities, such as
	// Log4j's. Default: none, so that the rule blocks.
	KnownBadInputs string `json:"known-bad-inputs,omitempty" format:"reason"`

	// SQLInjection matches SQL in requests. Default: none, so that the rule blocks.
	SQLInjection string `json:"sql-injection,omitempty" format:"reason"`

	// RateLimit matches addresses above edge.waf.rateLimit. Default: none, so that
	// the rule blocks.
	RateLimit string `json:"rate-limit,omitempty" format:"reason"`
}

// Reasons returns the reasons by rule, without those that are not given.
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

// ExemptPaths has, for each of AWS's managed rule groups, the paths that it does not
// inspect, each with the reason. Paths below such a path are exempt too, if they have
// only letters, digits and . _ ~ - and no two dots in a row: otherwise another path
// could be written to look like one of them. There may be 20 in all, since each takes
// of the web ACL's capacity.
type ExemptPaths struct {
	// IPReputation are paths that addresses known for attacks may request.
	// Default: none.
	IPReputation map[string]string `json:"ip-reputation,omitempty" format:"paths"`

	// Common are paths whose requests look like attacks that OWASP lists, such as
	// bodies above 8 KiB.
	// Default: none.
	Common map[string]string `json:"common,omitempty" format:"paths"`

	// KnownBadInputs are paths whose requests look like an exploit. Default: none.
	KnownBadInputs map[string]string `json:"known-bad-inputs,omitempty" format:"paths"`

	// SQLInjection are paths with SQL in their requests, which the alarm
	// SQLInjectionRuleMatches does not count either. Default: none.
	SQLInjection map[string]string `json:"sql-injection,omitempty" format:"paths"`
}

// reasons returns the reasons by path, by rule.
func (e ExemptPaths) reasons() map[string]map[string]string {
	return map[string]map[string]string{
		"ip-reputation": e.IPReputation, "common": e.Common, "known-bad-inputs": e.KnownBadInputs, "sql-injection": e.SQLInjection,
	}
}

// Paths returns the paths, sorted, by rule.
func (e ExemptPaths) Paths() map[string][]string {
	paths := map[string][]string{}
	for rule, reasons := range e.reasons() {
		if len(reasons) > 0 {
			paths[rule] = slices.Sorted(maps.Keys(reasons))
		}
	}
	return paths
}
