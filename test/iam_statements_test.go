package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// The file has every statement of every policy: who may do what, or by the
// policy of which resource. In it PROJECT-SUFFIX is the environment's name,
// and 897822967062 is AWS's account for load balancers in eu-north-1.
func TestOnlyTheListedStatementsExist(t *testing.T) {
	found := newListing()
	for _, env := range allEnvironments(t) {
		for _, line := range linesOf(statementsOf(t, env)) {
			found.add(line, env.Environment, "")
		}
	}

	statementsGolden.check(t, found)
}

func TestTheApplicationMayOnlyReadItsSecret(t *testing.T) {
	for _, env := range allEnvironments(t) {
		want := []string{
			"iam TaskRolePolicy for TaskRole allows secretsmanager:DescribeSecret, secretsmanager:GetSecretValue on DatabaseSecretAttachment",
		}
		if env.Encryption == config.EncryptionCustomerManaged {
			want = append(want, "iam TaskRolePolicy for TaskRole allows kms:Decrypt on Key.Arn if "+
				"StringEquals kms:EncryptionContext:SecretARN DatabaseSecretAttachment, "+
				"StringEquals kms:ViaService secretsmanager.eu-north-1.amazonaws.com")
		}
		requireSame(t, want, linesOf(identityStatements(t, env, "TaskRole")),
			"Something that the application newly may in %s: if it needs that, add it to this list in test/iam_statements_test.go",
			"Something that the application no longer may in %s: if it needs it no more, take it off this list in test/iam_statements_test.go", env.Environment)
	}
}

// Nothing is added when something new needs a permission to start the tasks:
// the compute stack is given roles that it cannot change.
func TestStartingTheTasksNeedsNoMoreThanTheListedActions(t *testing.T) {
	for _, env := range allEnvironments(t) {
		var actions []string
		for _, s := range identityStatements(t, env, "ExecutionRole") {
			actions = append(actions, s.Actions...)
		}
		want := []string{
			"ecr:GetAuthorizationToken",
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
			"logs:CreateLogStream", "logs:PutLogEvents",
			"secretsmanager:GetSecretValue",
		}
		if env.Encryption == config.EncryptionCustomerManaged {
			want = append(want, "kms:Decrypt") // of the secret, by way of Secrets Manager
		}
		requireSame(t, want, actions,
			"Something that whoever starts the tasks newly may in %s: if that needs it, add it to this list in test/iam_statements_test.go",
			"Something that whoever starts the tasks no longer may in %s: a task may not start; else take it off this list in test/iam_statements_test.go", env.Environment)
	}
}

// Else neither a rollback nor a task that is replaced before a deployment is
// through could pull the image before.
func TestImagesOfEveryRepositoryThatRanCanBePulled(t *testing.T) {
	require.Equal(t, []string{
		"iam ExecutionRolePolicy for ExecutionRole allows ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer " +
			"on arn:aws:ecr:eu-north-1:999999999999:repository/before, arn:aws:ecr:eu-north-1:ACCOUNT:repository/PROJECT-SUFFIX, " +
			"arn:aws:ecr:eu-west-1:111122223333:repository/shared/catalog",
	}, slices.DeleteFunc(linesOf(identityStatements(t, ownImageDev(t), "ExecutionRole")), func(line string) bool {
		return !strings.Contains(line, "ecr:BatchGetImage")
	}))
}

// wildcardActions are the only actions with a wildcard that are allowed, and
// why.
var wildcardActions = map[string]string{
	"kms:*":                "key policies leave a key to the account's own policies: without it nobody could administer the key",
	"kms:GenerateDataKey*": "what the pages of CloudWatch, CloudWatch Logs and CloudTrail ask for",
	"kms:ReEncrypt*":       "what the page of CloudWatch Logs asks for",
	"s3:DeleteObject*":     "empties the log bucket of a disposable environment, versions too",
	"s3:GetBucket*":        "as above",
	"s3:List*":             "as above",
}

func TestNoActionIsAllowedByWildcard(t *testing.T) {
	broken := breaches{}
	for _, env := range allEnvironments(t) {
		for _, s := range allowed(t, env) {
			for _, action := range s.Actions {
				if strings.Contains(action, "*") && wildcardActions[action] == "" {
					broken.add(env, fmt.Sprintf("%s (%s)", action, s.line))
				}
			}
		}
	}
	broken.fail(t, "no action is allowed by a wildcard. Name the actions one by one; "+
		"if it must be a wildcard, say why in wildcardActions of test/iam_statements_test.go")
}

// anyResource are the only actions that are allowed on everything, and why.
var anyResource = map[string]string{
	"ecr:GetAuthorizationToken": "the action knows no resource: the token is the registry's",
	"kms:*":                     "in the policy of a key, * is that key",
	"kms:Decrypt":               "as above",
	"kms:DescribeKey":           "as above",
	"kms:Encrypt":               "as above",
	"kms:GenerateDataKey*":      "as above",
	"kms:ReEncrypt*":            "as above",

	"iam:GetAccountPasswordPolicy": "the action knows no resource: the rules are the account's",
	"iam:ListVirtualMFADevices":    "listing knows no single device",

	"ecs:ListServices": "on the clusters of a condition",
	"ecs:ListTasks":    "as above",

	"cloudwatch:DescribeAlarms":      "without names, which nobody knows by heart, it asks for all",
	"cloudwatch:GetMetricData":       "metrics are no resources",
	"cloudwatch:GetMetricStatistics": "as above",
	"cloudwatch:ListMetrics":         "as above",
	"ecs:DescribeTaskDefinition":     "the action knows no resource; passwords are not in a definition",
	"logs:DescribeLogGroups":         "listing knows no single group",
	"logs:DescribeQueryDefinitions":  "a saved query is no resource",
	"logs:GetQueryResults":           "a query is no resource; starting one is limited to log groups",

	"cloudformation:BatchDescribeTypeConfigurations":   "describing knows no resource",
	"cloudformation:DescribeStackDriftDetectionStatus": "a detection is no resource; starting one is limited to a stack",

	"backup:DescribeBackupJob":  "the action knows no resource",
	"backup:DescribeCopyJob":    "as above",
	"backup:DescribeRestoreJob": "as above",
	"guardduty:GetFindings":     "as above",
	"inspector2:ListFindings":   "as above",

	"cloudtrail:LookupEvents":          "the action knows no resource",
	"ec2:DescribeNetworkInterfaces":    "describing knows no resource",
	"ec2:DescribeSecurityGroupRules":   "as above",
	"ec2:DescribeSecurityGroups":       "as above",
	"logs:DescribeExportTasks":         "as above",
	"ssm:DescribeAutomationExecutions": "as above",
	"ssm:CreateOpsItem":                "an item does not exist before it is opened",
	"ssm:DescribeOpsItems":             "listing knows no single item",
	"ssm:ListDocuments":                "listing knows no single document",
	"access-analyzer:ListAnalyzers":    "listing knows no single analyzer",
	"iam:GenerateCredentialReport":     "the report is the account's",
	"iam:GetAccountSummary":            "as above",
	"iam:GetCredentialReport":          "as above",
	"cloudwatch:PutMetricData":         "in the namespace of a condition",
	"ecs:ListTaskDefinitions":          "the action knows no resource",

	"elasticloadbalancing:DescribeLoadBalancers": "describing knows no resource",
	"elasticloadbalancing:DescribeTargetGroups":  "as above",
	"elasticloadbalancing:DescribeTargetHealth":  "as above",
}

func TestNothingIsAllowedOnEverything(t *testing.T) {
	broken := breaches{}
	for _, env := range allEnvironments(t) {
		for _, s := range allowed(t, env) {
			if !slices.Contains(s.Resources, "*") {
				continue
			}
			for _, action := range s.Actions {
				if anyResource[action] == "" {
					broken.add(env, fmt.Sprintf("%s (%s)", action, s.line))
				}
			}
		}
	}
	broken.fail(t, "nothing is allowed on everything. Name the resource; if the action knows none, say so in anyResource of test/iam_statements_test.go")
}

// Without the condition a service could be talked into using the role on
// behalf of another account.
func TestRolesAreAssumedByServicesForThisAccountOnly(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for _, s := range statementsOf(t, env) {
			if !slices.Contains(s.Actions, "sts:AssumeRole") || s.owner == emptyingRole {
				continue
			}
			if slices.Contains([]string{"Operator", "Approver", "OperatorsPolicy", "ApproversPolicy"}, s.owner) {
				continue // of people: TestARoleIsTakenWithASecondFactorOfTheLastHour
			}
			require.Regexp(t, `^Service [a-z-]+(\.rds)?\.amazonaws\.com$`, strings.Join(s.Principals, ", "), "%s: %s", env.Environment, s.line)
			require.Contains(t, s.Conditions, "StringEquals aws:SourceAccount ACCOUNT", "%s: %s", env.Environment, s.line)
		}
	}
}

// emptyingRole is the role of CDK's function that empties the log bucket of a
// disposable environment. CDK writes it and leaves no choice in it.
const emptyingRole = "CustomS3AutoDeleteObjectsCustomResourceProviderRole"

func TestNoPolicyIsWrittenByAWSOrInsideARole(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for _, role := range resourcesOf(t, env, "AWS::IAM::Role") {
			require.Empty(t, role.Properties["Policies"], "%s %s", env.Environment, role)
			require.Empty(t, role.Properties["ManagedPolicyArns"], "%s %s", env.Environment, role)
		}
		for _, r := range resourcesOf(t, env) {
			require.NotContains(t, []string{"AWS::IAM::User", "AWS::IAM::UserToGroupAddition", "AWS::IAM::AccessKey"}, r.Type, "%s %s",
				env.Environment, r)
			require.NotEqual(t, "AWS::IAM::Policy", r.Type, "%s %s: CDK writes one for a grant; write the statement where the role %s is defined instead",
				env.Environment, r, strings.TrimSuffix(readableID(r.id), "DefaultPolicy"))
		}
	}
}
