package test

import (
	"fmt"
	"maps"
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
			"New permissions of the application in %s: if it needs them, add them to this list in test/iam_statements_test.go",
			"Missing permissions of the application in %s: if it no longer needs them, take them off this list in test/iam_statements_test.go", env.Environment)
	}
}

// Otherwise neither a rollback nor a task that is replaced before a deployment is
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

// anyResource are the only actions that are allowed on everything, by the reason.
var anyResource = map[string][]string{
	"in the policy of a key, * is that key": {
		"kms:*", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*",
	},
	"the action does not support resource-level permissions": {
		"access-analyzer:ListAnalyzers", "backup:DescribeBackupJob", "backup:DescribeCopyJob", "backup:DescribeRestoreJob",
		"cloudformation:BatchDescribeTypeConfigurations", "cloudtrail:LookupEvents", "cloudwatch:GetMetricData",
		"cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules",
		"ec2:DescribeSecurityGroups", "ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions",
		"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
		"guardduty:GetFindings", "iam:GenerateCredentialReport", "iam:GetAccountPasswordPolicy", "iam:GetAccountSummary",
		"iam:GetCredentialReport", "iam:ListVirtualMFADevices", "inspector2:ListFindings", "logs:DescribeExportTasks",
		"logs:DescribeLogGroups", "logs:DescribeQueryDefinitions", "ssm:DescribeAutomationExecutions", "ssm:DescribeOpsItems",
		"ssm:ListDocuments",
	},
	"a condition limits it to clusters of the environment":        {"ecs:ListServices", "ecs:ListTasks"},
	"a condition limits it to the environment's namespace":        {"cloudwatch:PutMetricData"},
	"without names, which nobody knows by heart, it asks for all": {"cloudwatch:DescribeAlarms"},
	"the start is limited to log groups, or to a stack":           {"logs:GetQueryResults", "cloudformation:DescribeStackDriftDetectionStatus"},
	"an item does not exist before it is opened":                  {"ssm:CreateOpsItem"},
}

func TestNothingIsAllowedOnEverything(t *testing.T) {
	excepted, broken := slices.Concat(slices.Collect(maps.Values(anyResource))...), breaches{}
	for _, env := range allEnvironments(t) {
		for _, s := range allowed(t, env) {
			if !slices.Contains(s.Resources, "*") {
				continue
			}
			for _, action := range s.Actions {
				if !slices.Contains(excepted, action) {
					broken.add(env, fmt.Sprintf("%s (%s)", action, s.line))
				}
			}
		}
	}
	broken.fail(t, "nothing is allowed on everything. Name the resource; if the action does not support resource-level permissions, say so in anyResource of test/iam_statements_test.go")
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
