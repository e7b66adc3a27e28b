package rehearsal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/rehearsal"
)

const emptied = `"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {%s}}, "Emptier": {"Type": "Custom::S3AutoDeleteObjects", "Properties": {"BucketName": {"Ref": "Bucket"}}}`

func table(properties string) string {
	return `"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {` + properties + `}}`
}

func vault(lock string) string {
	return `"Vault": {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "shop", "LockConfiguration": {` + lock + `}}}`
}

// protectionPairs are about what is deleted, what stays, and what AWS keeps.
var protectionPairs = map[string]pair{
	"a table that is taken out": {app(table("")), app(alarm), rehearsal.DataLost, "it is deleted with what it holds"},
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
	"a table with deletion protection that is taken out": {app(table(`"DeletionProtectionEnabled": true`)), app(alarm),
		rehearsal.Left, "it has deletion protection, so its deletion fails and it stays"},
	"a directory of users with deletion protection": {
		app(`"Users": {"Type": "AWS::Cognito::UserPool", "Properties": {"DeletionProtection": "ACTIVE"}}`),
		app(alarm),
		rehearsal.Left, "its deletion fails",
	},
	"a directory of users without one": {app(`"Users": {"Type": "AWS::Cognito::UserPool", "Properties": {"DeletionProtection": "INACTIVE"}}`),
		app(alarm), rehearsal.DataLost, ""},
	// https://github.com/aws/aws-cdk/issues/3297
	"a bucket that is taken out": {app(fmt.Sprintf(bucket, "")), app(alarm),
		rehearsal.Left, "only if it is empty; else its deletion fails and it stays"},
	"a bucket that is emptied and taken out": {app(fmt.Sprintf(emptied, "")), app(alarm), rehearsal.DataLost, "deleted with what it holds"},
	"a bucket that is taken out and retained": {app(fmt.Sprintf(bucket, `, "DeletionPolicy": "Retain"`)), app(alarm),
		rehearsal.Left, "it is retained"},
	"a bucket that is replaced": {app(fmt.Sprintf(emptied, `"BucketName": "a"`)), app(fmt.Sprintf(emptied, `"BucketName": "b"`)),
		rehearsal.DataLost, "since BucketName cannot change; the old one: it is deleted with what it holds"},
	"a bucket that is replaced and retained": {
		app(fmt.Sprintf(bucket, `, "UpdateReplacePolicy": "Retain", "Properties": {"BucketName": "a"}`)),
		app(fmt.Sprintf(bucket, `, "Properties": {"BucketName": "b"}`)),
		rehearsal.DataLost, "the old one: it is retained and belongs to no stack; the new one is empty",
	},
	"a repository that is taken out": {app(`"R": {"Type": "AWS::ECR::Repository"}`), app(alarm), rehearsal.Left, "only if it is empty"},
	"a repository that is emptied and taken out": {app(`"R": {"Type": "AWS::ECR::Repository", "Properties": {"EmptyOnDelete": true}}`),
		app(alarm), rehearsal.DataLost, "with what it holds"},
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
	"a cluster without a policy": {app(fmt.Sprintf(cluster, "", "")), app(alarm),
		rehearsal.Left, "it is deleted and its last snapshot stays"},
	"an instance by itself without a policy": {app(`"I": {"Type": "AWS::RDS::DBInstance", "Properties": {}}`), app(alarm),
		rehearsal.Left, "its last snapshot stays"},
	"an instance of a cluster without a policy": {app(`"I": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": "shop"}}`),
		app(alarm), rehearsal.Fine, "it is deleted"},
	"a cluster that is deleted without a snapshot": {app(fmt.Sprintf(cluster, "", `, "DeletionPolicy": "Delete"`)), app(alarm),
		rehearsal.DataLost, "with what it holds"},
	"a cluster that is replaced, with a snapshot": {app(fmt.Sprintf(cluster, "", `, "UpdateReplacePolicy": "Snapshot"`)),
		app(strings.Replace(fmt.Sprintf(cluster, "", ""), "shop", "store", 1)),
		rehearsal.DataLost, "its last snapshot stays; the new one is empty"},
	"a cluster that is replaced, without a policy": {app(fmt.Sprintf(cluster, "", "")),
		app(strings.Replace(fmt.Sprintf(cluster, "", ""), "shop", "store", 1)), rehearsal.DataLost, "since DBClusterIdentifier cannot change"},
	// https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
	"a vault that is locked for good": {app(vault(`"MinRetentionDays": 35`)), app(vault(`"MinRetentionDays": 35, "ChangeableForDays": 3`)),
		rehearsal.Irreversible, "after 3 days AWS does not take the lock back"},
	"a vault whose lock is for good and changes": {app(vault(`"MinRetentionDays": 35, "ChangeableForDays": 3`)),
		app(vault(`"MinRetentionDays": 7, "ChangeableForDays": 3`)), rehearsal.Refused, "its lock cannot be changed 3 days after it was made"},
	"a vault whose lock may change": {app(vault(`"MinRetentionDays": 35`)), app(vault(`"MinRetentionDays": 7`)), rehearsal.Fine, ""},
	"a vault that is taken out":     {app(vault("")), app(alarm), rehearsal.Left, "only if it is empty"},
	"the default retention of a locked bucket": becomes(`"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"ObjectLockConfiguration": {"Rule": {"DefaultRetention": {"Days": 9}}}}}`,
		`9`, `8`, rehearsal.Fine, ""),
	"a bucket that is locked from then on": becomes(`"Bucket": {"Type": "AWS::S3::Bucket"}`,
		`"AWS::S3::Bucket"`, `"AWS::S3::Bucket", "Properties": {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}`,
		rehearsal.Irreversible, "the former ObjectLockConfiguration"),
	"a secret of which all is generated": {
		app(`"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}}}`),
		app(alarm),
		rehearsal.Fine, "",
	},
	"a secret with something else in it": {
		app(`"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {"SecretStringTemplate": "{}"}}}`),
		app(alarm),
		rehearsal.DataLost, "it is deleted with what it holds",
	},
}

func TestWhatAWSKeepsStopsADestroy(t *testing.T) {
	cases := map[string]struct {
		base stacks
		want rehearsal.Verdict
		says string
	}{
		"termination protection":        {stacks{{"!a", alarm, ""}}, rehearsal.Refused, "it has termination protection"},
		"nothing that is kept":          {stacks{{"a", alarm, ""}}, rehearsal.Fine, ""},
		"a cluster's protection":        {stacks{{"a", fmt.Sprintf(cluster, `, "DeletionProtection": true`, `, "DeletionPolicy": "Snapshot"`), ""}}, rehearsal.Refused, "it has deletion protection"},
		"a cluster without one":         {stacks{{"a", fmt.Sprintf(cluster, "", `, "DeletionPolicy": "Snapshot"`), ""}}, rehearsal.Left, "its last snapshot stays"},
		"a bucket that nothing empties": {stacks{{"a", fmt.Sprintf(bucket, ""), ""}}, rehearsal.Refused, "only when it is empty"},
		"a bucket that is emptied":      {stacks{{"a", fmt.Sprintf(emptied, ""), ""}}, rehearsal.DataLost, "with what it holds"},
		"a bucket that is locked":       {stacks{{"a", fmt.Sprintf(emptied, `"ObjectLockConfiguration": {"Rule": {}}`), ""}}, rehearsal.Refused, "only when it is empty"},
		"a server's protection":         {stacks{{"a", `"I": {"Type": "AWS::EC2::Instance", "Properties": {"DisableApiTermination": true}}`, ""}}, rehearsal.Refused, "it has deletion protection"},
		"a vault":                       {stacks{{"a", vault(""), ""}}, rehearsal.Refused, "only when it is empty"},
		"a bucket that is retained":     {stacks{{"a", fmt.Sprintf(bucket, `, "DeletionPolicy": "Retain"`), ""}}, rehearsal.Left, "it is retained"},
		"a load balancer's protection":  {stacks{{"a", `"Lb": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]}}`, ""}}, rehearsal.Refused, "it has deletion protection"},
		"a load balancer without one":   {stacks{{"a", `"Lb": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"LoadBalancerAttributes": [{"Key": "access_logs.s3.enabled", "Value": "true"}]}}`, ""}}, rehearsal.Fine, ""},
		"a repository with images":      {stacks{{"a", `"R": {"Type": "AWS::ECR::Repository"}`, ""}}, rehearsal.Refused, "only when it is empty"},
		"a repository that is emptied":  {stacks{{"a", `"R": {"Type": "AWS::ECR::Repository", "Properties": {"EmptyOnDelete": true}}`, ""}}, rehearsal.DataLost, "with what it holds"},
		"consumers that go first":       {stacks{{"api", group("80"), exported}, {"mon", importer, ""}}, rehearsal.Fine, ""},
		"a consumer that stays":         {stacks{{"mon", alarm, ""}, {"api", group("80"), exported}, {"other", alarm, ""}, {"!z", importer, ""}}, rehearsal.Refused, "it has termination protection"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			requireVerdict(t, rehearsal.Destroy(test.base.assembly(t)), test.want, test.says)
		})
	}
}

func TestADestroyStopsWhereItIsRefused(t *testing.T) {
	report := rehearsal.Destroy(stacks{{"a", alarm, ""}, {"!b", alarm, ""}, {"c", alarm, ""}}.assembly(t))
	require.Equal(t, []string{"a"}, report.NotReached)
	require.Equal(t, "c", report.Steps[0].Stack)
}
