package config_test

import (
	"fmt"
	"strings"
	"testing"
)

const (
	usEast1  = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
	euNorth1 = "arn:aws:acm:eu-north-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
)

func TestEdgesAreRefused(t *testing.T) {
	const viewer = `, want the ARN of an ACM certificate in us-east-1`
	const domain = `, want a domain name in lower case, such as shop.example.com`
	const zone = `, want the id of a hosted zone of Route 53, such as Z0123456789ABCDEFGHIJ`
	refused{
		"a domain without its certificate": {"edge:\n  domain: a.example.com\n", `:2: edge.viewerCertificateArn: got nothing` + viewer + ` that covers a.example.com, or no edge.domain`},
		"its certificate without a domain": {"edge:\n  viewerCertificateArn: " + usEast1 + "\n", `:2: edge.domain: got nothing, want the name that edge.viewerCertificateArn is for, or no certificate`},
		"an origin without a certificate":  {"edge:\n  originDomain: a.example.com\n", `:2: edge.originCertificateArn: got nothing, want the ARN of an ACM certificate in eu-north-1 that covers a.example.com, or edge.hostedZoneId to create it in, or no edge.originDomain`},
		"a certificate without an origin":  {"edge:\n  originCertificateArn: " + euNorth1 + "\n", `:2: edge.originDomain: got nothing, want the name that edge.originCertificateArn is for, or no certificate`},
		"a viewer's of the wrong region":   {"edge:\n  domain: a.example.com\n  viewerCertificateArn: " + euNorth1 + "\n", `:3: edge.viewerCertificateArn: got "` + euNorth1 + `"` + viewer + ", such as " + usEast1},
		"an origin's of the wrong region":  {"edge:\n  originDomain: a.example.com\n  originCertificateArn: " + usEast1 + "\n", `:3: edge.originCertificateArn: got "` + usEast1 + `", want the ARN of an ACM certificate in eu-north-1, where the load balancer is`},
		"an ARN of something else":         {"edge:\n  domain: a.example.com\n  viewerCertificateArn: arn:aws:iam::123456789012:role/x\n", `:3: edge.viewerCertificateArn: got "arn:aws:iam::123456789012:role/x"` + viewer + ", such as " + usEast1},
		"an ARN that is none":              {"edge:\n  originDomain: a.example.com\n  originCertificateArn: mine\n", `:3: edge.originCertificateArn: got "mine", want the ARN of an ACM certificate in the environment's region, such as ` + euNorth1},
		"a zone beside a certificate":      {"edge:\n  hostedZoneId: Z0123456789\n  originDomain: a.example.com\n  originCertificateArn: " + euNorth1 + "\n", `:4: edge.originCertificateArn: got "` + euNorth1 + `", want none, since one is created in edge.hostedZoneId, or no hosted zone`},
		"a zone without an origin":         {"edge:\n  hostedZoneId: Z0123456789\n", `:2: edge.originDomain: got nothing, want a name in edge.hostedZoneId for the load balancer, such as origin.example.com, or no hosted zone`},
		"a zone without certificates": {
			"edge:\n  hostedZoneId: Z0123456789\n  domain: a.example.com\n",
			`:2: edge.originDomain: got nothing, want a name in edge.hostedZoneId for the load balancer, such as origin.example.com, or no hosted zone` + "\n" +
				`:3: edge.viewerCertificateArn: got nothing` + viewer + ` that covers a.example.com, or no edge.domain`,
		},
		"two domains in two zones":         {"edge:\n  hostedZoneId: Z0123456789\n  originDomain: a.example.org\n  domain: a.example.com\n  viewerCertificateArn: " + usEast1 + "\n", `:3: edge.originDomain: got "a.example.org", want a name in the hosted zone of edge.domain, which is a.example.com, or no edge.hostedZoneId`},
		"one domain at both ends":          {"edge:\n  hostedZoneId: Z0123456789\n  originDomain: a.example.com\n  domain: a.example.com\n  viewerCertificateArn: " + usEast1 + "\n", `:3: edge.originDomain: got "a.example.com", want another name than edge.domain, which leads to CloudFront`},
		"a zone by name":                   {"edge: {hostedZoneId: example.com}\n", `:1: edge.hostedZoneId: got "example.com"` + zone},
		"a zone with its path":             {"edge: {hostedZoneId: /hostedzone/Z0123456789}\n", `:1: edge.hostedZoneId: got "/hostedzone/Z0123456789"` + zone},
		"logs to where none are delivered": {"residency: none\nregion: ap-east-1\nedge:\n  accessLogs: true\n  originPrefixList: pl-0123456789abcdef0\n", `:4: edge.accessLogs: got true, want false, since CloudFront delivers none to ap-east-1, or another region`},
		"the default logs to there":        {"residency: none\nregion: me-south-1\nedge: {originPrefixList: pl-0123456789abcdef0}\n", `:2: edge.accessLogs: got the default true, want false, since CloudFront delivers none to me-south-1, or another region`},
		"a domain with a scheme":           {"edge: {domain: \"https://example.com\"}\n", `:1: edge.domain: got "https://example.com"` + domain},
		"a domain of one label":            {"edge: {domain: localhost}\n", `:1: edge.domain: got "localhost"` + domain},
		"a domain in capitals":             {"edge: {domain: Example.com}\n", `:1: edge.domain: got "Example.com"` + domain},
		"an origin domain with a hyphen":   {"edge: {originDomain: -a.example.com}\n", `:1: edge.originDomain: got "-a.example.com"` + domain},
	}.run(t)
}

func TestIngressesAreRefused(t *testing.T) {
	const id = `, want the id of a prefix list, such as pl-fab65393`
	const codes = `, want ISO 3166-1 alpha-2 codes of countries, each once, such as SE`
	const find = `, want the id of com.amazonaws.global.cloudfront.origin-facing in ap-east-1 (aws ec2 describe-managed-prefix-lists), or edge.ingress internet`
	refused{
		"a region whose prefix list is unknown":             {"residency: none\nregion: ap-east-1\nedge: {accessLogs: false}\n", `:2: edge.originPrefixList: got nothing` + find},
		"the same with the ingress written":                 {"residency: none\nregion: ap-east-1\nedge:\n  accessLogs: false\n  ingress: cloudfront\n", `:5: edge.originPrefixList: got nothing` + find},
		"a prefix list for an open ingress":                 {"edge:\n  ingress: internet\n  originPrefixList: pl-fab65393\n  waf: {mode: off}\n", `:3: edge.originPrefixList: got "pl-fab65393", want none with edge.ingress internet, or edge.ingress cloudfront`},
		"a prefix list of another region, for an interface": {"edge:\n  ingress: vpc-origin\n  originPrefixList: pl-a3a144ca\n", `:3: edge.originPrefixList: got "pl-a3a144ca", want none, as in eu-north-1 it is pl-fab65393`},
		"a prefix list of another region":                   {"edge:\n  originPrefixList: pl-a3a144ca\n", `:2: edge.originPrefixList: got "pl-a3a144ca", want none, as in eu-north-1 it is pl-fab65393`},
		"a prefix list by name":                             {"edge: {originPrefixList: com.amazonaws.global.cloudfront.origin-facing}\n", `:1: edge.originPrefixList: got "com.amazonaws.global.cloudfront.origin-facing"` + id},
		"a prefix list's id in capitals":                    {"edge: {originPrefixList: PL-FAB65393}\n", `:1: edge.originPrefixList: got "PL-FAB65393"` + id},
		"a prefix list's id of 7 digits":                    {"edge: {originPrefixList: pl-fab6539}\n", `:1: edge.originPrefixList: got "pl-fab6539"` + id},
		"a country that does not exist":                     {"edge: {countries: [SE, UK]}\n", `:1: edge.countries[1]: got "UK"` + codes},
		"a country in lower case":                           {"edge: {countries: [se]}\n", `:1: edge.countries[0]: got "se"` + codes},
		"a country by name":                                 {"edge: {countries: Sweden}\n", `:1: edge.countries: got "Sweden"` + codes},
		"a country twice":                                   {"edge: {countries: [SE, SE]}\n", `:1: edge.countries: got ["SE", "SE"]` + codes},
		"countries that an open ingress ignores":            {"edge:\n  ingress: internet\n  countries: [SE]\n  waf: {mode: off}\n", `:3: edge.countries: got ["SE"], want none with edge.ingress internet, which leads around CloudFront, or edge.ingress cloudfront`},
	}.run(t)
}

func TestWebACLsAreRefused(t *testing.T) {
	const (
		rules  = `one of common, ip-reputation, known-bad-inputs, rate-limit, sql-injection`
		around = ` with edge.ingress internet, which leads around CloudFront, or edge.ingress cloudfront`
		reason = `the reason, in up to 200 characters`
		path   = `a path below /, without a slash at its end, of letters, digits and . _ ~ -, up to 200 characters`
	)
	paths := func(n int) (text string) {
		for i := range n {
			text += fmt.Sprintf("/v%d: uploads, ", i)
		}
		return text
	}
	refused{
		"a web ACL that is off":           {"edge: {waf: off}\n", `:1: edge.waf: got "off", want a mapping`},
		"an unknown field of the web ACL": {"edge: {waf: {rate: 5}}\n", `:1: edge.waf.rate: got an unknown key, want one of countGroupRules, countOnly, exemptPaths, mode, rateLimit`},
		"a rule that does not exist":      {"edge: {waf: {countOnly: {botcontrol: too dear}}}\n", `:1: edge.waf.countOnly.botcontrol: got an unknown key, want ` + rules},
		"a rule misspelt":                 {"edge: {waf: {countOnly: {sqlinjection: searches}}}\n", `:1: edge.waf.countOnly.sqlinjection: got an unknown key, want sql-injection`},
		"rules without reasons":           {"edge: {waf: {countOnly: [common]}}\n", `:1: edge.waf.countOnly: got ["common"], want a mapping`},
		"a rule without a reason":         {"edge:\n  waf:\n    countOnly:\n      common:\n", `:4: edge.waf.countOnly.common: got nothing, want the reason, such as uploads, or the key left out`},
		"an empty reason":                 {"edge: {waf: {countOnly: {common: \"\"}}}\n", `:1: edge.waf.countOnly.common: got "", want the reason, such as uploads`},
		"a reason of blanks":              {"edge: {waf: {countOnly: {rate-limit: \"  \"}}}\n", `:1: edge.waf.countOnly.rate-limit: got "  ", want the reason, such as uploads`},
		"a reason that is true":           {"edge: {waf: {countOnly: {known-bad-inputs: true}}}\n", `:1: edge.waf.countOnly.known-bad-inputs: got true, want the reason, such as uploads`},
		"a web ACL that many come around": {"edge:\n  ingress: internet\n", `:2: edge.waf.mode: got the default "block", want off` + around},
		"one that only counts those":      {"edge:\n  ingress: internet\n  waf:\n    mode: count\n", `:4: edge.waf.mode: got "count", want off` + around},
		"a group's rule that does not exist": {
			"edge:\n  waf:\n    countGroupRules:\n      SizeRestrictions: uploads\n      SizeRestriction_BODY: uploads\n",
			`:4: edge.waf.countGroupRules.SizeRestrictions: got "uploads", want SizeRestrictions_BODY` + "\n" +
				`:5: edge.waf.countGroupRules.SizeRestriction_BODY: got "uploads", want SizeRestrictions_BODY`,
		},
		"a group's rule without a reason": {"edge: {waf: {countGroupRules: {SQLi_BODY: \" \"}}}\n", `:1: edge.waf.countGroupRules.SQLi_BODY: got " ", want ` + reason},
		"a group's rule with a long reason": {
			"edge: {waf: {countGroupRules: {SQLi_BODY: " + strings.Repeat("x", 201) + "}}}\n",
			`:1: edge.waf.countGroupRules.SQLi_BODY: got "` + strings.Repeat("x", 100) + `…", want ` + reason,
		},
		"a group's rules without reasons":      {"edge: {waf: {countGroupRules: [SQLi_BODY]}}\n", `:1: edge.waf.countGroupRules: got ["SQLi_BODY"], want names of rules in AWS's groups, each with the reason`},
		"a group's rule that counts by itself": {"edge: {waf: {mode: count, countGroupRules: {SQLi_BODY: a}}}\n", `:1: edge.waf.countGroupRules.SQLi_BODY: got "a", want none, since edge.waf.mode count blocks nothing, or edge.waf.mode block`},
		"a path for the rate limit":            {"edge: {waf: {exemptPaths: {rate-limit: {/a: b}}}}\n", `:1: edge.waf.exemptPaths.rate-limit: got an unknown key, want one of common, ip-reputation, known-bad-inputs, sql-injection`},
		"all paths":                            {"edge: {waf: {exemptPaths: {common: {/: uploads}}}}\n", `:1: edge.waf.exemptPaths.common./: got "uploads", want ` + path},
		"a path with a star":                   {"edge: {waf: {exemptPaths: {common: {/v1/*: uploads}}}}\n", `:1: edge.waf.exemptPaths.common./v1/*: got "uploads", want ` + path},
		"a path that goes up":                  {"edge: {waf: {exemptPaths: {common: {/v1/../admin: uploads}}}}\n", `:1: edge.waf.exemptPaths.common."/v1/../admin": got "uploads", want ` + path},
		"a path of 201 characters": {
			"edge: {waf: {exemptPaths: {common: {/" + strings.Repeat("x", 200) + ": uploads}}}}\n",
			`:1: edge.waf.exemptPaths.common./` + strings.Repeat("x", 200) + `: got "uploads", want ` + path,
		},
		"a path without a reason":           {"edge: {waf: {exemptPaths: {common: {/v1: \"\"}}}}\n", `:1: edge.waf.exemptPaths.common./v1: got "", want ` + reason},
		"a path where there is no rule":     {"edge: {waf: {mode: off, exemptPaths: {common: {/v1: a}}}}\n", `:1: edge.waf.exemptPaths.common./v1: got "a", want none, since edge.waf.mode off blocks nothing, or edge.waf.mode block`},
		"more paths than there is room for": {"edge: {waf: {exemptPaths: {common: {" + paths(21) + "}}}}\n", `:1: edge.waf.exemptPaths: got 21 paths, want at most 20`},
		"exceptions where all rules count": {
			"edge:\n  waf:\n    mode: count\n    countOnly:\n      common: uploads\n      ip-reputation: a partner\n",
			`:5: edge.waf.countOnly.common: got "uploads", want none, since edge.waf.mode count blocks nothing, or edge.waf.mode block` + "\n" +
				`:6: edge.waf.countOnly.ip-reputation: got "a partner", want none, since edge.waf.mode count blocks nothing, or edge.waf.mode block`,
		},
		"exceptions where there is no rule": {
			"edge:\n  waf:\n    mode: off\n    countOnly: {common: uploads}\n",
			`:4: edge.waf.countOnly.common: got "uploads", want none, since edge.waf.mode off blocks nothing, or edge.waf.mode block`,
		},
	}.run(t)
}
