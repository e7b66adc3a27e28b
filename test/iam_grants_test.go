package test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"

	"catalog-infra/stacks"
)

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
		`\[iam/TaskRole\] test/iam_grants_test.go:\d+: a grant of s3:PutObject.* to TaskRole has no effect: write the statement for TaskRole in stacks/iam.go`,
		`\[iam/TaskRole\] test/iam_grants_test.go:\d+: a grant of sqs:SendMessage.* to TaskRole has no effect`,
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
	for _, directory := range []string{"../stacks", "../constructs"} {
		require.NoError(t, filepath.WalkDir(directory, func(file string, _ fs.DirEntry, err error) error {
			if filepath.Ext(file) == ".go" && strings.Contains(read(t, file), ".WithoutPolicyUpdates(") {
				dropping = append(dropping, file)
			}
			return err
		}))
	}

	require.Equal(t, []string{"../constructs/network/flow_log.go"}, dropping,
		"a grant to a role by WithoutPolicyUpdates has no effect and says nothing: use permissions.NewClosedRole")
}
