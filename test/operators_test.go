package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/stretchr/testify/require"
)

// request is what IAM knows of a call. mfa is the value of
// aws:MultiFactorAuthPresent, empty where the request does not have the key.
type request struct{ action, mfa string }

// verdict is what the statements say of a request: a denial wins.
type verdict string

const (
	denied  verdict = "denied"
	neutral verdict = "neutral"
)

// deniedBy evaluates the statements that deny, as far as those of RequireMFA
// go: on everything, with one condition on the second factor. Others fail the
// test instead of being passed over.
func deniedBy(t *testing.T, statements []policyStatement, r request) verdict {
	t.Helper()
	for _, s := range statements {
		if s.Effect != "Deny" {
			continue
		}
		require.Equal(t, []string{"*"}, s.Resources, s.line)
		require.Len(t, s.Conditions, 1, s.line)
		if !conditionHolds(t, s.Conditions[0], r.mfa) {
			continue
		}
		if slices.ContainsFunc(s.Actions, matches(r.action)) || (s.NotActions != nil && !slices.ContainsFunc(s.NotActions, matches(r.action))) {
			return denied
		}
	}
	return neutral
}

func matches(action string) func(string) bool {
	return func(pattern string) bool {
		prefix, wild := strings.CutSuffix(strings.ToLower(pattern), "*")
		action := strings.ToLower(action)
		return action == prefix || wild && strings.HasPrefix(action, prefix)
	}
}

// conditionHolds is IAM's rule: without its key a condition is false, or true
// if its operator ends in IfExists.
func conditionHolds(t *testing.T, condition, mfa string) bool {
	t.Helper()
	words := strings.Fields(condition)
	require.Len(t, words, 3, condition)
	require.Equal(t, "aws:MultiFactorAuthPresent", words[1])
	operator, ifExists := strings.CutSuffix(words[0], "IfExists")
	require.Equal(t, "Bool", operator)
	if mfa == "" {
		return ifExists
	}
	return mfa == words[2]
}

func requireVerdict(t *testing.T, want verdict, r request) {
	t.Helper()
	ofPeople(t, func(t *testing.T, env *environment) {
		require.Equal(t, want, deniedBy(t, identityStatements(t, env, "Operators"), r), "%+v", r)
	})
}

// ofPeople runs the test in every environment that has a group of operators.
func ofPeople(t *testing.T, check func(*testing.T, *environment)) {
	t.Helper()
	for _, suffix := range suffixes {
		t.Run(suffix, func(t *testing.T) { check(t, shipped(t, suffix)) })
	}
}

func TestWithoutASecondFactorNothingCanBeDone(t *testing.T) {
	for _, action := range []string{"s3:ListAllMyBuckets", "sts:AssumeRole", "iam:CreateAccessKey", "iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice"} {
		requireVerdict(t, denied, request{action, "false"})
	}
}

func TestWithoutASecondFactorOneCanBeSetUp(t *testing.T) {
	for _, action := range []string{"iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ChangePassword", "sts:GetSessionToken"} {
		requireVerdict(t, neutral, request{action, "false"})
		requireVerdict(t, neutral, request{action, ""})
	}
}

func TestWithASecondFactorNothingIsDenied(t *testing.T) {
	requireVerdict(t, neutral, request{"s3:ListAllMyBuckets", "true"})
	requireVerdict(t, neutral, request{"sts:AssumeRole", "true"})
}

// Requests signed with a long-term access key do not have the key at all.
func TestAnAccessKeyWithoutASecondFactorIsDenied(t *testing.T) {
	requireVerdict(t, denied, request{"s3:ListAllMyBuckets", ""})
	requireVerdict(t, denied, request{"sts:AssumeRole", ""})
}

func TestWhoeverTakesARoleHasShownASecondFactorWithinTheHour(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		var trust []string
		for _, s := range statementsOf(t, env) {
			if slices.Contains([]string{"Operator", "Approver"}, s.owner) {
				trust = append(trust, s.line)
			}
		}
		const withMFA = "AWS arn:aws:iam::ACCOUNT:root sts:AssumeRole if Bool aws:MultiFactorAuthPresent true, NumericLessThan aws:MultiFactorAuthAge 3600"
		require.ElementsMatch(t, []string{"iam Operator allows " + withMFA, "iam Approver allows " + withMFA}, trust)
		for _, role := range []string{"Looks at the environment", "Approves what a runbook asks for"} {
			env.stack(t, "iam").has("AWS::IAM::Role", props{
				"MaxSessionDuration": 3600, "Description": assertions.Match_StringLikeRegexp(&role),
			})
		}
	})
}

// readingVerbs start the names of actions that change nothing. A query of logs
// is started, and reads.
var readingVerbs = []string{"Describe", "Get", "List", "Filter", "StartQuery"}

func TestAnOperatorChangesNothingAndReadsNoSecret(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		for _, s := range identityStatements(t, env, "Operator") {
			for _, action := range s.Actions {
				service, verb, _ := strings.Cut(action, ":")
				require.True(t, slices.ContainsFunc(readingVerbs, func(reading string) bool { return strings.HasPrefix(verb, reading) }), action)
				require.NotContains(t, []string{"secretsmanager", "kms", "s3", "cloudfront"}, service, action)
				require.NotEqual(t, "elasticloadbalancing:DescribeRules", action, "it shows the secret header")
			}
		}
	})
}

func TestAnOperatorSeesNoOtherEnvironmentsStacks(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		var want []string
		for _, stack := range env.Stacks() {
			want = append(want, "arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/"+strings.ReplaceAll(*stack.StackName(), "catalog-api-"+env.Suffix, "catalog-api-SUFFIX")+"/*")
		}
		for _, s := range identityStatements(t, env, "Operator") {
			if slices.Contains(s.Actions, "cloudformation:DescribeStacks") {
				require.ElementsMatch(t, want, s.Resources)
				return
			}
		}
		t.Fatal("no statement about stacks")
	})
}

func TestTheOnlyGroupIsThatOfTheOperatorsAndShortLivedEnvironmentsHaveNone(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		var groups []string
		for _, group := range resourcesOf(t, env, "AWS::IAM::Group") {
			groups = append(groups, readableID(group.id))
			require.Empty(t, group.Properties, "%s: a name, a policy of AWS or an inline one", env.Suffix)
		}
		if env.ShortLived {
			require.Empty(t, groups, env.Suffix)
			continue
		}
		require.Equal(t, []string{"Operators"}, groups, env.Suffix)
	}
	require.Empty(t, resourcesOf(t, shortLived(t, "prod"), "AWS::IAM::Group"))
}
