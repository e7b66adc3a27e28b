package web

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// WebACLLogPrefix must start the name of the firewall's log group: WAF
// delivers to no other, and calls the ARN of one invalid (pitfall D5).
const WebACLLogPrefix = "aws-waf-logs-"

// The rules of a WebACL, in the order in which they see a request. A request
// that one blocks is not seen by the next. RuleOrigin is the first: what did not
// come through the environment's own distribution is counted by no other rule.
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

// AllRules stands for the firewall as a whole in WebACLMetric.
const AllRules = "all"

// WebACLMetric is the name under which CloudWatch has what one of the rules of
// a firewall did, or the whole firewall.
func WebACLMetric(firewall, rule string) string { return firewall + "-" + rule }

// managedRules are the rule groups that AWS maintains. With the other rules they
// take 1132 of the 1500 units that a firewall has without a surcharge.
var managedRules = []struct{ name, group string }{
	{ruleReputation, "AWSManagedRulesAmazonIpReputationList"},
	{ruleCommon, "AWSManagedRulesCommonRuleSet"},
	{ruleBadInputs, "AWSManagedRulesKnownBadInputsRuleSet"},
	{RuleSQLInjection, "AWSManagedRulesSQLiRuleSet"},
}

// WebACLProps configures a WebACL.
type WebACLProps struct {
	// Name is part of the names of the firewall's metrics.
	Name string

	// LoadBalancer is what the firewall protects, Listener its listener.
	LoadBalancer elbv2.IApplicationLoadBalancer
	Listener     elbv2.IApplicationListener

	// LogGroup takes the log. Its name must start with WebACLLogPrefix.
	LogGroup awslogs.ILogGroup

	// OriginSecret is what a request must carry in OriginHeader. Who comes
	// through the Distribution of the same secret has ViewerAddressHeader, which
	// all other rules go by. It must be there: of anybody else the address could
	// not be known.
	OriginSecret *OriginSecret

	// CountAll lets everything pass and only counts what would be blocked, but
	// for requests without the secret, and for the addresses that somebody
	// blocked: there are none by default.
	CountAll bool

	// CountOnly names rules that only count while the others block.
	CountOnly []string

	// CountParts are, by the rule of an AWS group, the rules in that group that
	// only count, by AWS's names.
	CountParts map[string][]string

	// ExemptPaths are, by the rule of an AWS group, paths that it does not look
	// at, with all that is below them.
	ExemptPaths map[string][]string

	// RateLimit is how many requests one address may send in five minutes.
	// Default: 2000.
	RateLimit int
}

// WebACL is a web ACL, and the addresses that it blocks in any mode.
type WebACL struct {
	constructs.Construct

	// BlockedIPv4 and BlockedIPv6 are empty: a runbook fills them. A deployment
	// that changes them empties them again (see NewWebACL).
	BlockedIPv4, BlockedIPv6 awswafv2.CfnIPSet
}

// NewWebACL defines a firewall of regional scope: one for CloudFront would be
// in us-east-1, with its logs (pitfall D1).
//
// CloudFormation writes an IP set as a whole. What is blocked stays blocked only
// while no property of the sets changes, so they have neither tags nor anything
// else that is configured.
func NewWebACL(scope constructs.Construct, id string, props WebACLProps) *WebACL {
	props.check()
	this := constructs.NewConstruct(scope, &id)
	v4, v6 := props.blocked(this, "IPv4"), props.blocked(this, "IPv6")
	firewall := awswafv2.NewCfnWebACL(this, jsii.String("Firewall"), &awswafv2.CfnWebACLProps{
		Scope:            jsii.String("REGIONAL"),
		Description:      jsii.Sprintf("Requests to the load balancer of %s", props.Name),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: awswafv2.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: props.visibility(AllRules),
		Rules:            props.rules(v4, v6),
	})
	association := awswafv2.NewCfnWebACLAssociation(this, jsii.String("Association"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: props.LoadBalancer.LoadBalancerArn(),
		WebAclArn:   firewall.AttrArn(),
	})
	// WAF does not find a load balancer that was only just made (pitfall D1).
	association.Node().AddDependency(props.Listener)
	awswafv2.NewCfnLoggingConfiguration(this, jsii.String("Logging"), &awswafv2.CfnLoggingConfigurationProps{
		ResourceArn:           firewall.AttrArn(),
		LogDestinationConfigs: &[]any{props.LogGroup.LogGroupArn()},
		RedactedFields: []any{
			redactedHeader("authorization"), redactedHeader("cookie"), redactedHeader(strings.ToLower(OriginHeader)),
			awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{QueryString: none},
		},
		LoggingFilter: withoutForeign(firewall),
	})
	return &WebACL{this, v4, v6}
}

// blocked defines an empty set. It has a name since WAF wants to be told it,
// and CloudFormation does not tell one that it made.
func (p WebACLProps) blocked(scope constructs.Construct, version string) awswafv2.CfnIPSet {
	return awswafv2.NewCfnIPSet(scope, jsii.String("Blocked"+version), &awswafv2.CfnIPSetProps{
		Name:             jsii.Sprintf("%s-blocked-%s", p.Name, strings.ToLower(version)),
		Description:      jsii.String("Blocked by a runbook"),
		Scope:            jsii.String("REGIONAL"),
		IpAddressVersion: jsii.String(strings.ToUpper(version)),
		Addresses:        &[]*string{},
	})
}

// none stands for a choice that has no settings and that CDK knows as plain JSON.
var none = map[string]any{}

// redactedHeader is spelled as CloudFormation has it: CDK knows the property as
// plain JSON, and would pass on the lower case of its own type.
func redactedHeader(name string) awswafv2.CfnLoggingConfiguration_FieldToMatchProperty {
	return awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{SingleHeader: map[string]any{"Name": name}}
}

// check panics where a rule is named that does not exist, or where nothing tells
// the distribution's requests from others.
func (p WebACLProps) check() {
	if p.OriginSecret == nil {
		panic("web: a WebACL needs an OriginSecret")
	}
	groups := []string{ruleReputation, ruleCommon, ruleBadInputs, RuleSQLInjection}
	known := func(rules []string, names ...string) {
		for _, name := range names {
			if !slices.Contains(rules, name) {
				panic(fmt.Sprintf("web: a WebACL has no rule %q", name))
			}
		}
	}
	known(append(groups, RuleRate), p.CountOnly...)
	known(groups, slices.Collect(maps.Keys(p.CountParts))...)
	known(groups, slices.Collect(maps.Keys(p.ExemptPaths))...)
}

func (p WebACLProps) rules(blocked ...awswafv2.CfnIPSet) []awswafv2.CfnWebACL_RuleProperty {
	rules := []awswafv2.CfnWebACL_RuleProperty{p.origin(), p.geography(), p.blockRule(blocked)}
	for _, managed := range managedRules {
		rules = append(rules, awswafv2.CfnWebACL_RuleProperty{
			Name:             &managed.name,
			Priority:         jsii.Number(len(rules)),
			VisibilityConfig: p.visibility(managed.name),
			OverrideAction:   p.override(managed.name),
			Statement:        awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: p.group(managed.name, managed.group)},
		})
	}
	return append(rules, awswafv2.CfnWebACL_RuleProperty{
		Name:             jsii.String(RuleRate),
		Priority:         jsii.Number(len(rules)),
		VisibilityConfig: p.visibility(RuleRate),
		Action:           p.action(RuleRate),
		Statement:        awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: p.rate()},
	})
}

// foreign is the label of requests that RuleOrigin blocks.
const foreign = "foreign"

// origin blocks in any mode what carries no accepted value of OriginHeader.
// Everybody's CloudFront reaches the load balancer, which answers such requests
// with 403 too, but only after the firewall has counted them for the address
// that they claim to be from.
func (p WebACLProps) origin() awswafv2.CfnWebACL_RuleProperty {
	var carries []awswafv2.CfnWebACL_StatementProperty
	for _, value := range p.OriginSecret.Accepted {
		carries = append(carries, awswafv2.CfnWebACL_StatementProperty{ByteMatchStatement: awswafv2.CfnWebACL_ByteMatchStatementProperty{
			FieldToMatch:         awswafv2.CfnWebACL_FieldToMatchProperty{SingleHeader: map[string]any{"Name": strings.ToLower(OriginHeader)}},
			PositionalConstraint: jsii.String("EXACTLY"),
			SearchString:         reference(value), // CloudFormation encodes it; SearchStringBase64 would take the value as encoded
			TextTransformations:  untransformed,
		}})
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:             jsii.String(RuleOrigin),
		Priority:         jsii.Number(0),
		VisibilityConfig: p.visibility(RuleOrigin),
		Action:           awswafv2.CfnWebACL_RuleActionProperty{Block: awswafv2.CfnWebACL_BlockActionProperty{}},
		RuleLabels:       []awswafv2.CfnWebACL_LabelProperty{{Name: jsii.String(foreign)}},
		Statement:        not(anyOf(carries)),
	}
}

// withoutForeign keeps requests that RuleOrigin blocked out of the log, which
// people go by and which is billed by its length. The load balancer's own log has
// them.
func withoutForeign(firewall awswafv2.CfnWebACL) any {
	label := awscdk.Fn_Join(jsii.String(""), &[]*string{firewall.AttrLabelNamespace(), jsii.String(foreign)})
	return map[string]any{
		"DefaultBehavior": "KEEP",
		"Filters": []any{map[string]any{
			"Behavior":    "DROP",
			"Requirement": "MEETS_ALL",
			"Conditions":  []any{map[string]any{"LabelNameCondition": map[string]any{"LabelName": label}}},
		}},
	}
}

var untransformed = []awswafv2.CfnWebACL_TextTransformationProperty{{Priority: jsii.Number(0), Type: jsii.String("NONE")}}

func not(statement awswafv2.CfnWebACL_StatementProperty) awswafv2.CfnWebACL_StatementProperty {
	return awswafv2.CfnWebACL_StatementProperty{NotStatement: awswafv2.CfnWebACL_NotStatementProperty{Statement: statement}}
}

// anyOf matches where one of the statements does. WAF takes no list of one.
func anyOf(statements []awswafv2.CfnWebACL_StatementProperty) awswafv2.CfnWebACL_StatementProperty {
	if len(statements) == 1 {
		return statements[0]
	}
	return awswafv2.CfnWebACL_StatementProperty{OrStatement: awswafv2.CfnWebACL_OrStatementProperty{Statements: statements}}
}

// group is one of AWS's, without the parts that only count and the paths that it
// does not look at.
func (p WebACLProps) group(rule, name string) awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty {
	group := awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: &name}
	var overrides []awswafv2.CfnWebACL_RuleActionOverrideProperty
	for _, part := range p.CountParts[rule] {
		overrides = append(overrides, awswafv2.CfnWebACL_RuleActionOverrideProperty{
			Name: &part, ActionToUse: awswafv2.CfnWebACL_RuleActionProperty{Count: awswafv2.CfnWebACL_CountActionProperty{}},
		})
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

// below matches a path and what is below it, in plain spelling: none that has
// dots in a row or an escape, by which another path could look like it.
func below(path string) string {
	const name = `[A-Za-z0-9_~-]+([.][A-Za-z0-9_~-]+)*`
	return "^" + regexp.QuoteMeta(strings.TrimSuffix(path, "/")) + "(/" + name + ")*/?$"
}

// geography blocks nothing. Whether the country is the one asked for or not,
// each request gets a label with its viewer's, which is then in the log.
func (p WebACLProps) geography() awswafv2.CfnWebACL_RuleProperty {
	match := awswafv2.CfnWebACL_GeoMatchStatementProperty{
		CountryCodes: jsii.Strings("AQ"),
		ForwardedIpConfig: awswafv2.CfnWebACL_ForwardedIPConfigurationProperty{
			HeaderName: jsii.String(ViewerAddressHeader), FallbackBehavior: jsii.String("NO_MATCH"),
		},
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:             jsii.String(ruleGeography),
		Priority:         jsii.Number(1),
		VisibilityConfig: p.visibility(ruleGeography),
		Action:           awswafv2.CfnWebACL_RuleActionProperty{Count: awswafv2.CfnWebACL_CountActionProperty{}},
		Statement:        awswafv2.CfnWebACL_StatementProperty{GeoMatchStatement: match},
	}
}

// blockRule blocks in any mode: what is in the sets, a person put there. What it
// blocks has its country in the log too.
func (p WebACLProps) blockRule(sets []awswafv2.CfnIPSet) awswafv2.CfnWebACL_RuleProperty {
	var statements []awswafv2.CfnWebACL_StatementProperty
	for _, set := range sets {
		statements = append(statements, awswafv2.CfnWebACL_StatementProperty{IpSetReferenceStatement: inSet(set)})
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:             jsii.String(ruleBlocked),
		Priority:         jsii.Number(2),
		VisibilityConfig: p.visibility(ruleBlocked),
		Action:           awswafv2.CfnWebACL_RuleActionProperty{Block: awswafv2.CfnWebACL_BlockActionProperty{}},
		Statement:        anyOf(statements),
	}
}

// inSet matches no request whose address cannot be read: an empty set must
// block nobody.
func inSet(set awswafv2.CfnIPSet) awswafv2.CfnWebACL_IPSetReferenceStatementProperty {
	return awswafv2.CfnWebACL_IPSetReferenceStatementProperty{
		Arn: set.AttrArn(),
		IpSetForwardedIpConfig: awswafv2.CfnWebACL_IPSetForwardedIPConfigurationProperty{
			HeaderName: jsii.String(ViewerAddressHeader), FallbackBehavior: jsii.String("NO_MATCH"), Position: jsii.String("FIRST"),
		},
	}
}

func (p WebACLProps) counts(rule string) bool {
	return p.CountAll || slices.Contains(p.CountOnly, rule)
}

// override leaves the rules of a managed group their own actions, or has all of
// them count.
func (p WebACLProps) override(rule string) awswafv2.CfnWebACL_OverrideActionProperty {
	if p.counts(rule) {
		return awswafv2.CfnWebACL_OverrideActionProperty{Count: none}
	}
	return awswafv2.CfnWebACL_OverrideActionProperty{None: none}
}

func (p WebACLProps) action(rule string) awswafv2.CfnWebACL_RuleActionProperty {
	if p.counts(rule) {
		return awswafv2.CfnWebACL_RuleActionProperty{Count: awswafv2.CfnWebACL_CountActionProperty{}}
	}
	return awswafv2.CfnWebACL_RuleActionProperty{Block: awswafv2.CfnWebACL_BlockActionProperty{}}
}

func (p WebACLProps) rate() awswafv2.CfnWebACL_RateBasedStatementProperty {
	if p.RateLimit == 0 {
		p.RateLimit = 2000
	}
	return awswafv2.CfnWebACL_RateBasedStatementProperty{
		Limit:               jsii.Number(p.RateLimit),
		EvaluationWindowSec: jsii.Number(300),
		AggregateKeyType:    jsii.String("FORWARDED_IP"),
		ForwardedIpConfig: awswafv2.CfnWebACL_ForwardedIPConfigurationProperty{
			HeaderName: jsii.String(ViewerAddressHeader), FallbackBehavior: jsii.String("MATCH"),
		},
	}
}

// visibility keeps no samples of requests: what is redacted in the log is not
// redacted in them.
func (p WebACLProps) visibility(rule string) awswafv2.CfnWebACL_VisibilityConfigProperty {
	return awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName:               jsii.String(WebACLMetric(p.Name, rule)),
		CloudWatchMetricsEnabled: jsii.Bool(true),
		SampledRequestsEnabled:   jsii.Bool(false),
	}
}
