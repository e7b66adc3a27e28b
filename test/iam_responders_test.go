package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

const ssmARN = "arn:aws:ssm:eu-north-1:ACCOUNT:"

// anExecution is a run of a runbook: nobody knows its id before.
const anExecution = ssmARN + "automation-execution/0b8f2c9e-1d3a-4f5b-9c7d-2e4f6a8b0c1d"

// ourRun is what IAM knows of a run of the environment's runbooks.
func ourRun(env *environment) []string {
	return []string{"aws:ResourceTag/project=" + config.Project, "aws:ResourceTag/environment=" + env.Suffix}
}

// otherRuns are those of another environment, of another project in an
// environment of the same name, and of an automation that tags nothing.
func otherRuns(env *environment) [][]string {
	return [][]string{
		{"aws:ResourceTag/project=" + config.Project, "aws:ResourceTag/environment=" + env.Suffix + "2"},
		{"aws:ResourceTag/project=shop", "aws:ResourceTag/environment=" + env.Suffix}, nil,
	}
}

// requireOurRuns checks that the role may do something with this environment's runs and with
// no others.
func requireOurRuns(t *testing.T, env *environment, role, action string) {
	t.Helper()
	require.Equal(t, allows, can(t, env, role, action, anExecution, ourRun(env)...), "%s %s", role, action)
	for _, other := range otherRuns(env) {
		require.Equal(t, neutral, can(t, env, role, action, anExecution, other...), "%s %s %s", role, action, other)
	}
}

// can judges what a role may do. Whoever has taken it has shown a second factor.
func can(t *testing.T, env *environment, role, action, resource string, keys ...string) verdict {
	t.Helper()
	given := maps.Clone(withMFA)
	for _, key := range keys {
		name, value, _ := strings.Cut(key, "=")
		given[name] = value
	}
	return judge(t, identityStatements(t, env, role), request{action, resource, given})
}

// documentID is how statements name a runbook.
func documentID(t *testing.T, env *environment, name string) string {
	t.Helper()
	return readableID(runbooksOf(t, env)[name].id)
}

// startedByEventsOnly tells of the runs of the others.
const startedByEventsOnly = "report-failed-run"

func TestAnOperatorStartsTheCurrentVersionOfEachRunbookOfTheEnvironmentAndNoOther(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		start := func(document string) []verdict {
			return []verdict{
				can(t, env, "Operator", "ssm:StartAutomationExecution", ssmARN+"document/"+document),
				can(t, env, "Operator", "ssm:StartAutomationExecution", ssmARN+"automation-definition/"+document+":$DEFAULT"),
			}
		}
		for name := range runbooksOf(t, env) {
			if name == startedByEventsOnly {
				require.Equal(t, []verdict{neutral, neutral}, start(documentID(t, env, name)), name)
				continue
			}
			require.Equal(t, []verdict{allows, allows}, start(documentID(t, env, name)), name)
			for _, version := range []string{"1", "$LATEST"} {
				definition := ssmARN + "automation-definition/" + documentID(t, env, name) + ":" + version
				require.Equal(t, neutral, can(t, env, "Operator", "ssm:StartAutomationExecution", definition), definition)
			}
		}
		for _, other := range []string{"AWS-RunShellScript", "PROJECT-other-isolate-edge", "PROJECT-SUFFIX-mine"} {
			require.Equal(t, []verdict{neutral, neutral}, start(other), other)
		}
	})
}

// The roles can do what an operator cannot: handed to another service, they
// would be a way around the runbooks.
func TestAnOperatorHandsTheRolesOfRunbooksToSSMOnly(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		for name, r := range runbooksOf(t, env) {
			if name == startedByEventsOnly {
				continue
			}
			role := readable(t, env, at(t, r.Properties, "Content", "assumeRole"))
			require.Equal(t, allows, can(t, env, "Operator", "iam:PassRole", role, "iam:PassedToService=ssm.amazonaws.com"), name)
			require.Equal(t, neutral, can(t, env, "Operator", "iam:PassRole", role, "iam:PassedToService=lambda.amazonaws.com"), name)
		}
		require.Equal(t, neutral, can(t, env, "Operator", "iam:PassRole", "ExecutionRole.Arn", "iam:PassedToService=ssm.amazonaws.com"))
	})
}

func TestAnOperatorApprovesNothing(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		require.Equal(t, denied, can(t, env, "Operator", "ssm:SendAutomationSignal", anExecution))
	})
}

func TestAnApproverApprovesAndStartsNothing(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		requireOurRuns(t, env, "Approver", "ssm:SendAutomationSignal")
		for name := range runbooksOf(t, env) {
			for _, kind := range []string{"document/%s", "automation-definition/%s:$DEFAULT"} {
				document := ssmARN + fmt.Sprintf(kind, documentID(t, env, name))
				require.Equal(t, denied, can(t, env, "Approver", "ssm:StartAutomationExecution", document), name)
			}
		}
		require.Equal(t, denied, can(t, env, "Approver", "ssm:StopAutomationExecution", anExecution))
	})
}

func TestNeitherEditsARunbook(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		for _, role := range []string{"Operator", "Approver"} {
			for name := range runbooksOf(t, env) {
				document := ssmARN + "document/" + documentID(t, env, name)
				for _, action := range []string{
					"UpdateDocument", "UpdateDocumentDefaultVersion", "UpdateDocumentMetadata", "DeleteDocument", "CreateDocument", "ModifyDocumentPermission",
				} {
					require.Equal(t, denied, can(t, env, role, "ssm:"+action, document), "%s %s", role, action)
				}
			}
			require.Equal(t, allows, can(t, env, role, "ssm:GetDocument", ssmARN+"document/PROJECT-SUFFIX-open-incident"), role)
		}
	})
}

func TestBothReadEvidenceAndChangeNone(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		const object = "Evidence.Arn/incidents/inc-20260101-sqli/record.json"
		for _, role := range []string{"Operator", "Approver"} {
			require.Equal(t, allows, can(t, env, role, "s3:GetObject", object))
			require.Equal(t, allows, can(t, env, role, "s3:GetObject", "Evidence.Arn/access-reviews/2026-01-05/report.json"))
			require.Equal(t, allows, can(t, env, role, "s3:ListBucket", "Evidence.Arn", "s3:prefix=incidents/inc-20260101-sqli/"))
			require.Equal(t, neutral, can(t, env, role, "s3:ListBucket", "Evidence.Arn"))
			for _, action := range []string{"PutObject", "DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention", "PutObjectRetention", "PutObjectLegalHold"} {
				require.Equal(t, denied, can(t, env, role, "s3:"+action, object), "%s %s", role, action)
			}
			for _, action := range []string{"DeleteBucket", "PutBucketPolicy", "PutBucketObjectLockConfiguration", "PutLifecycleConfiguration"} {
				require.Equal(t, denied, can(t, env, role, "s3:"+action, "Evidence.Arn"), "%s %s", role, action)
			}
		}
	})
}

func TestBothFollowWhatRuns(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		for _, role := range []string{"Operator", "Approver"} {
			requireOurRuns(t, env, role, "ssm:GetAutomationExecution")
			requireOurRuns(t, env, role, "ssm:DescribeAutomationStepExecutions")
			require.Equal(t, allows, can(t, env, role, "ssm:DescribeAutomationExecutions", "*"))
		}
		requireOurRuns(t, env, "Operator", "ssm:StopAutomationExecution")
	})
}

// people are the groups, and the roles that they take.
var people = []string{"Operators", "Approvers", "Operator", "Approver"}

// starting is how a statement names what it lets be started: AWS wants the run
// among it, which has neither id nor tags before it starts.
const starting = "ssm:StartAutomationExecution"

// What is numbered or named when it is made belongs to every team of the account:
// whoever may act on all of it is narrowed by a condition, or only reads.
func TestPeopleActOnNothingThatIsNotTheEnvironments(t *testing.T) {
	everyRun := regexp.MustCompile(`:(automation-execution|opsitem)/\*$`)
	ofPeople(t, func(t *testing.T, env *environment) {
		ours := []string{"StringEquals aws:ResourceTag/environment " + env.Suffix, "StringEquals aws:ResourceTag/project " + config.Project}
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

// changingActions are those that do more than read.
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
		require.Positive(t, started, env.Suffix)
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

// An old version has old safety steps and constants. That the first step ends it
// is drilled; that every runbook has it is seen here.
func TestEveryRunbookFirstEndsTheRunOfAnOldVersionAndTagsItsOwn(t *testing.T) {
	everyRunbook(t, func(t *testing.T, env *environment, name string, _ placed) {
		first := stepsOf(t, env, name)[0]
		require.Equal(t, "ClaimRun", first["name"])
		require.Equal(t, "Abort", first["onFailure"])
		require.Equal(t, []any{
			props{"Key": "environment", "Value": env.Suffix}, props{"Key": "project", "Value": config.Project},
		}, at(t, first, "inputs", "InputPayload", "Tags"))
		for _, step := range stepsOf(t, env, name) {
			if step["action"] == "aws:executeAutomation" {
				require.Equal(t, "$DEFAULT", at(t, step, "inputs", "DocumentVersion"), step["name"])
			}
		}
	})
}

// AWS may check a start without a version against its number, which nobody may
// start.
func TestEveryCommandThatStartsARunbookNamesTheCurrentVersion(t *testing.T) {
	files := slices.Concat([]string{"../README.md"}, must(filepath.Glob("../docs/*.md")), must(filepath.Glob("../stacks/response/runbooks/*.yaml")))
	commands := 0
	for _, file := range files {
		for _, line := range strings.Split(read(t, file), "\n") {
			if strings.Contains(line, "start-automation-execution --document-name") {
				commands++
				require.Contains(t, line, " --document-version '$DEFAULT'", file)
			}
		}
	}
	require.Greater(t, commands, 20)
}

func TestAnOperatorFindsTheRunbooksInTheConsole(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		require.Equal(t, allows, can(t, env, "Operator", "ssm:ListDocuments", "*"))
		for _, action := range []string{"DescribeDocument", "DescribeDocumentParameters", "GetDocument", "ListDocumentVersions"} {
			require.Equal(t, allows, can(t, env, "Operator", "ssm:"+action, ssmARN+"document/PROJECT-SUFFIX-isolate-edge"), action)
			require.Equal(t, neutral, can(t, env, "Operator", "ssm:"+action, ssmARN+"document/PROJECT-SUFFIX-eu-isolate-edge"), action)
		}
	})
}

func TestAnOperatorFindsAndClosesOpsItems(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		require.Equal(t, allows, can(t, env, "Operator", "ssm:DescribeOpsItems", "*"))
		for _, action := range []string{"GetOpsItem", "UpdateOpsItem"} {
			const item = ssmARN + "opsitem/oi-0123456789ab"
			require.Equal(t, allows, can(t, env, "Operator", "ssm:"+action, item, ourRun(env)...), action)
			for _, other := range otherRuns(env) {
				require.Equal(t, neutral, can(t, env, "Operator", "ssm:"+action, item, other...), "%s %s", action, other)
			}
		}
	})
}

// CloudFormation reads the groups and their rules with the permissions of
// whoever detects drift.
func TestAnOperatorSeesWhichRulesCloudFormationCallsDeleted(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		const stack = "arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/PROJECT-SUFFIX-security-groups/0a1b2c3d"
		for _, action := range []string{"DetectStackDrift", "DetectStackResourceDrift", "DescribeStackResourceDrifts"} {
			require.Equal(t, allows, can(t, env, "Operator", "cloudformation:"+action, stack), action)
		}
		for _, action := range []string{
			"cloudformation:BatchDescribeTypeConfigurations", "cloudformation:DescribeStackDriftDetectionStatus",
			"ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups",
		} {
			require.Equal(t, allows, can(t, env, "Operator", action, "*"), action)
		}
	})
}

// everyApproval checks each step of the environment that asks for an approval.
func everyApproval(t *testing.T, env *environment, check func(step any)) {
	t.Helper()
	asked := 0
	for _, r := range runbooksOf(t, env) {
		for _, step := range at(t, r.Properties, "Content", "mainSteps").([]any) {
			if at(t, step, "action") == "aws:approve" {
				asked++
				check(step)
			}
		}
	}
	require.Positive(t, asked)
}

func TestEveryApprovalIsAskedOfTheApproversAndEnds(t *testing.T) {
	ofPeople(t, func(t *testing.T, env *environment) {
		everyApproval(t, env, func(step any) {
			require.Equal(t, []string{"Approver.Arn"}, readableList(t, env, at(t, step, "inputs", "Approvers")))
			require.EqualValues(t, 1, at(t, step, "inputs", "MinRequiredApprovals"))
			require.Contains(t, step, "timeoutSeconds", "SSM waits a week")
		})
	})
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
	ofPeople(t, func(t *testing.T, env *environment) {
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
	ofPeople(t, func(t *testing.T, env *environment) {
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
