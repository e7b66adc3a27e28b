package test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"
)

// request is what IAM knows of a call: keys are those of its context that the
// statements ask for. A key that it does not have is no key with an empty value.
type request struct {
	action, resource string
	keys             map[string]string
}

// withMFA and withoutMFA are of a session; an access key has no such key.
var (
	withMFA    = map[string]string{"aws:MultiFactorAuthPresent": "true"}
	withoutMFA = map[string]string{"aws:MultiFactorAuthPresent": "false"}
)

// verdict is what the statements say of a request: a denial wins, and what
// nothing allows is refused.
type verdict string

const (
	denied  verdict = "denied"
	allows  verdict = "allowed"
	neutral verdict = "not allowed"
)

// judge evaluates statements as IAM does. What it does not know of fails the
// test instead of being passed over.
func judge(t *testing.T, statements []policyStatement, r request) verdict {
	t.Helper()
	said := neutral
	for _, s := range statements {
		if !appliesTo(t, s, r) {
			continue
		}
		if s.Effect == "Deny" {
			return denied
		}
		said = allows
	}
	return said
}

func appliesTo(t *testing.T, s policyStatement, r request) bool {
	t.Helper()
	action := slices.ContainsFunc(s.Actions, matches(r.action))
	if s.NotActions != nil {
		action = !slices.ContainsFunc(s.NotActions, matches(r.action))
	}
	return action && slices.ContainsFunc(s.Resources, matches(r.resource)) &&
		!slices.ContainsFunc(s.Conditions, func(condition string) bool { return !conditionHolds(t, condition, r.keys) })
}

// matches compares with a pattern of IAM, in which * stands for anything.
// Names of actions are the same in either case; no resource here differs in it.
func matches(value string) func(string) bool {
	return func(pattern string) bool {
		parts := strings.Split(regexp.QuoteMeta(pattern), `\*`)
		return regexp.MustCompile("(?i)^" + strings.Join(parts, ".*") + "$").MatchString(value)
	}
}

// conditionHolds is IAM's rule: without its key a condition is false, or true
// if its operator ends in IfExists.
func conditionHolds(t *testing.T, condition string, keys map[string]string) bool {
	t.Helper()
	words := strings.SplitN(condition, " ", 3)
	require.Len(t, words, 3, condition)
	operator, ifExists := strings.CutSuffix(words[0], "IfExists")
	value, present := keys[words[1]]
	if !present {
		return ifExists
	}
	wanted := strings.Split(words[2], " or ")
	switch operator {
	case "Bool", "StringEquals", "ArnEquals":
		return slices.Contains(wanted, value)
	case "StringLike", "ArnLike":
		return slices.ContainsFunc(wanted, matches(value))
	}
	t.Fatalf("the test does not know %s", condition)
	return false
}

func requireVerdict(t *testing.T, want verdict, r request) {
	t.Helper()
	ofPeople(t, func(t *testing.T, env *environment) {
		for _, group := range []string{"Operators", "Approvers"} {
			require.Equal(t, want, judge(t, identityStatements(t, env, group), r), "%s: %+v", group, r)
		}
	})
}

// ofPeople runs the test in every environment that has a group of operators.
func ofPeople(t *testing.T, check func(*testing.T, *environment)) {
	t.Helper()
	for _, suffix := range suffixes {
		t.Run(suffix, func(t *testing.T) { check(t, reference(t, suffix)) })
	}
}

const ownUser = "arn:aws:iam::ACCOUNT:user/${aws:username}"

func TestWithoutASecondFactorNothingCanBeDone(t *testing.T) {
	for _, action := range []string{"s3:ListAllMyBuckets", "sts:AssumeRole", "iam:CreateAccessKey", "iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice"} {
		requireVerdict(t, denied, request{action, ownUser, withoutMFA})
	}
}

func TestWithoutASecondFactorOneCanBeSetUp(t *testing.T) {
	for action, resource := range map[string]string{
		"iam:CreateVirtualMFADevice": "arn:aws:iam::ACCOUNT:mfa/anna", "iam:EnableMFADevice": ownUser, "iam:ChangePassword": ownUser,
	} {
		requireVerdict(t, allows, request{action, resource, withoutMFA})
		requireVerdict(t, allows, request{action, resource, nil})
	}
	requireVerdict(t, neutral, request{"sts:GetSessionToken", ownUser, nil}) // it needs no permission
}

func TestWithASecondFactorNothingElseIsDenied(t *testing.T) {
	requireVerdict(t, neutral, request{"s3:ListAllMyBuckets", "*", withMFA})
	requireVerdict(t, neutral, request{"sts:AssumeRole", "arn:aws:iam::ACCOUNT:role/another", withMFA})
}

// Requests signed with a long-term access key do not have the key at all.
func TestAnAccessKeyWithoutASecondFactorIsDenied(t *testing.T) {
	requireVerdict(t, denied, request{"s3:ListAllMyBuckets", "*", nil})
	requireVerdict(t, denied, request{"sts:AssumeRole", "Operator.Arn", nil})
}

// Somebody in both groups has the statements of both.
func TestNobodyTakesBothRoles(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		operators, approvers := identityStatements(t, env, "Operators"), identityStatements(t, env, "Approvers")
		for _, c := range []struct {
			who                []policyStatement
			operator, approver verdict
		}{
			{operators, allows, denied}, {approvers, denied, allows}, {slices.Concat(operators, approvers), denied, denied},
		} {
			require.Equal(t, c.operator, judge(t, c.who, request{"sts:AssumeRole", "Operator.Arn", withMFA}))
			require.Equal(t, c.approver, judge(t, c.who, request{"sts:AssumeRole", "Approver.Arn", withMFA}))
		}
	})
}

func TestWhoeverTakesARoleHasShownASecondFactorWithinTheHour(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		var trust []string
		for _, s := range statementsOf(t, env) {
			if slices.Contains([]string{"Operator", "Approver"}, s.owner) {
				trust = append(trust, s.line)
			}
		}
		const trusted = "AWS arn:aws:iam::ACCOUNT:root sts:AssumeRole if Bool aws:MultiFactorAuthPresent true, NumericLessThan aws:MultiFactorAuthAge 3600"
		require.ElementsMatch(t, []string{"iam Operator allows " + trusted, "iam Approver allows " + trusted}, trust)
		for _, role := range []string{"Looks at the environment", "Approves what a runbook asks for"} {
			env.stack(t, "iam").has("AWS::IAM::Role", props{
				"MaxSessionDuration": 3600, "Description": assertions.Match_StringLikeRegexp(&role),
			})
		}
	})
}

// readingVerbs start the names of actions that change nothing. A query of logs
// is started, drift is detected, and both only read.
var readingVerbs = []string{"BatchDescribe", "Describe", "DetectStack", "Filter", "Get", "List", "StartQuery"}

// changing are the actions with which an operator changes something: by
// runbooks, and what OpsItems say.
var changing = []string{"ssm:StartAutomationExecution", "ssm:StopAutomationExecution", "iam:PassRole", "ssm:UpdateOpsItem"}

func TestAnOperatorChangesNothingButByRunbooksAndReadsNoSecret(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		for _, s := range identityStatements(t, env, "Operator") {
			for _, action := range s.Actions {
				if s.Effect == "Deny" || slices.Contains(changing, action) {
					continue
				}
				service, verb, _ := strings.Cut(action, ":")
				require.True(t, slices.ContainsFunc(readingVerbs, func(reading string) bool { return strings.HasPrefix(verb, reading) }), action)
				require.NotContains(t, []string{"secretsmanager", "kms", "cloudfront"}, service, action)
			}
		}
	})
}

// showingTheHeader are the actions that show the secret header, as the document
// lists them for whoever rotates it.
func showingTheHeader(t *testing.T) (actions []string) {
	t.Helper()
	_, section, found := strings.Cut(read(t, "../docs/operations.md"), "\n## Rotate the origin header\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n1. ")
	for _, action := range regexp.MustCompile("`([a-z0-9]+:[A-Za-z]+)`").FindAllStringSubmatch(section, -1) {
		actions = append(actions, action[1])
	}
	for _, shown := range []string{
		"cloudfront:GetDistribution", "elasticloadbalancing:DescribeRules", "wafv2:GetWebACL", "secretsmanager:GetSecretValue",
	} {
		require.Contains(t, actions, shown)
	}
	return actions
}

func TestNoRoleMayReadTheOriginHeader(t *testing.T) {
	actions := showingTheHeader(t)
	for _, env := range allEnvironments(t) {
		for _, s := range allowed(t, env) {
			for _, action := range s.Actions {
				if action == "secretsmanager:GetSecretValue" {
					require.NotRegexp(t, `\*$|OriginSecret`, strings.Join(s.Resources, " "), s.line)
					continue
				}
				require.NotContains(t, actions, action, s.line)
			}
		}
	}
}

func TestAnOperatorSeesNoOtherEnvironmentsStacks(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		var want []string
		for _, stack := range env.Stacks() {
			want = append(want, "arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/"+strings.ReplaceAll(*stack.StackName(), env.Name(), "PROJECT-SUFFIX")+"/*")
		}
		for _, s := range identityStatements(t, env, "Operator") {
			if slices.Contains(s.Actions, "cloudformation:DescribeStacks") {
				require.Empty(t, surplus(want, s.Resources), "stacks that whoever looks at the environment does not see: "+
					"add them to the statement with cloudformation:DescribeStacks in stacks/operators.go")
				require.Empty(t, surplus(s.Resources, want), "stacks that the environment does not have, in stacks/operators.go")
				return
			}
		}
		t.Fatal("no statement about stacks")
	})
}

func TestTheOnlyGroupsAreThoseOfTheOperatorsAndApproversAndShortLivedEnvironmentsHaveNone(t *testing.T) {
	for _, env := range allEnvironments(t) {
		var groups []string
		for _, group := range resourcesOf(t, env, "AWS::IAM::Group") {
			groups = append(groups, readableID(group.id))
			require.Empty(t, group.Properties, "%s: a name, a policy of AWS or an inline one", env.Suffix)
		}
		if env.ShortLived {
			require.Empty(t, groups, env.Suffix)
			continue
		}
		require.Equal(t, []string{"Approvers", "Operators"}, groups, env.Suffix)
	}
	require.Empty(t, resourcesOf(t, shortLived(t, "prod"), "AWS::IAM::Group"))
}
