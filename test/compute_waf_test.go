package test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func webACLOf(t *testing.T, env *environment) props {
	t.Helper()
	return env.stack(t, "compute").one(webACL).Properties
}

// actionsOf returns what the rules of a web ACL do, by name.
func actionsOf(t *testing.T, firewall props) map[string]string {
	t.Helper()
	words := map[string]string{
		`{"None":{}}`: "blocks", `{"Block":{}}`: "blocks", `{"Count":{}}`: "counts",
	}
	actions := map[string]string{}
	for _, rule := range rulesOfWebACL(t, firewall) {
		action := rule["OverrideAction"]
		if action == nil {
			action = rule["Action"]
		}
		require.Contains(t, words, jsonOf(t, action), rule["Name"])
		actions[rule["Name"].(string)] = words[jsonOf(t, action)]
	}
	return actions
}

func rulesOfWebACL(t *testing.T, firewall props) []props {
	t.Helper()
	var rules []props
	for _, rule := range at(t, firewall, "Rules").([]any) {
		rules = append(rules, rule.(props))
	}
	require.Len(t, rules, 8)
	return rules
}

// webACLRule returns the rule of that name.
func webACLRule(t *testing.T, firewall props, name string) props {
	t.Helper()
	for _, rule := range rulesOfWebACL(t, firewall) {
		if rule["Name"] == name {
			return rule
		}
	}
	t.Fatalf("the web ACL has no rule %s", name)
	return nil
}

func TestWebACLBlocksInThisOrder(t *testing.T) {
	for _, suffix := range []string{"staging", "prod"} {
		t.Run(suffix, func(t *testing.T) {
			firewall := webACLOf(t, reference(t, suffix))
			want := []struct{ name, group string }{
				{"origin", ""},
				{"geography", ""},
				{"blocked-addresses", ""},
				{"ip-reputation", "AWSManagedRulesAmazonIpReputationList"},
				{"common", "AWSManagedRulesCommonRuleSet"},
				{"known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"},
				{"sql-injection", "AWSManagedRulesSQLiRuleSet"},
				{"rate-limit", ""},
			}
			for i, rule := range rulesOfWebACL(t, firewall) {
				require.Equal(t, want[i].name, rule["Name"])
				require.EqualValues(t, i, rule["Priority"])
				if want[i].group != "" {
					require.Equal(t, props{"VendorName": "AWS", "Name": want[i].group}, at(t, rule, "Statement", "ManagedRuleGroupStatement"))
				}
				action := map[bool]string{true: "counts", false: "blocks"}[want[i].name == "geography"]
				require.Equal(t, action, actionsOf(t, firewall)[want[i].name])
			}
			require.Equal(t, props{"Allow": props{}}, firewall["DefaultAction"])
			require.Equal(t, "REGIONAL", firewall["Scope"])
		})
	}
}

func TestRulesThatOnlyCountLeaveTheOthersBlocking(t *testing.T) {
	groups := []string{"ip-reputation", "common", "known-bad-inputs", "sql-injection", "rate-limit"}
	for _, c := range []struct {
		env      *environment
		counting []string
	}{
		{domainProd(t), []string{"common", "rate-limit"}}, {hostedZoneProd(t), groups}, {tunedProd(t), nil},
		{unusualProd(t), groups}, // in mode count
	} {
		want := map[string]string{"origin": "blocks", "blocked-addresses": "blocks", "geography": "counts"}
		for _, rule := range groups {
			want[rule] = map[bool]string{true: "counts", false: "blocks"}[slices.Contains(c.counting, rule)]
		}
		require.Equal(t, want, actionsOf(t, webACLOf(t, c.env)))
	}
}

func TestAnExceptionIsForOnePartOrPathOfOneGroup(t *testing.T) {
	firewall := webACLOf(t, tunedProd(t))
	counting := func(names ...string) (overrides []any) {
		for _, name := range names {
			overrides = append(overrides, props{"Name": name, "ActionToUse": props{"Count": props{}}})
		}
		return overrides
	}
	path := func(expression string) props {
		return props{"RegexMatchStatement": props{
			"FieldToMatch": props{"UriPath": props{}}, "RegexString": expression,
			"TextTransformations": []any{props{"Priority": 0.0, "Type": "NONE"}},
		}}
	}
	const below = `(/[A-Za-z0-9_~-]+([.][A-Za-z0-9_~-]+)*)*/?$`
	group := func(rule string) props {
		return at(t, webACLRule(t, firewall, rule), "Statement", "ManagedRuleGroupStatement").(props)
	}
	require.Equal(t, props{
		"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet",
		"RuleActionOverrides": counting("NoUserAgent_HEADER", "SizeRestrictions_BODY"),
		"ScopeDownStatement":  props{"NotStatement": props{"Statement": path("^/v1/images" + below)}},
	}, group("common"))
	require.Equal(t, props{
		"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet",
		"RuleActionOverrides": counting("SQLi_BODY"),
		"ScopeDownStatement": props{"NotStatement": props{"Statement": props{"OrStatement": props{"Statements": []any{
			path("^/v1/reports" + below), path(`^/v2/reports\.d` + below),
		}}}}},
	}, group("sql-injection"))
	require.Equal(t, props{"VendorName": "AWS", "Name": "AWSManagedRulesKnownBadInputsRuleSet"}, group("known-bad-inputs"))
}

// A server may take another path for the exempt one, or the exempt for another.
func TestNoOtherPathIsTakenForAnExemptOne(t *testing.T) {
	exempt := regexp.MustCompile(at(t, webACLRule(t, webACLOf(t, tunedProd(t)), "common"), "Statement", "ManagedRuleGroupStatement",
		"ScopeDownStatement", "NotStatement", "Statement", "RegexMatchStatement", "RegexString").(string))
	for _, path := range []string{"/v1/images", "/v1/images/", "/v1/images/42", "/v1/images/a.b/c-d_e~f/"} {
		require.Regexp(t, exempt, path)
	}
	for _, path := range []string{
		"/v1/images/../orders", "/v1/images/%2e%2e/orders", "/v1/images/..%2forders", "/v1/images/..;/orders", "/v1/images//orders",
		"/v1/imagesx",
		"/v1/images/./x", "/v1/images/.hidden", "/v1/images\\..\\orders", "/x/../v1/images", "/v1/images/a b", "/v1/images/a\n",
		"//v1/images", "/V1/images",
	} {
		require.NotRegexp(t, exempt, path)
	}
}

// unitsOf are AWS's figures: a web ACL with more than 1500 costs more.
var unitsOf = map[string]int{
	"ip-reputation": 25, "common": 700, "known-bad-inputs": 200, "sql-injection": 200, "rate-limit": 2,
	"origin":            2, // for each value of the header
	"geography":         1,
	"blocked-addresses": 2, // one for each set, as it reads the first address of the header alone
}

func TestWebACLCostsNoSurcharge(t *testing.T) {
	units := 0
	for _, rule := range rulesOfWebACL(t, webACLOf(t, reference(t, "prod"))) {
		require.Contains(t, unitsOf, rule["Name"])
		units += unitsOf[rule["Name"].(string)]
	}
	require.Equal(t, 1132, units)
	// While the header is rotated there are two values; a path that a group does
	// not look at takes 3, and config.Load takes 20.
	require.LessOrEqual(t, units+2+20*3, 1500)
}

// Samples of requests would hold what is redacted in the log.
func TestEveryRuleIsMeasuredAndNoneKeepsSamples(t *testing.T) {
	firewall := webACLOf(t, reference(t, "prod"))
	names := map[any]bool{}
	for _, part := range append(rulesOfWebACL(t, firewall), firewall) {
		visibility := at(t, part, "VisibilityConfig")
		require.Equal(t, true, at(t, visibility, "CloudWatchMetricsEnabled"))
		require.Equal(t, false, at(t, visibility, "SampledRequestsEnabled"))
		names[at(t, visibility, "MetricName")] = true
	}
	require.Len(t, names, 9, "each has a metric of its own")
}
