package test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPeopleNeedASecondFactorAndTakeOneRole: a request that is signed with an
// access key has no key aws:MultiFactorAuthPresent, so only BoolIfExists denies
// it. Somebody in both groups has the statements of both and takes no role.
func TestPeopleNeedASecondFactorAndTakeOneRole(t *testing.T) {
	const requireMFA = "iam RequireMFA for Approvers, Operators "
	secondFactor := []string{
		requireMFA + "denies all but iam:ChangePassword, iam:CreateVirtualMFADevice, iam:EnableMFADevice, iam:GetAccountPasswordPolicy, " +
			"iam:GetUser, iam:ListMFADevices, iam:ListVirtualMFADevices, iam:ResyncMFADevice, sts:GetSessionToken on * " +
			"if BoolIfExists aws:MultiFactorAuthPresent false",
		requireMFA + "allows iam:ChangePassword, iam:EnableMFADevice, iam:GetUser, iam:ListMFADevices, iam:ResyncMFADevice " +
			"on arn:aws:iam::ACCOUNT:user/${aws:username}",
		requireMFA + "allows iam:CreateVirtualMFADevice on arn:aws:iam::ACCOUNT:mfa/*",
		requireMFA + "allows iam:GetAccountPasswordPolicy, iam:ListVirtualMFADevices on *",
	}
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		for group, c := range map[string]struct{ allowed, denied string }{
			"Operators": {"Operator.Arn", "Approver.Arn"}, "Approvers": {"Approver.Arn", "Operator.Arn"},
		} {
			want := append([]string{
				"iam " + group + "Policy for " + group + " allows sts:AssumeRole on " + c.allowed,
				"iam " + group + "Policy for " + group + " denies sts:AssumeRole on " + c.denied,
			}, secondFactor...)
			require.ElementsMatch(t, want, linesOf(identityStatements(t, env, group)), group)
		}
	})
}

// readingVerbs begin the names of actions that change nothing. StartQuery and
// DetectStackDrift only read, despite their names.
var readingVerbs = []string{"BatchDescribe", "Describe", "DetectStack", "Filter", "Get", "List", "StartQuery"}

// changing are the actions by which an operator changes something: runbooks and
// the texts of OpsItems.
var changing = []string{"ssm:StartAutomationExecution", "ssm:StopAutomationExecution", "iam:PassRole", "ssm:UpdateOpsItem"}

func TestAnOperatorChangesThingsByRunbooksOnlyAndReadsNoSecret(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
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

// showingTheHeader returns the actions that show the origin header, as
// docs/operations.md lists them.
func showingTheHeader(t *testing.T) (actions []string) {
	t.Helper()
	section, _, _ := strings.Cut(sections(t, "../docs/operations.md")["rotate-the-origin-header"], "\n1. ")
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

func TestAnOperatorSeesTheStacksOfTheEnvironmentOnly(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		var want []string
		for _, stack := range env.Stacks() {
			name := strings.ReplaceAll(*stack.StackName(), env.Name(), "PROJECT-SUFFIX")
			want = append(want, "arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/"+name+"/*")
		}
		for _, action := range []string{"DescribeStacks", "DescribeStackResourceDrifts"} {
			requireSame(t, want, granted(t, env, "Operator", "cloudformation:"+action),
				"stacks that the environment does not have, in stacks/iam.go",
				"an operator does not see these stacks: add them to the statement with cloudformation:DescribeStacks in stacks/iam.go")
		}
	})
}

func TestTheOnlyGroupsAreOperatorsAndApprovers(t *testing.T) {
	for _, env := range allEnvironments(t) {
		var groups []string
		for _, group := range resourcesOf(t, env, "AWS::IAM::Group") {
			groups = append(groups, readableID(group.id))
			require.Empty(t, group.Properties, "%s: a name, a policy of AWS or an inline one", env.Environment)
		}
		if env.ShortLived {
			require.Empty(t, groups, env.Environment)
			continue
		}
		require.Equal(t, []string{"Approvers", "Operators"}, groups, env.Environment)
	}
	require.Empty(t, resourcesOf(t, shortLived(t, "prod"), "AWS::IAM::Group"))
}
