package test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

const ssmARN = "arn:aws:ssm:eu-north-1:ACCOUNT:"

// ourRuns are the automation executions of this environment's runbooks. Their ids
// are unknown beforehand, so their tags name them.
const ourRuns = ssmARN + "automation-execution/*" + ifOurs

const ifOurs = " if StringEquals aws:ResourceTag/environment SUFFIX, StringEquals aws:ResourceTag/project PROJECT"

// startedByEventsOnly is the runbook that reports the failed runs of the others.
const startedByEventsOnly = "report-failed-run"

// operatorRunbooks returns the runbooks that an operator may start.
func operatorRunbooks(t *testing.T, env *environment) map[string]placed {
	t.Helper()
	found := runbooksOf(t, env)
	delete(found, startedByEventsOnly)
	return found
}

func TestAnOperatorStartsTheCurrentVersionOfEachRunbookAndNoOther(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		want := []string{ssmARN + "automation-execution/*"}
		for _, r := range operatorRunbooks(t, env) {
			id := readableID(r.id)
			want = append(want, ssmARN+"document/"+id, ssmARN+"automation-definition/"+id+":$DEFAULT")
		}
		require.ElementsMatch(t, want, granted(t, env, "Operator", starting))
	})
}

// The roles can do what an operator cannot. Passed to another service, they would
// be a way around the runbooks.
func TestAnOperatorPassesTheRolesOfRunbooksToSystemsManagerOnly(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		var want []string
		for _, r := range operatorRunbooks(t, env) {
			role := readable(t, env, at(t, r.Properties, "Content", "assumeRole"))
			want = append(want, role+" if StringEquals iam:PassedToService ssm.amazonaws.com")
		}
		slices.Sort(want)
		require.Equal(t, slices.Compact(want), granted(t, env, "Operator", "iam:PassRole"))
	})
}

var operatorAndApprover = []string{"Operator", "Approver"}

// A denial holds whatever other policies allow.
func TestOperatorAndApproverAreDenied(t *testing.T) {
	const all, evidence, inEvidence = "*", "Evidence.Arn", "Evidence.Arn/*"
	for _, c := range []struct {
		promise            string
		roles              []string
		actions, resources string
	}{
		{"an operator approves nothing", []string{"Operator"}, "ssm:SendAutomationSignal", all},
		{"an approver starts and stops nothing", []string{"Approver"}, "ssm:StartAutomationExecution ssm:StopAutomationExecution", all},
		{"nobody edits a runbook", operatorAndApprover, "ssm:UpdateDocument ssm:UpdateDocumentDefaultVersion " +
			"ssm:UpdateDocumentMetadata ssm:DeleteDocument ssm:CreateDocument ssm:ModifyDocumentPermission", all},
		{"nobody changes evidence", operatorAndApprover, "s3:PutObject s3:DeleteObject s3:DeleteObjectVersion " +
			"s3:BypassGovernanceRetention s3:PutObjectRetention s3:PutObjectLegalHold s3:DeleteBucket s3:PutBucketPolicy " +
			"s3:PutBucketObjectLockConfiguration s3:PutLifecycleConfiguration", evidence + " " + inEvidence},
	} {
		for _, env := range filedEnvironments(t) {
			for _, role := range c.roles {
				for action := range strings.FieldsSeq(c.actions) {
					require.Equal(t, strings.Fields(c.resources), denied(t, env, role, action), "%s, %s: %s: %s", c.promise, env.Environment, role, action)
				}
			}
		}
	}
}

func TestBothRolesReadTheRunbooksOfTheEnvironmentOnly(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		var want []string
		for name := range runbooksOf(t, env) {
			want = append(want, ssmARN+"document/PROJECT-SUFFIX-"+name)
		}
		for _, role := range operatorAndApprover {
			for _, action := range []string{"DescribeDocument", "DescribeDocumentParameters", "GetDocument", "ListDocumentVersions"} {
				require.ElementsMatch(t, want, granted(t, env, role, "ssm:"+action), "%s %s", role, action)
			}
		}
	})
}

// people are the groups, and the roles that they take.
var people = []string{"Operators", "Approvers", "Operator", "Approver"}

// starting is the action that starts a runbook. Its statements name runs by *,
// since a run has neither id nor tags before it starts.
const starting = "ssm:StartAutomationExecution"

// Runs and OpsItems get their ids at creation, and every team of the account has
// some: a statement on all of them has a condition, or only reads.
func TestPeopleActOnNothingThatIsNotTheEnvironments(t *testing.T) {
	everyRun := regexp.MustCompile(`:(automation-execution|opsitem)/\*$`)
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		ours := []string{"StringEquals aws:ResourceTag/environment " + env.Environment, "StringEquals aws:ResourceTag/project " + config.Project}
		for _, who := range people {
			for _, s := range identityStatements(t, env, who) {
				if s.Effect == "Deny" {
					continue
				}
				for _, resource := range s.Resources {
					if definition, ok := strings.CutPrefix(resource, ssmARN+"automation-definition/"); ok {
						require.Regexp(t, `^[A-Za-z]+:\$DEFAULT$`, definition, s.line)
					}
					if everyRun.MatchString(resource) && !slices.Equal(s.Actions, []string{starting}) {
						require.ElementsMatch(t, ours, s.Conditions, s.line)
					}
					require.NotContains(t, strings.TrimSuffix(resource, "*"), "*:", s.line)
					if resource == "*" {
						require.Empty(t, changingActions(s.Actions), s.line)
					}
				}
			}
		}
	})
}

// changingActions returns the actions that do more than read.
func changingActions(actions []string) []string {
	return slices.DeleteFunc(slices.Clone(actions), func(action string) bool {
		_, verb, _ := strings.Cut(action, ":")
		return slices.ContainsFunc(readingVerbs, func(reading string) bool { return strings.HasPrefix(verb, reading) })
	})
}

// A rule names the version in its target, and its role may start no other.
func TestAnEventStartsTheCurrentVersionAlone(t *testing.T) {
	for _, env := range allEnvironments(t) {
		started := 0
		for _, s := range statementsOf(t, env) {
			if !slices.Contains(s.Actions, starting) || s.Effect == "Deny" || runsRunbooks(t, env, s.roles[0]) {
				continue
			}
			started++
			require.Contains(t, strings.Join(s.Resources, " "), ":$DEFAULT", s.line)
			require.NotRegexp(t, `automation-definition/\S+:[^$]`, strings.Join(s.Resources, " "), s.line)
		}
		require.Positive(t, started, env.Environment)
	}
}

// runsRunbooks reports whether the role is one that a runbook works with: AWS's own
// one has it from the rule that starts it.
func runsRunbooks(t *testing.T, env *environment, role string) bool {
	t.Helper()
	for _, r := range runbooksOf(t, env) {
		if readable(t, env, at(t, r.Properties, "Content", "assumeRole")) == role+".Arn" {
			return true
		}
	}
	for _, rule := range resourcesOf(t, env) {
		if targets, _ := rule.Properties["Targets"].([]any); rule.Type == "AWS::Events::Rule" {
			target, _ := targets[0].(map[string]any)
			if input, has := target["Input"]; has && strings.Contains(readable(t, env, input), `"AutomationAssumeRole":["`+role+`.Arn"]`) {
				return true
			}
		}
	}
	return false
}

// longest are values as long as AWS makes them, so that a policy that fits with
// them fits.
var longest = []struct {
	reference *regexp.Regexp
	value     string
}{
	{regexp.MustCompile(`\{"Ref":"AWS::AccountId"\}`), strings.Repeat("0", 12)},
	{regexp.MustCompile(`\{"Ref":"AWS::Partition"\}`), "aws"},
	{regexp.MustCompile(`\{"Fn::GetAtt":\["\w+Role\w*","Arn"\]\}`), "arn:aws:iam::000000000000:role/" + strings.Repeat("r", 64)},
	{regexp.MustCompile(`\{"(Ref|Fn::ImportValue|Fn::GetAtt)":("[^"]+"|\[[^]]+\])\}`), strings.Repeat("x", 100)},
	{regexp.MustCompile(`\{"Fn::Join":\["",\[|\]\]\}`), ""},
}

// IAM refuses a managed policy of more than 6144 characters, at deploy time.
func TestEachPolicyOfTheRespondersFits(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		checked := 0
		for _, r := range resourcesOf(t, env, "AWS::IAM::ManagedPolicy") {
			if r.stack != "response" {
				continue
			}
			checked++
			text := string(must(json.Marshal(r.Properties["PolicyDocument"])))
			for _, each := range longest {
				text = each.reference.ReplaceAllString(text, each.value)
			}
			require.LessOrEqual(t, len(text), 6144, "%s", r)
		}
		require.Positive(t, checked)
	})
}

func TestARoleHasAtMostTenPolicies(t *testing.T) {
	inFiledEnvironments(t, func(t *testing.T, env *environment) {
		policies := map[string][]string{}
		for _, r := range resourcesOf(t, env, "AWS::IAM::ManagedPolicy") {
			for _, role := range readableList(t, env, r.Properties["Roles"]) {
				policies[role] = append(policies[role], r.id)
			}
		}
		for role, ids := range policies {
			require.LessOrEqual(t, len(ids), 10, role)
		}
		require.GreaterOrEqual(t, len(slices.Compact(policies["Operator"])), 3)
	})
}
