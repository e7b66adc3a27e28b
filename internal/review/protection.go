package review

import (
	"fmt"
	"slices"
	"strings"
)

// rule says when a new value of a property protects less than the old one.
type rule struct {
	// resource is a type such as AWS::S3::Bucket. property is a path of keys with "/"
	// between them. [Name] leads into each element of a list, told apart by the key, and
	// [Key=user] into the one that has the value.
	resource, property string

	// absent is the value that AWS takes where the template has none.
	absent string

	// worsens reports whether the new value is worse.
	worsens worsening

	// loses says what is lost.
	loses string

	// source is a control of Security Hub, such as RDS.7, or the address of a page.
	source string

	// verdict is Weaker where it is empty.
	verdict Verdict
}

// judgeProtection applies the rules to every resource that is there before and after.
func judgeProtection(c *comparison) {
	byType := map[string][]rule{}
	for _, one := range rules {
		byType[one.resource] = append(byType[one.resource], one)
	}
	for _, one := range c.pairs {
		if one.after == nil {
			c.judgeRemoval(one.before)
			continue
		}
		for _, rule := range byType[one.after.Type] {
			c.apply(rule, one)
		}
		if one.before != nil {
			c.judgePolicy(one)
		}
	}
	c.judgeTermination()
}

// apply applies a rule. A resource that is new cannot lose protection, but it can widen
// exposure.
func (c *comparison) apply(rule rule, one pair) {
	if rule.verdict == "" {
		rule.verdict = Weaker
	}
	var before map[string]any
	if one.before != nil {
		before = valuesAt(one.before.values, rule.property)
	} else if rule.verdict != Wider {
		return
	}
	after := valuesAt(one.after.values, rule.property)
	for _, label := range labels(before, after) {
		old, young := before[label], rule.orAbsent(after[label])
		if _, isOld := before[label]; isOld { // and no element of a list that is new
			old = rule.orAbsent(old)
		}
		if rule.worsens(old, young) {
			c.find(rule.verdict, one.after, sourceOf(rule.source), "%s: %s", rule.loses, rule.says(label, old, young))
		}
	}
}

func (r rule) orAbsent(value any) any {
	if isEmpty(value) && r.absent != "" {
		return r.absent
	}
	return value
}

// says returns what happens to a property. A text that could be any is not shown.
func (r rule) says(label string, before, after any) string {
	switch {
	case r.verdict == Unknown:
		return label
	case isEmpty(after) && !isNumber(before):
		return label + " is gone"
	case isEmpty(before) && !isNumber(after):
		return label + " is new"
	}
	return transition(label, before, after)
}

// transition returns text such as "DeletionProtection from true to false".
func transition(label string, before, after any) string {
	return fmt.Sprintf("%s from %s to %s", label, shown(before), shown(after))
}

// shown returns a value of a rule's property: a number or a word. Others are not shown.
func shown(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case string:
		if len(value) <= 60 && !strings.ContainsAny(value, "<>{}`|\n") {
			return value
		}
		return "a value"
	case []any:
		return fmt.Sprintf("a list of %d", len(value))
	}
	return "an object"
}

// labels returns the places that a path leads to, before or after.
func labels(before, after map[string]any) []string {
	var all []string
	for _, values := range []map[string]any{before, after} {
		for label := range values {
			all = append(all, label)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// valuesAt returns the values that a path leads to, by the path with the name of each
// element of a list in it. A path without lists leads to one, which may be nil.
func valuesAt(value any, path string) map[string]any {
	all := map[string]any{}
	collect(value, strings.Split(path, "/"), "", all)
	return all
}

func collect(value any, path []string, label string, all map[string]any) {
	if len(path) == 0 {
		all[strings.TrimPrefix(label, ".")] = value
		return
	}
	inner, isList := strings.CutPrefix(path[0], "[")
	if !isList {
		collect(at(value, path[0]), path[1:], label+"."+path[0], all)
		return
	}
	key, wanted, isOne := strings.Cut(strings.TrimSuffix(inner, "]"), "=")
	if isOne {
		collect(nil, path[1:], label+"["+wanted+"]", all) // where no element has it
	}
	for i, element := range objectsOf(value) {
		name := text(element[key])
		switch {
		case isOne && name != wanted:
			continue
		case element[key] == nil:
			name = fmt.Sprint(i)
		}
		collect(element, path[1:], label+"["+name+"]", all)
	}
}

// sourceOf returns the address of a source.
func sourceOf(source string) string {
	service, _, isControl := strings.Cut(source, ".")
	if !isControl || strings.HasPrefix(source, "https:") {
		return source
	}
	return fmt.Sprintf("https://docs.aws.amazon.com/securityhub/latest/userguide/%s-controls.html#%s",
		strings.ToLower(service), strings.ToLower(strings.ReplaceAll(source, ".", "-")))
}

// judgeRemoval finds resources that protect, and are gone.
func (c *comparison) judgeRemoval(gone *resource) {
	if source, ok := protecting[gone.Type]; ok {
		c.find(Weaker, gone, sourceOf(source), "it is removed")
	}
}

// deletionPolicies are CloudFormation's policies, the safest last:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
var deletionPolicies = []string{"", "Delete", "Snapshot", "RetainExceptOnCreate", "Retain"}

// judgePolicy judges what becomes of a resource that is removed or replaced.
func (c *comparison) judgePolicy(one pair) {
	const page = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"
	for _, policy := range []struct{ name, before, after string }{
		{"DeletionPolicy", one.before.DeletionPolicy, one.after.DeletionPolicy},
		{"UpdateReplacePolicy", one.before.UpdateReplacePolicy, one.after.UpdateReplacePolicy},
	} {
		if rank(policy.after) < rank(policy.before) {
			c.find(Weaker, one.after, page, "less stays of it: %s", transition(policy.name, policy.before, policy.after))
		}
	}
}

// rank of a policy: RetainExceptOnCreate keeps as much as Retain once a resource is there.
func rank(policy string) int { return min(slices.Index(deletionPolicies, policy), 3) }

// judgeTermination finds stacks that CloudFormation no longer refuses to delete.
func (c *comparison) judgeTermination() {
	for _, old := range c.base.stacks {
		for _, young := range c.head.stacks {
			if old.ID == young.ID && old.Region == young.Region && old.Protected && !young.Protected {
				c.report.Findings = append(c.report.Findings, Finding{Verdict: Weaker, Stack: young.ID,
					What:   "the stack may be deleted: termination protection is off",
					Source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html"})
			}
		}
	}
}
