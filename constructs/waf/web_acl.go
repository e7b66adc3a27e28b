package waf

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"catalog-infra/constructs/required"
	"catalog-infra/constructs/web"
)

// LogPrefix must start the name of the web ACL's log group: WAF calls the ARN
// of any other invalid (pitfall D5).
const LogPrefix = "aws-waf-logs-"

// WebACLProps configures a WebACL.
type WebACLProps struct {
	// Name starts the names of the metrics and the IP sets.
	Name string `required:"true"`

	// LoadBalancer is protected, and Listener is its listener.
	LoadBalancer elbv2.IApplicationLoadBalancer `required:"true"`
	Listener     elbv2.IApplicationListener     `required:"true"`

	// LogGroup takes the log. Its name must start with LogPrefix.
	LogGroup awslogs.ILogGroup `required:"true"`

	// OriginSecret must be in web.OriginHeader of a request. Only the web.Distribution of the
	// same secret writes web.ViewerAddressHeader, by which all other rules know the viewer.
	OriginSecret *web.OriginSecret `required:"true"`

	// CountAll makes every rule count instead of block, except RuleOrigin and the rule
	// of blocked addresses.
	CountAll bool

	// CountOnly names rules that count while the others block.
	CountOnly []string

	// CountParts has, for each rule that is an AWS managed rule group, the rules of the
	// group that only count, by AWS's names.
	CountParts map[string][]string

	// ExemptPaths has, for each rule that is an AWS managed rule group, the paths that
	// it does not inspect, with all paths below them.
	ExemptPaths map[string][]string

	// RateLimit is how many requests one address may send in five minutes.
	RateLimit int `required:"true"`
}

// WebACL is a web ACL with two sets of addresses that it always blocks.
type WebACL struct {
	// Construct is the scope of all of it, for dependencies.
	Construct constructs.Construct

	// BlockedIPv4 and BlockedIPv6 are empty: a runbook fills them. CloudFormation
	// writes an IP set as a whole, so a deployment that changes a property of one
	// empties it. They have neither tags nor anything that is configured.
	BlockedIPv4, BlockedIPv6 awswafv2.CfnIPSet
}

// NewWebACL defines a WebACL of regional scope. One for CloudFront would be in
// us-east-1, with its logs (pitfall D1).
func NewWebACL(scope constructs.Construct, id string, props WebACLProps) *WebACL {
	required.Check(id, props)
	props.checkRules()
	this := constructs.NewConstruct(scope, &id)
	v4, v6 := props.blocked(this, "IPv4"), props.blocked(this, "IPv6")
	acl := awswafv2.NewCfnWebACL(this, jsii.String("Firewall"), &awswafv2.CfnWebACLProps{
		Scope:            jsii.String("REGIONAL"),
		Description:      jsii.Sprintf("Requests to the load balancer of %s", props.Name),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: awswafv2.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: props.visibility(AllRules),
		Rules:            props.rules(v4, v6),
	})
	association := awswafv2.NewCfnWebACLAssociation(this, jsii.String("Association"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: props.LoadBalancer.LoadBalancerArn(),
		WebAclArn:   acl.AttrArn(),
	})
	// WAF does not find a load balancer that was created just before (pitfall D1).
	association.Node().AddDependency(props.Listener)
	awswafv2.NewCfnLoggingConfiguration(this, jsii.String("Logging"), &awswafv2.CfnLoggingConfigurationProps{
		ResourceArn:           acl.AttrArn(),
		LogDestinationConfigs: &[]any{props.LogGroup.LogGroupArn()},
		RedactedFields: []any{
			redactedHeader("authorization"), redactedHeader("cookie"), redactedHeader(strings.ToLower(web.OriginHeader)),
			awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{QueryString: none},
		},
		LoggingFilter: withoutForeign(acl),
	})
	return &WebACL{this, v4, v6}
}

// checkRules panics if the props name a rule that does not exist.
func (p WebACLProps) checkRules() {
	groups := []string{ruleReputation, ruleCommon, ruleBadInputs, RuleSQLInjection}
	known := func(rules []string, names ...string) {
		for _, name := range names {
			if !slices.Contains(rules, name) {
				panic(fmt.Sprintf("waf: unknown rule %q of a WebACL", name))
			}
		}
	}
	known(append(groups, RuleRate), p.CountOnly...)
	known(groups, slices.Collect(maps.Keys(p.CountParts))...)
	known(groups, slices.Collect(maps.Keys(p.ExemptPaths))...)
}

// blocked defines an empty IP set. Its name is fixed, since UpdateIPSet needs it and
// CloudFormation does not expose a generated one.
func (p WebACLProps) blocked(scope constructs.Construct, version string) awswafv2.CfnIPSet {
	return awswafv2.NewCfnIPSet(scope, jsii.String("Blocked"+version), &awswafv2.CfnIPSetProps{
		Name:             jsii.Sprintf("%s-blocked-%s", p.Name, strings.ToLower(version)),
		Description:      jsii.String("Blocked by a runbook"),
		Scope:            jsii.String("REGIONAL"),
		IpAddressVersion: jsii.String(strings.ToUpper(version)),
		Addresses:        &[]*string{},
	})
}

// redactedHeader is spelled as in CloudFormation: for CDK the property is plain
// JSON, and it would pass on the lower case of its own type.
func redactedHeader(name string) awswafv2.CfnLoggingConfiguration_FieldToMatchProperty {
	return awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{SingleHeader: map[string]any{"Name": name}}
}

// withoutForeign keeps requests that RuleOrigin blocked out of the log, which is
// billed by its length. They are in the load balancer's access log.
func withoutForeign(acl awswafv2.CfnWebACL) any {
	label := awscdk.Fn_Join(jsii.String(""), &[]*string{acl.AttrLabelNamespace(), jsii.String(foreign)})
	return map[string]any{
		"DefaultBehavior": "KEEP",
		"Filters": []any{map[string]any{
			"Behavior":    "DROP",
			"Requirement": "MEETS_ALL",
			"Conditions":  []any{map[string]any{"LabelNameCondition": map[string]any{"LabelName": label}}},
		}},
	}
}
