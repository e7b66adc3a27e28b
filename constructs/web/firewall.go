package web

import (
	"fmt"
	"slices"
	"strings"

	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FirewallLogPrefix must start the name of the firewall's log group: WAF
// delivers to no other, and calls the ARN of one invalid (pitfall D5).
const FirewallLogPrefix = "aws-waf-logs-"

// The rules of a Firewall, in the order in which they see a request. A request
// that one blocks is not seen by the next.
const (
	ruleGeography    = "geography"
	ruleBlocked      = "blocked-addresses"
	ruleReputation   = "ip-reputation"
	ruleCommon       = "common"
	ruleBadInputs    = "known-bad-inputs"
	RuleSQLInjection = "sql-injection"
	RuleRate         = "rate-limit"
)

// AllRules stands for the firewall as a whole in FirewallMetric.
const AllRules = "all"

// FirewallMetric is the name under which CloudWatch has what one of the rules of
// a firewall did, or the whole firewall.
func FirewallMetric(firewall, rule string) string { return firewall + "-" + rule }

// managedRules are the rule groups that AWS maintains. With the other rules they
// take 1130 of the 1500 units that a firewall has without a surcharge.
var managedRules = []struct{ name, group string }{
	{ruleReputation, "AWSManagedRulesAmazonIpReputationList"},
	{ruleCommon, "AWSManagedRulesCommonRuleSet"},
	{ruleBadInputs, "AWSManagedRulesKnownBadInputsRuleSet"},
	{RuleSQLInjection, "AWSManagedRulesSQLiRuleSet"},
}

// FirewallProps configures a Firewall.
type FirewallProps struct {
	// Name is part of the names of the firewall's metrics.
	Name string

	// LoadBalancer is what the firewall protects, Listener its listener.
	LoadBalancer elbv2.IApplicationLoadBalancer
	Listener     elbv2.IApplicationListener

	// LogGroup takes the log. Its name must start with FirewallLogPrefix.
	LogGroup awslogs.ILogGroup

	// CountAll lets everything pass and only counts what would be blocked, but
	// for the addresses that somebody blocked: there are none by default.
	CountAll bool

	// CountOnly names rules that only count while the others block.
	CountOnly []string

	// RateLimit is how many requests one address may send in five minutes.
	// Default: 2000.
	RateLimit int

	// AddressHeader is the header with the viewer's address, written by a proxy
	// that all requests come through. Default: none, the address is that of
	// the connection.
	AddressHeader string
}

// Firewall is a web ACL, and the addresses that it blocks in any mode.
type Firewall struct {
	constructs.Construct

	// BlockedIPv4 and BlockedIPv6 are empty: a runbook fills them. A deployment
	// that changes them empties them again (see NewFirewall).
	BlockedIPv4, BlockedIPv6 awswafv2.CfnIPSet
}

// NewFirewall defines a firewall of regional scope: one for CloudFront would be
// in us-east-1, with its logs (pitfall D1).
//
// CloudFormation writes an IP set as a whole. What is blocked stays blocked only
// while no property of the sets changes, so they have neither tags nor anything
// else that is configured.
func NewFirewall(scope constructs.Construct, id string, props FirewallProps) *Firewall {
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
	})
	return &Firewall{this, v4, v6}
}

// blocked defines an empty set. It has a name since WAF wants to be told it,
// and CloudFormation does not tell one that it made.
func (p FirewallProps) blocked(scope constructs.Construct, version string) awswafv2.CfnIPSet {
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

func (p FirewallProps) rules(blocked ...awswafv2.CfnIPSet) []awswafv2.CfnWebACL_RuleProperty {
	for _, name := range p.CountOnly {
		if !slices.Contains([]string{ruleReputation, ruleCommon, ruleBadInputs, RuleSQLInjection, RuleRate}, name) {
			panic(fmt.Sprintf("web: a Firewall has no rule %q", name))
		}
	}
	rules := []awswafv2.CfnWebACL_RuleProperty{p.geography(), p.blockRule(blocked)}
	for _, managed := range managedRules {
		rules = append(rules, awswafv2.CfnWebACL_RuleProperty{
			Name:             &managed.name,
			Priority:         jsii.Number(len(rules)),
			VisibilityConfig: p.visibility(managed.name),
			OverrideAction:   p.override(managed.name),
			Statement: awswafv2.CfnWebACL_StatementProperty{
				ManagedRuleGroupStatement: awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{
					VendorName: jsii.String("AWS"), Name: &managed.group,
				},
			},
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

// geography blocks nothing. Whether the country is the one asked for or not,
// each request gets a label with its viewer's, which is then in the log.
func (p FirewallProps) geography() awswafv2.CfnWebACL_RuleProperty {
	match := awswafv2.CfnWebACL_GeoMatchStatementProperty{CountryCodes: jsii.Strings("AQ")}
	if p.AddressHeader != "" {
		match.ForwardedIpConfig = awswafv2.CfnWebACL_ForwardedIPConfigurationProperty{
			HeaderName: &p.AddressHeader, FallbackBehavior: jsii.String("NO_MATCH"),
		}
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:             jsii.String(ruleGeography),
		Priority:         jsii.Number(0),
		VisibilityConfig: p.visibility(ruleGeography),
		Action:           awswafv2.CfnWebACL_RuleActionProperty{Count: awswafv2.CfnWebACL_CountActionProperty{}},
		Statement:        awswafv2.CfnWebACL_StatementProperty{GeoMatchStatement: match},
	}
}

// blockRule blocks in any mode: what is in the sets, a person put there. What it
// blocks has its country in the log too.
func (p FirewallProps) blockRule(sets []awswafv2.CfnIPSet) awswafv2.CfnWebACL_RuleProperty {
	var statements []awswafv2.CfnWebACL_StatementProperty
	for _, set := range sets {
		statements = append(statements, awswafv2.CfnWebACL_StatementProperty{IpSetReferenceStatement: p.inSet(set)})
	}
	return awswafv2.CfnWebACL_RuleProperty{
		Name:             jsii.String(ruleBlocked),
		Priority:         jsii.Number(1),
		VisibilityConfig: p.visibility(ruleBlocked),
		Action:           awswafv2.CfnWebACL_RuleActionProperty{Block: awswafv2.CfnWebACL_BlockActionProperty{}},
		Statement: awswafv2.CfnWebACL_StatementProperty{
			OrStatement: awswafv2.CfnWebACL_OrStatementProperty{Statements: statements},
		},
	}
}

// inSet matches no request whose address cannot be read: an empty set must
// block nobody.
func (p FirewallProps) inSet(set awswafv2.CfnIPSet) awswafv2.CfnWebACL_IPSetReferenceStatementProperty {
	statement := awswafv2.CfnWebACL_IPSetReferenceStatementProperty{Arn: set.AttrArn()}
	if p.AddressHeader != "" {
		statement.IpSetForwardedIpConfig = awswafv2.CfnWebACL_IPSetForwardedIPConfigurationProperty{
			HeaderName: &p.AddressHeader, FallbackBehavior: jsii.String("NO_MATCH"), Position: jsii.String("FIRST"),
		}
	}
	return statement
}

func (p FirewallProps) counts(rule string) bool {
	return p.CountAll || slices.Contains(p.CountOnly, rule)
}

// override leaves the rules of a managed group their own actions, or has all of
// them count.
func (p FirewallProps) override(rule string) awswafv2.CfnWebACL_OverrideActionProperty {
	if p.counts(rule) {
		return awswafv2.CfnWebACL_OverrideActionProperty{Count: none}
	}
	return awswafv2.CfnWebACL_OverrideActionProperty{None: none}
}

func (p FirewallProps) action(rule string) awswafv2.CfnWebACL_RuleActionProperty {
	if p.counts(rule) {
		return awswafv2.CfnWebACL_RuleActionProperty{Count: awswafv2.CfnWebACL_CountActionProperty{}}
	}
	return awswafv2.CfnWebACL_RuleActionProperty{Block: awswafv2.CfnWebACL_BlockActionProperty{}}
}

func (p FirewallProps) rate() awswafv2.CfnWebACL_RateBasedStatementProperty {
	if p.RateLimit == 0 {
		p.RateLimit = 2000
	}
	rate := awswafv2.CfnWebACL_RateBasedStatementProperty{
		Limit:               jsii.Number(p.RateLimit),
		EvaluationWindowSec: jsii.Number(300),
		AggregateKeyType:    jsii.String("IP"),
	}
	if p.AddressHeader != "" {
		rate.AggregateKeyType = jsii.String("FORWARDED_IP")
		rate.ForwardedIpConfig = awswafv2.CfnWebACL_ForwardedIPConfigurationProperty{
			HeaderName: &p.AddressHeader, FallbackBehavior: jsii.String("MATCH"),
		}
	}
	return rate
}

// visibility keeps no samples of requests: what is redacted in the log is not
// redacted in them.
func (p FirewallProps) visibility(rule string) awswafv2.CfnWebACL_VisibilityConfigProperty {
	return awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName:               jsii.String(FirewallMetric(p.Name, rule)),
		CloudWatchMetricsEnabled: jsii.Bool(true),
		SampledRequestsEnabled:   jsii.Bool(false),
	}
}
