package bill

import "slices"

const (
	cloudFront = "Amazon CloudFront"
	waf        = "AWS WAF"
	route53    = "Amazon Route 53"
)

// edgeCharges are those of what viewers reach first.
//
// https://aws.amazon.com/cloudfront/pricing/
// https://aws.amazon.com/waf/pricing/
// https://aws.amazon.com/route53/pricing/
var edgeCharges = []charge{
	{resource: "AWS::CloudFront::Distribution", service: cloudFront, one: "HTTPS request to CloudFront", many: "HTTPS requests to CloudFront",
		basis: ByRequest, unit: "requests", product: Product{Service: "AmazonCloudFront", UsageType: "Requests-Tier2-HTTPS", Edge: true},
		quantity: assume(requests), once: true},
	{resource: "AWS::CloudFront::Distribution", service: cloudFront, one: "GB to viewers", many: "GB to viewers",
		basis: ByVolume, unit: "GB", product: Product{Service: "AmazonCloudFront", UsageType: "DataTransfer-Out-Bytes", Edge: true},
		quantity: assume(func(a Assumptions) float64 { return a.GBOut }), once: true},
	{resource: "AWS::CloudFront::Function", service: cloudFront, one: "call of a CloudFront function", many: "calls of CloudFront functions",
		basis: ByRequest, unit: "requests",
		product:  Product{Service: "AmazonCloudFront", UsageType: "Executions-CloudFrontFunctions", Global: true},
		quantity: assume(requests)},
	{resource: "AWS::WAFv2::WebACL", service: waf, one: "web ACL", many: "web ACLs", basis: ByHour, unit: "a month",
		product: Product{Service: "awswaf", UsageType: "WebACLV2"}, quantity: one},
	{resource: "AWS::WAFv2::WebACL", service: waf, one: "web ACL rule", many: "web ACL rules", basis: ByHour, unit: "a month",
		product: Product{Service: "awswaf", UsageType: "RuleV2"}, quantity: webACLRules},
	{resource: "AWS::WAFv2::WebACL", service: waf, one: "request to a web ACL", many: "requests to web ACLs",
		basis: ByRequest, unit: "requests", product: Product{Service: "awswaf", UsageType: "RequestV2-Tier1"},
		quantity: assume(requests)},
	{resource: "AWS::Route53::HealthCheck", service: route53, one: "health check", many: "health checks", basis: ByHour, unit: "a month",
		product: Product{Service: "AmazonRoute53", UsageType: "Health-Check-AWS", Global: true}, quantity: one},
	{resource: "AWS::Route53::HealthCheck", service: route53, one: "feature of a health check", many: "features of health checks",
		basis: ByHour, unit: "a month",
		product: Product{Service: "AmazonRoute53", UsageType: "Health-Check-Option-AWS", Global: true}, quantity: healthCheckFeatures},
}

func requests(a Assumptions) float64 { return a.Requests }

// dearRuleGroups bill a subscription and each request besides.
var dearRuleGroups = []string{
	"AWSManagedRulesBotControlRuleSet", "AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet", "AWSManagedRulesAntiDDoSRuleSet",
}

// webACLRules counts the rules of a web ACL, a group as one.
func webACLRules(firewall site) Range {
	for _, rule := range firewall.Properties.Objects("Rules") {
		name, _ := rule.At("Statement", "ManagedRuleGroupStatement", "Name").(string)
		if slices.Contains(dearRuleGroups, name) {
			firewall.refuse("what AWS charges for " + name + " besides the rule")
		}
	}
	return exactly(float64(len(firewall.Properties.List("Rules"))))
}

// healthCheckFeatures counts HTTPS, a search in the answer, a check each 10 seconds,
// and the measurement of the latency.
func healthCheckFeatures(check site) Range {
	kind := check.text("HealthCheckConfig", "Type")
	features := 0.0
	for _, used := range []bool{
		kind == "https" || kind == "https_str_match",
		kind == "http_str_match" || kind == "https_str_match",
		check.number(30, "HealthCheckConfig", "RequestInterval") == 10,
		check.Properties.At("HealthCheckConfig", "MeasureLatency") == true,
	} {
		if used {
			features++
		}
	}
	return exactly(features)
}
