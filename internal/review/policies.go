package review

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/policy"
)

const policyPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"

// permissions are the statements of all policies about one subject: of an identity, or of
// a resource.
type permissions struct {
	at         *resource
	statements []any
}

// subjects are the permissions of an environment by the subject's name.
type subjects map[string]*permissions

func (s subjects) add(subject string, at *resource, document any) {
	if s[subject] == nil {
		s[subject] = &permissions{at: at}
	}
	s[subject].statements = append(s[subject].statements, document)
}

// attachedTo are the types that are a policy of another resource, and the property that
// names it.
var attachedTo = map[string]string{
	"AWS::S3::BucketPolicy":               "Bucket",
	"AWS::SNS::TopicPolicy":               "Topics",
	"AWS::SNS::TopicInlinePolicy":         "TopicArn",
	"AWS::SQS::QueuePolicy":               "Queues",
	"AWS::SQS::QueueInlinePolicy":         "Queue",
	"AWS::SecretsManager::ResourcePolicy": "SecretId",
}

// policyProperties are properties that are a policy, wherever they are. Elsewhere it is an
// object with statements.
var policyProperties = []string{
	"PolicyDocument", "KeyPolicy", "RepositoryPolicyText", "ResourcePolicy", "AccessPolicy", "AccessPolicies", "FileSystemPolicy", "Policy",
	"PolicyText",
}

// policies returns the policies of resources by what they are about.
func (e *environment) policies() subjects {
	all := subjects{}
	for _, key := range e.keys {
		found := e.resources[key]
		switch {
		case strings.HasPrefix(found.Type, "AWS::IAM::"), strings.HasPrefix(found.Type, "AWS::WAF"):
		case found.Type == "AWS::Lambda::Permission":
			all.add("the policy of "+e.named(found.values["FunctionName"]), found, policy.OfPermission(found.values))
		case attachedTo[found.Type] != "":
			for _, target := range assembly.AsList(found.values[attachedTo[found.Type]]) {
				e.walkPolicies(found.values, func(_ string, document any) { all.add("the policy of "+e.named(target), found, document) }, "")
			}
		default:
			e.walkPolicies(found.values, func(path string, document any) { all.add(found.shared+" "+path, found, document) }, "")
			if document, ok := defaultPolicy(found); ok {
				all.add(found.shared+" "+defaultProperty[found.Type], found, document)
			}
		}
	}
	return all
}

// walkPolicies calls yield for each policy in a value, with its path.
func (e *environment) walkPolicies(value any, yield func(path string, document any), path string) {
	switch value := value.(type) {
	case map[string]any:
		if value["Statement"] != nil {
			yield(path, value)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			_, isText := value[key].(string)
			inner := strings.TrimPrefix(path+"."+key, ".")
			if slices.Contains(policyProperties, key) && isText && strings.HasPrefix(strings.TrimSpace(text(value[key])), "{") {
				yield(inner, value[key])
			} else {
				e.walkPolicies(value[key], yield, inner)
			}
		}
	case []any:
		for i, inner := range value {
			e.walkPolicies(inner, yield, path+"["+strconv.Itoa(i)+"]")
		}
	}
}

// defaultProperty has the property of the types that have a policy without one.
var defaultProperty = map[string]string{"AWS::KMS::Key": "KeyPolicy", "AWS::EC2::VPCEndpoint": "PolicyDocument"}

// defaultPolicy returns the policy that AWS gives a resource without one: a key is its
// account's, and an endpoint lets everything through.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func defaultPolicy(found *resource) (document any, ok bool) {
	property, has := defaultProperty[found.Type]
	if !has || found.values[property] != nil {
		return nil, false
	}
	return defaultOf(found), true
}

func defaultOf(found *resource) any {
	if found.Type == "AWS::KMS::Key" {
		account := map[string]any{"AWS": strings.NewReplacer("unknown-account", "${AWS::AccountId}").Replace(found.stack.Account)}
		return map[string]any{"Statement": map[string]any{"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"}}
	}
	return map[string]any{"Statement": map[string]any{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
}

// judgePolicies finds what policies of resources, of identities and of trust allow beyond
// before.
func judgePolicies(c *comparison) {
	c.comparePolicies(c.base.policies(), c.head.policies())
	c.comparePolicies(c.base.identities(), c.head.identities())
	c.compareManaged()
}

func (c *comparison) comparePolicies(before, after subjects) {
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, subject := range slices.Sorted(maps.Keys(names)) {
		old, young := before[subject], after[subject]
		switch {
		case young == nil && c.head.shared[old.at.shared] == nil && !c.isThere(subject):
			continue // it is gone with its subject
		case young == nil:
			young = &permissions{at: old.at}
		case old == nil:
			old = &permissions{at: young.at}
			if _, has := defaultProperty[young.at.Type]; has {
				old.statements = []any{defaultOf(young.at)}
			}
		}
		if text(old.statements) != text(young.statements) {
			c.comparePermissions(subject, *old, *young)
		}
	}
}

// isThere reports whether the resource that a policy is of still exists.
func (c *comparison) isThere(subject string) bool {
	return c.head.shared[strings.TrimPrefix(subject, "the policy of ")] != nil
}

// mostWidenings is how many findings there are about one subject.
const mostWidenings = 10

func (c *comparison) comparePermissions(subject string, old, young permissions) {
	label := strings.TrimSpace(strings.TrimPrefix(subject, young.at.shared))
	if label != "" {
		label += ": "
	}
	before, ok := c.read(old)
	after, alsoOK := c.read(young)
	if !ok || !alsoOK {
		c.find(Unknown, young.at, policyPage, "%sit cannot be read", label)
	}
	found := policy.Wider(before, after)
	for i, widening := range found {
		verdict := Wider
		if widening.Unsure {
			verdict = Unknown
		}
		if i == mostWidenings {
			c.find(verdict, young.at, policyPage, "%s%d more", label, len(found)-i)
			break
		}
		c.find(verdict, young.at, policyPage, "%s%s", label, widening)
	}
}

// read returns the policies of a subject as one, and whether all of them could be read.
// Their values are resolved already.
func (c *comparison) read(all permissions) (document policy.Document, ok bool) {
	ok = true
	for _, one := range all.statements {
		read, err := policy.Read(policy.Scope{Assembly: c.assembly, Stack: all.at.stack}, "", one)
		document.Statements = append(document.Statements, read.Statements...)
		ok = ok && err == nil
	}
	for i, statement := range document.Statements {
		for j, condition := range statement.Conditions {
			document.Statements[i].Conditions[j].Values = c.hide(condition)
		}
	}
	return document, ok
}

// hidden are condition keys with values that may be shared secrets.
var hidden = []string{"aws:referer", "aws:useragent", "sts:externalid"}

// hide returns the values of a condition, where they may be secrets by a number each.
func (c *comparison) hide(condition policy.Condition) []string {
	if !slices.Contains(hidden, strings.ToLower(condition.Key)) {
		return condition.Values
	}
	var all []string
	for _, value := range condition.Values {
		if _, known := c.secrets[value]; !known && value != "*" {
			c.secrets[value] = "value " + strconv.Itoa(len(c.secrets)+1)
		}
		all = append(all, cmp.Or(c.secrets[value], value))
	}
	return all
}
