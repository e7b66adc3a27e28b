package review

import (
	"slices"
)

const (
	wafActions  = "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-action.html"
	wafOverride = "https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-rule-group-override-options.html"
)

// wafLevels are AWS WAF's actions, from the one that lets most through. None is that the
// actions of a rule group hold.
var wafLevels = []string{"Allow", "Count", "Challenge", "Captcha", "Block", "None"}

// judgeFirewalls finds web ACLs that let more through.
func judgeFirewalls(c *comparison) {
	for _, one := range c.pairs {
		isFirewall := one.either().Type == "AWS::WAFv2::WebACL" || one.either().Type == "AWS::WAFv2::RuleGroup"
		if one.after != nil && one.before != nil && isFirewall {
			c.judgeFirewall(one)
		}
	}
}

func (c *comparison) judgeFirewall(one pair) {
	old, young := one.before.values, one.after.values
	if actionIn(old["DefaultAction"]) == "Block" && actionIn(young["DefaultAction"]) != "Block" {
		c.find(Weaker, one.after, wafActions, "requests that match no rule are let through: DefaultAction from Block to Allow")
	}
	before, after := byName(old["Rules"]), byName(young["Rules"])
	for _, rule := range objectsOf(old["Rules"]) {
		name := text(rule["Name"])
		c.judgeRule(one.after, name, rule, after[name])
	}
	for _, rule := range objectsOf(young["Rules"]) {
		name := text(rule["Name"])
		isEarlier := numberOr(rule["Priority"], 0) < numberOr(at(before[name], "Priority"), 1<<30)
		if ruleAction(rule) == "Allow" && isEarlier {
			c.find(Weaker, one.after, wafActions, "rule %s lets requests through before later rules see them", name)
		}
	}
}

func byName(rules any) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, rule := range objectsOf(rules) {
		all[text(rule["Name"])] = rule
	}
	return all
}

func (c *comparison) judgeRule(acl *resource, name string, old, young map[string]any) {
	if young == nil {
		c.find(Weaker, acl, wafActions, "rule %s is removed", name)
		return
	}
	before, after := ruleAction(old), ruleAction(young)
	if slices.Index(wafLevels, after) < slices.Index(wafLevels, before) {
		c.find(Weaker, acl, wafActions, "rule %s from %s to %s", name, before, after)
	}
	was, is := groupIn(old), groupIn(young)
	for _, override := range lessBlocked(was, is) {
		c.find(Weaker, acl, wafOverride, "rule %s: %s of the group is overridden", name, override)
	}
	switch limit, newLimit := at(old, "Statement", "RateBasedStatement", "Limit"), at(young, "Statement", "RateBasedStatement", "Limit"); {
	case limit != nil && newLimit != nil && numberOr(newLimit, 0) > numberOr(limit, 0):
		c.find(Weaker, acl, wafActions, "rule %s blocks later: %s", name, transition("Limit", limit, newLimit))
	case !sameButFor(old["Statement"], young["Statement"]):
		c.find(Unknown, acl, wafActions, "rule %s looks at something else", name)
	}
}

// ruleAction returns the action of a rule, or of all rules of its group.
func ruleAction(rule map[string]any) string {
	if override := actionIn(rule["OverrideAction"]); override != "" {
		return override
	}
	return actionIn(rule["Action"])
}

func actionIn(value any) string {
	object, _ := value.(map[string]any)
	for _, action := range wafLevels {
		if _, ok := object[action]; ok {
			return action
		}
	}
	return ""
}

// groupIn returns the statement of a rule that names a rule group, nil where it has none.
func groupIn(rule map[string]any) map[string]any {
	for _, kind := range []string{"ManagedRuleGroupStatement", "RuleGroupReferenceStatement"} {
		if group, ok := at(rule, "Statement", kind).(map[string]any); ok {
			return group
		}
	}
	return nil
}

// lessBlocked returns the rules of a group that are overridden to block less than before.
func lessBlocked(before, after map[string]any) []string {
	old := byName(before["RuleActionOverrides"])
	var all []string
	for _, override := range objectsOf(after["RuleActionOverrides"]) {
		name, level := text(override["Name"]), slices.Index(wafLevels, actionIn(override["ActionToUse"]))
		was := len(wafLevels)
		if earlier, ok := old[name]; ok {
			was = slices.Index(wafLevels, actionIn(earlier["ActionToUse"]))
		}
		if level < was && level < slices.Index(wafLevels, "Block") {
			all = append(all, name)
		}
	}
	for _, excluded := range namesIn(after["ExcludedRules"]) {
		if !slices.Contains(namesIn(before["ExcludedRules"]), excluded) {
			all = append(all, text(excluded))
		}
	}
	return all
}

// judged are the parts of a statement that are judged by themselves.
var judged = []string{"RuleActionOverrides", "ExcludedRules", "Limit"}

// sameButFor reports whether two statements differ in those parts alone.
func sameButFor(old, young any) bool { return text(without(old)) == text(without(young)) }

func without(value any) any {
	switch value := value.(type) {
	case map[string]any:
		left := map[string]any{}
		for key, inner := range value {
			if !slices.Contains(judged, key) {
				left[key] = without(inner)
			}
		}
		return left
	case []any:
		var left []any
		for _, inner := range value {
			left = append(left, without(inner))
		}
		return left
	}
	return value
}
