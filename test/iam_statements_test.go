package test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/stacks"
)

// The file has every statement of every policy: who may do what, or by the
// policy of which resource. In it PROJECT-SUFFIX is the environment's name,
// and 897822967062 is AWS's account for load balancers in eu-north-1.
func TestOnlyTheListedStatementsExist(t *testing.T) {
	found := listing{}
	for _, env := range allEnvironments(t) {
		for _, line := range linesOf(statementsOf(t, env)) {
			found.add(line, env.Environment)
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
		"compute ImageRepositories700d1445 for ExecutionRole allows ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer " +
			"on arn:aws:ecr:eu-north-1:999999999999:repository/before, arn:aws:ecr:eu-west-1:111122223333:repository/shared/catalog",
		"iam ExecutionRolePolicy for ExecutionRole allows ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer " +
			"on arn:aws:ecr:eu-north-1:ACCOUNT:repository/PROJECT-SUFFIX",
	}, slices.DeleteFunc(linesOf(identityStatements(t, ownImageDev(t), "ExecutionRole")), func(line string) bool {
		return !strings.Contains(line, "ecr:BatchGetImage")
	}))
	require.Len(t, granted(t, unusualProd(t), "ExecutionRole", "ecr:BatchGetImage"), 2, "the environment's repository and one other")
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

// anyResource are the only actions that are allowed on everything, by the reason, beside those
// that AWS cannot limit to a resource.
var anyResource = map[string][]string{
	"in the policy of a key, * is that key": {
		"kms:*", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*",
	},
	"what it could be limited to is no metric of AWS's services":  {"cloudwatch:GetMetricData", "cloudwatch:ListMetrics"},
	"a condition limits it to clusters of the environment":        {"ecs:ListTasks"},
	"a condition limits it to the environment's namespace":        {"cloudwatch:PutMetricData"},
	"without names, which nobody knows by heart, it asks for all": {"cloudwatch:DescribeAlarms"},
	"the start is limited to log groups":                          {"logs:GetQueryResults"},
}

func TestNothingIsAllowedOnEverything(t *testing.T) {
	excepted, broken := slices.Concat(slices.Collect(maps.Values(anyResource))...), breaches{}
	for _, env := range allEnvironments(t) {
		for _, s := range allowed(t, env) {
			if !slices.Contains(s.Resources, "*") {
				continue
			}
			for _, action := range s.Actions {
				if !slices.Contains(excepted, action) && !onNoResource(action) {
					broken.add(env, fmt.Sprintf("%s (%s)", action, s.line))
				}
			}
		}
	}
	broken.fail(t, "nothing is allowed on everything. Name the resource; if that is not possible, say why in anyResource of test/iam_statements_test.go")
}

// Without the condition a service could be talked into using the role on
// behalf of another account.
func TestRolesAreAssumedByServicesForThisAccountOnly(t *testing.T) {
	for _, env := range environmentsWithEverySetting(t) {
		for _, s := range statementsOf(t, env) {
			if !slices.Contains(s.Actions, "sts:AssumeRole") || s.owner == emptyingRole {
				continue
			}
			if slices.Contains([]string{"Operator", "Approver", "OperatorsPolicy", "ApproversPolicy"}, s.owner) {
				continue // of people: TestARoleIsTakenWithASecondFactorOfTheLastHour
			}
			require.Regexp(t, `^Service [a-z-]+(\.rds)?\.amazonaws\.com$`, strings.Join(s.Principals, ", "), "%s: %s", env.Environment, s.line)
			condition := "StringEquals aws:SourceAccount ACCOUNT"
			if s.owner == "IngressShiftingRole" { // AWS does not say whether ECS names the account
				condition = "StringEqualsIfExists aws:SourceAccount ACCOUNT"
			}
			require.Contains(t, s.Conditions, condition, "%s: %s", env.Environment, s.line)
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

// The roles of tasks and people have their policies where they are defined. CDK
// would drop what a later stack grants to them, and nobody would know before a
// task is refused.
func TestAGrantWithoutEffectIsRefusedInWordsThatNameTheFile(t *testing.T) {
	app := stacks.NewApp(loaded(t, "staging", ""), must(os.MkdirTemp(assemblies, "grants")))
	later := awscdk.NewStack(app.App, jsii.String("later"), &awscdk.StackProps{Env: &awscdk.Environment{Region: app.IAM.Region()}})
	awss3.NewBucket(later, jsii.String("Uploads"), nil).GrantPut(app.IAM.TaskRole, nil)
	awssqs.NewQueue(later, jsii.String("Queue"), nil).GrantSendMessages(app.Compute.Service.Fargate.TaskDefinition().TaskRole())
	awssecretsmanager.NewSecret(later, jsii.String("APIKey"), nil).GrantRead(app.IAM.ExecutionRole, nil)
	reports := awss3.NewBucket(later, jsii.String("Reports"), nil)
	reports.GrantDelete(app.IAM.Operator, nil)
	reports.GrantDelete(app.IAM.ExecutionRole, nil)
	app.IAM.TaskRole.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("ReadOnlyAccess")))
	awsiam.NewPolicy(later, jsii.String("Inline"), &awsiam.PolicyProps{Roles: &[]awsiam.IRole{app.IAM.TaskRole}})

	refused := caught(func() { app.Synth(nil) })

	for _, want := range []string{
		`\[iam/TaskRole\] test/iam_statements_test.go:\d+: a grant of s3:PutObject.* to TaskRole has no effect: write the statement for TaskRole in stacks/iam.go`,
		`\[iam/TaskRole\] test/iam_statements_test.go:\d+: a grant of sqs:SendMessage.* to TaskRole has no effect`,
		`\[iam/ExecutionRole\] .*: a grant of secretsmanager:GetSecretValue.* to ExecutionRole has no effect`,
		`\[iam/ExecutionRole\] .*: a grant of s3:DeleteObject.* to ExecutionRole has no effect`,
		`\[iam/Operator\] .*: a grant of s3:DeleteObject.* to Operator has no effect: write the statement for Operator in stacks/iam.go`,
		`TaskRole takes no policy from elsewhere: write`,
		`TaskRole takes no inline policy: write`,
	} {
		require.Regexp(t, want, refused)
	}
	require.FileExists(t, "../stacks/iam.go")
}

// The flow log drops CDK's own grant: its policy is beside the role, and no other
// file uses the role.
func TestNoOtherRoleDropsGrantsSilently(t *testing.T) {
	var dropping []string
	for _, file := range projectFiles(t) {
		if filepath.Ext(file) == ".go" && !strings.HasPrefix(file, "../test/") && strings.Contains(read(t, file), ".WithoutPolicyUpdates(") {
			dropping = append(dropping, file)
		}
	}

	require.Equal(t, []string{"../constructs/network/flow_log.go"}, dropping,
		"a grant to a role by WithoutPolicyUpdates has no effect and says nothing: use permissions.NewClosedRole")
}
