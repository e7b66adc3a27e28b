package waf

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/web"
)

// The rules of a WebACL, in the order in which they inspect a request. A rule that
// blocks hides the request from the rules after it. RuleOrigin is the first, so the
// others count only requests from the environment's own distribution.
const (
	RuleOrigin       = "origin"
	ruleGeography    = "geography"
	ruleBlocked      = "blocked-addresses"
	ruleReputation   = "ip-reputation"
	ruleCommon       = "common"
	ruleBadInputs    = "known-bad-inputs"
	RuleSQLInjection = "sql-injection"
	RuleRate         = "rate-limit"
)

// AllRules is the name of the web ACL as a whole in Metric.
const AllRules = "all"

// Metric returns the name of the CloudWatch metrics of a rule, or of the web
// ACL as a whole.
func Metric(acl, rule string) string { return acl + "-" + rule }

// managedRules are AWS managed rule groups. With the other rules they take 1132 of
// the 1500 capacity units that a web ACL has without a surcharge.
var managedRules = []struct{ name, group string }{
	{ruleReputation, "AWSManagedRulesAmazonIpReputationList"},
	{ruleCommon, "AWSManagedRulesCommonRuleSet"},
	{ruleBadInputs, "AWSManagedRulesKnownBadInputsRuleSet"},
	{RuleSQLInjection, "AWSManagedRulesSQLiRuleSet"},
}

// none is a choice without settings, in properties that are plain JSON for CDK.
var none = map[string]any{}

// The actions of a rule.
var (
	block = awswafv2.CfnWebACL_RuleActionProperty{Block: awswafv2.CfnWebACL_BlockActionProperty{}}
	count = awswafv2.CfnWebACL_RuleActionProperty{Count: awswafv2.CfnWebACL_CountActionProperty{}}
)

func (p WebACLProps) rules(blocked ...awswafv2.CfnIPSet) []awswafv2.CfnWebACL_RuleProperty {
	rules := []awswafv2.CfnWebACL_RuleProperty{p.origin(), geography(), blockRule(blocked)}
	for _, managed := range managedRules {
		rules = append(rules, awswafv2.CfnWebACL_RuleProperty{
			Name:           &managed.name,
			OverrideAction: p.override(managed.name),
			Statement:      awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: p.group(managed.name, managed.group)},
		})
	}
	rules = append(rules, p.rate())
	for i := range rules {
		rules[i].Priority = jsii.Number(i)
		rules[i].VisibilityConfig = p.visibility(*rules[i].Name)
	}
	return rules
}

// foreign is the label of requests that RuleOrigin blocks.
const foreign = "foreign"

// origin always blocks requests without an accepted value of web.OriginHeader. Anybody's
// CloudFront distribution can reach the load balancer. The listener answers such
// requests with 403, too, but only after the other rules would have counted them for
// the address that they claim.
func (p WebACLProps) origin() awswafv2.CfnWebACL_RuleProperty {
	var carries []awswafv2.CfnWebACL_StatementProperty
	for _, value := range p.OriginSecret.Accepted {
		carries = append(carries, awswafv2.CfnWebACL_StatementProperty{ByteMatchStatement: awswafv2.CfnWebACL_ByteMatchStatementProperty{
			FieldToMatch:         awswafv2.CfnWebACL_FieldToMatchProperty{SingleHeader: map[string]any{"Name": strings.ToLower(web.OriginHeader)}},
			PositionalConstraint: jsii.String("EXACTLY"),
			SearchString:         value.UnsafeUnwrap(), // CloudFormation encodes it; SearchStringBase64 would take the value as encoded
			TextTransformations:  untransformed,
		}})
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:       jsii.String(RuleOrigin),
		Action:     block,
		RuleLabels: []awswafv2.CfnWebACL_LabelProperty{{Name: jsii.String(foreign)}},
		Statement:  not(anyOf(carries)),
	}
}

var untransformed = []awswafv2.CfnWebACL_TextTransformationProperty{{Priority: jsii.Number(0), Type: jsii.String("NONE")}}

func not(statement awswafv2.CfnWebACL_StatementProperty) awswafv2.CfnWebACL_StatementProperty {
	return awswafv2.CfnWebACL_StatementProperty{NotStatement: awswafv2.CfnWebACL_NotStatementProperty{Statement: statement}}
}

// anyOf matches if one of the statements does. WAF refuses an OrStatement of one.
func anyOf(statements []awswafv2.CfnWebACL_StatementProperty) awswafv2.CfnWebACL_StatementProperty {
	if len(statements) == 1 {
		return statements[0]
	}
	return awswafv2.CfnWebACL_StatementProperty{OrStatement: awswafv2.CfnWebACL_OrStatementProperty{Statements: statements}}
}

// group returns an AWS managed rule group with its CountParts and ExemptPaths.
func (p WebACLProps) group(rule, name string) awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty {
	group := awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: &name}
	var overrides []awswafv2.CfnWebACL_RuleActionOverrideProperty
	for _, part := range p.CountParts[rule] {
		overrides = append(overrides, awswafv2.CfnWebACL_RuleActionOverrideProperty{Name: &part, ActionToUse: count})
	}
	if overrides != nil {
		group.RuleActionOverrides = overrides
	}
	var exempt []awswafv2.CfnWebACL_StatementProperty
	for _, path := range p.ExemptPaths[rule] {
		exempt = append(exempt, awswafv2.CfnWebACL_StatementProperty{RegexMatchStatement: awswafv2.CfnWebACL_RegexMatchStatementProperty{
			FieldToMatch:        awswafv2.CfnWebACL_FieldToMatchProperty{UriPath: none},
			RegexString:         jsii.String(below(path)),
			TextTransformations: untransformed,
		}})
	}
	if exempt != nil {
		group.ScopeDownStatement = not(anyOf(exempt))
	}
	return group
}

// below returns a pattern of a path and all paths below it. It matches neither dots
// in a row nor escapes, by which another path could resemble it.
func below(path string) string {
	const name = `[A-Za-z0-9_~-]+([.][A-Za-z0-9_~-]+)*`
	return "^" + regexp.QuoteMeta(strings.TrimSuffix(path, "/")) + "(/" + name + ")*/?$"
}

// geography labels each request with its viewer's country, for the log, and counts:
// the label does not depend on the country that the rule names.
func geography() awswafv2.CfnWebACL_RuleProperty {
	match := awswafv2.CfnWebACL_GeoMatchStatementProperty{
		CountryCodes: jsii.Strings("AQ"),
		ForwardedIpConfig: awswafv2.CfnWebACL_ForwardedIPConfigurationProperty{
			HeaderName: jsii.String(web.ViewerAddressHeader), FallbackBehavior: jsii.String("NO_MATCH"),
		},
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:      jsii.String(ruleGeography),
		Action:    count,
		Statement: awswafv2.CfnWebACL_StatementProperty{GeoMatchStatement: match},
	}
}

// blockRule always blocks the addresses in the sets, which a person put there. It
// comes after geography, so that the log has the country of what it blocks.
func blockRule(sets []awswafv2.CfnIPSet) awswafv2.CfnWebACL_RuleProperty {
	var statements []awswafv2.CfnWebACL_StatementProperty
	for _, set := range sets {
		statements = append(statements, awswafv2.CfnWebACL_StatementProperty{IpSetReferenceStatement: inSet(set)})
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:      jsii.String(ruleBlocked),
		Action:    block,
		Statement: anyOf(statements),
	}
}

// inSet matches no request without a readable address: an empty set must block
// nobody.
func inSet(set awswafv2.CfnIPSet) awswafv2.CfnWebACL_IPSetReferenceStatementProperty {
	return awswafv2.CfnWebACL_IPSetReferenceStatementProperty{
		Arn: set.AttrArn(),
		IpSetForwardedIpConfig: awswafv2.CfnWebACL_IPSetForwardedIPConfigurationProperty{
			HeaderName: jsii.String(web.ViewerAddressHeader), FallbackBehavior: jsii.String("NO_MATCH"), Position: jsii.String("FIRST"),
		},
	}
}

func (p WebACLProps) counts(rule string) bool {
	return p.CountAll || slices.Contains(p.CountOnly, rule)
}

// override keeps the actions of a managed rule group, or makes all its rules count.
func (p WebACLProps) override(rule string) awswafv2.CfnWebACL_OverrideActionProperty {
	if p.counts(rule) {
		return awswafv2.CfnWebACL_OverrideActionProperty{Count: none}
	}
	return awswafv2.CfnWebACL_OverrideActionProperty{None: none}
}

func (p WebACLProps) rate() awswafv2.CfnWebACL_RuleProperty {
	action := block
	if p.counts(RuleRate) {
		action = count
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:   jsii.String(RuleRate),
		Action: action,
		Statement: awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: awswafv2.CfnWebACL_RateBasedStatementProperty{
			Limit:               jsii.Number(p.RateLimit),
			EvaluationWindowSec: jsii.Number(300),
			AggregateKeyType:    jsii.String("FORWARDED_IP"),
			ForwardedIpConfig: awswafv2.CfnWebACL_ForwardedIPConfigurationProperty{
				HeaderName: jsii.String(web.ViewerAddressHeader), FallbackBehavior: jsii.String("MATCH"),
			},
		}},
	}
}

// visibility turns sampled requests off: they would have what the log redacts.
func (p WebACLProps) visibility(rule string) awswafv2.CfnWebACL_VisibilityConfigProperty {
	return awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName:               jsii.String(Metric(p.Name, rule)),
		CloudWatchMetricsEnabled: jsii.Bool(true),
		SampledRequestsEnabled:   jsii.Bool(false),
	}
}
