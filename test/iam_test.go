package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"catalog-infra/config"
)

// statements is every statement of every policy in every environment: who may
// do what, or by the policy of which resource. In it catalog-api-SUFFIX is the
// environment's name, and 897822967062 is AWS's account for load balancers in
// eu-north-1. Not every environment has the audit stack's.
const statements = `
audit TrailBucketPolicy allows Service cloudtrail.amazonaws.com s3:GetBucketAcl on TrailBucket.Arn if StringEquals aws:SourceArn arn:aws:cloudtrail:eu-north-1:ACCOUNT:trail/catalog-api-SUFFIX
audit TrailBucketPolicy allows Service cloudtrail.amazonaws.com s3:PutObject on TrailBucket.Arn/AWSLogs/ACCOUNT/* if StringEquals aws:SourceArn arn:aws:cloudtrail:eu-north-1:ACCOUNT:trail/catalog-api-SUFFIX, StringEquals s3:x-amz-acl bucket-owner-full-control
audit TrailBucketPolicy denies AWS * s3:* on TrailBucket.Arn, TrailBucket.Arn/* if Bool aws:SecureTransport false
audit TrailLogPolicy for TrailLogRole allows logs:CreateLogStream, logs:PutLogEvents on TrailLogs.Arn
audit TrailLogRole allows Service cloudtrail.amazonaws.com sts:AssumeRole if StringEquals aws:SourceAccount ACCOUNT
data DatabaseSecretPolicy denies AWS arn:aws:iam::ACCOUNT:root secretsmanager:DeleteSecret on *
data LogBucketPolicy allows AWS arn:aws:iam::897822967062:root s3:PutObject on LogBucket.Arn/alb-access-logs/AWSLogs/ACCOUNT/*
data LogBucketPolicy allows Service delivery.logs.amazonaws.com s3:GetBucketAcl on LogBucket.Arn
data LogBucketPolicy allows Service delivery.logs.amazonaws.com s3:PutObject on LogBucket.Arn/alb-access-logs/AWSLogs/ACCOUNT/* if StringEquals s3:x-amz-acl bucket-owner-full-control
data LogBucketPolicy denies AWS * s3:* on LogBucket.Arn, LogBucket.Arn/* if Bool aws:SecureTransport false
iam ExecutionRole allows Service ecs-tasks.amazonaws.com sts:AssumeRole if ArnLike aws:SourceArn arn:aws:ecs:eu-north-1:ACCOUNT:*, StringEquals aws:SourceAccount ACCOUNT
iam ExecutionRolePolicy for ExecutionRole allows ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer on arn:aws:ecr:eu-north-1:ACCOUNT:repository/catalog-api-SUFFIX
iam ExecutionRolePolicy for ExecutionRole allows ecr:GetAuthorizationToken on *
iam ExecutionRolePolicy for ExecutionRole allows logs:CreateLogStream, logs:PutLogEvents on arn:aws:logs:eu-north-1:ACCOUNT:log-group:/aws/ecs/catalog-api-SUFFIX:*
iam ExecutionRolePolicy for ExecutionRole allows secretsmanager:GetSecretValue on DatabaseSecretAttachment
iam TaskRole allows Service ecs-tasks.amazonaws.com sts:AssumeRole if ArnLike aws:SourceArn arn:aws:ecs:eu-north-1:ACCOUNT:*, StringEquals aws:SourceAccount ACCOUNT
iam TaskRolePolicy for TaskRole allows secretsmanager:DescribeSecret, secretsmanager:GetSecretValue on DatabaseSecretAttachment
monitoring Key allows AWS arn:aws:iam::ACCOUNT:root kms:* on *
monitoring Key allows Service cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey* on * if StringEquals aws:SourceAccount ACCOUNT
monitoring Key allows Service events.amazonaws.com kms:Decrypt, kms:GenerateDataKey* on *
monitoring AlarmsTopicPolicy allows Service cloudwatch.amazonaws.com sns:Publish on AlarmsTopic if StringEquals aws:SourceAccount ACCOUNT
monitoring AlarmsTopicPolicy allows Service events.amazonaws.com sns:Publish on AlarmsTopic
monitoring AlarmsTopicPolicy denies * sns:Publish on AlarmsTopic if Bool aws:SecureTransport false
monitoring RestartEventRole allows Service events.amazonaws.com sts:AssumeRole if StringEquals aws:SourceAccount ACCOUNT
monitoring RestartEventRolePolicy for RestartEventRole allows iam:PassRole on RestartRole.Arn if StringEquals iam:PassedToService ssm.amazonaws.com
monitoring RestartEventRolePolicy for RestartEventRole allows ssm:StartAutomationExecution on arn:aws:ssm:eu-north-1:ACCOUNT:automation-definition/RestartTasks:*, arn:aws:ssm:eu-north-1:ACCOUNT:document/RestartTasks
monitoring RestartRole allows Service ssm.amazonaws.com sts:AssumeRole if StringEquals aws:SourceAccount ACCOUNT
monitoring RestartRolePolicy for RestartRole allows ecs:DescribeServices, ecs:UpdateService on ApiService
network NetworkFlowLogPolicy for NetworkFlowLogRole allows logs:CreateLogStream, logs:DescribeLogStreams, logs:PutLogEvents on FlowLogs.Arn
network NetworkFlowLogRole allows Service vpc-flow-logs.amazonaws.com sts:AssumeRole if StringEquals aws:SourceAccount ACCOUNT
network NetworkVpcS3 allows AWS * s3:DeleteObject, s3:GetObject, s3:ListBucket, s3:PutObject on arn:aws:s3:::* if StringEquals aws:ResourceAccount ACCOUNT
network NetworkVpcS3 allows AWS * s3:GetObject on arn:aws:s3:::prod-REGION-starport-layer-bucket/*
`

// statementsOfDisposable are those that a disposable environment has beside
// them: CDK's function that empties the log bucket.
const statementsOfDisposable = `
data CustomS3AutoDeleteObjectsCustomResourceProviderRole allows Service lambda.amazonaws.com sts:AssumeRole
data LogBucketPolicy allows AWS CustomS3AutoDeleteObjectsCustomResourceProviderRole.Arn s3:DeleteObject*, s3:GetBucket*, s3:List*, s3:PutBucketPolicy on LogBucket.Arn, LogBucket.Arn/*
`

// statementsOfBackup are those where the database is copied.
const statementsOfBackup = `
data BackupCopyPolicy for BackupCopyRole allows backup:CopyIntoBackupVault, backup:DescribeBackupVault on BackupVault.BackupVaultArn
data BackupCopyPolicy for BackupCopyRole allows rds:AddTagsToResource, rds:CreateDBClusterSnapshot, rds:ListTagsForResource on arn:aws:rds:eu-north-1:ACCOUNT:cluster-snapshot:awsbackup:*, arn:aws:rds:eu-north-1:ACCOUNT:cluster:DatabaseCluster
data BackupCopyPolicy for BackupCopyRole allows rds:DeleteDBClusterSnapshot, rds:ModifyDBClusterSnapshotAttribute on arn:aws:rds:eu-north-1:ACCOUNT:cluster-snapshot:awsbackup:*
data BackupCopyPolicy for BackupCopyRole allows rds:DescribeDBClusterAutomatedBackups, rds:DescribeDBClusterSnapshots, rds:DescribeDBClusters on arn:aws:rds:eu-north-1:ACCOUNT:cluster-auto-backup:*, arn:aws:rds:eu-north-1:ACCOUNT:cluster-snapshot:*, arn:aws:rds:eu-north-1:ACCOUNT:cluster:*
data BackupCopyRole allows Service backup.amazonaws.com sts:AssumeRole if StringEquals aws:SourceAccount ACCOUNT
data BackupRestorePolicy for BackupRestoreRole allows rds:AddTagsToResource, rds:ListTagsForResource, rds:RestoreDBClusterFromSnapshot on arn:aws:rds:eu-north-1:ACCOUNT:cluster-pg:default.*, arn:aws:rds:eu-north-1:ACCOUNT:cluster-snapshot:awsbackup:*, arn:aws:rds:eu-north-1:ACCOUNT:cluster:awsbackup-restore-test-*, arn:aws:rds:eu-north-1:ACCOUNT:og:default:*, arn:aws:rds:eu-north-1:ACCOUNT:subgrp:DatabaseClusterSubnets
data BackupRestorePolicy for BackupRestoreRole allows rds:DeleteDBCluster on arn:aws:rds:eu-north-1:ACCOUNT:cluster:awsbackup-restore-test-*
data BackupRestorePolicy for BackupRestoreRole allows rds:DescribeDBClusterSnapshots, rds:DescribeDBClusters on arn:aws:rds:eu-north-1:ACCOUNT:cluster-snapshot:*, arn:aws:rds:eu-north-1:ACCOUNT:cluster:*
data BackupRestoreRole allows Service backup.amazonaws.com sts:AssumeRole if StringEquals aws:SourceAccount ACCOUNT
`

// statementsOfKeys are those of customer-managed keys and of who works with
// them. Not every environment has the audit stack's.
const statementsOfKeys = `
audit Key allows AWS arn:aws:iam::ACCOUNT:root kms:* on *
audit Key allows Service cloudtrail.amazonaws.com kms:DescribeKey on * if StringEquals aws:SourceArn arn:aws:cloudtrail:eu-north-1:ACCOUNT:trail/catalog-api-SUFFIX
audit Key allows Service cloudtrail.amazonaws.com kms:GenerateDataKey* on * if StringEquals aws:SourceArn arn:aws:cloudtrail:eu-north-1:ACCOUNT:trail/catalog-api-SUFFIX, StringLike kms:EncryptionContext:aws:cloudtrail:arn arn:aws:cloudtrail:*:ACCOUNT:trail/catalog-api-SUFFIX
audit Key allows Service logs.eu-north-1.amazonaws.com kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt* on * if ArnLike kms:EncryptionContext:aws:logs:arn arn:aws:logs:eu-north-1:ACCOUNT:log-group:*
compute Key allows AWS arn:aws:iam::ACCOUNT:root kms:* on *
compute Key allows Service logs.eu-north-1.amazonaws.com kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt* on * if ArnLike kms:EncryptionContext:aws:logs:arn arn:aws:logs:eu-north-1:ACCOUNT:log-group:*
data Key allows AWS arn:aws:iam::ACCOUNT:root kms:* on *
data Key allows Service logs.eu-north-1.amazonaws.com kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt* on * if ArnLike kms:EncryptionContext:aws:logs:arn arn:aws:logs:eu-north-1:ACCOUNT:log-group:*
iam ExecutionRolePolicy for ExecutionRole allows kms:Decrypt on Key.Arn if StringEquals kms:EncryptionContext:SecretARN DatabaseSecretAttachment, StringEquals kms:ViaService secretsmanager.eu-north-1.amazonaws.com
iam TaskRolePolicy for TaskRole allows kms:Decrypt on Key.Arn if StringEquals kms:EncryptionContext:SecretARN DatabaseSecretAttachment, StringEquals kms:ViaService secretsmanager.eu-north-1.amazonaws.com
network Key allows AWS arn:aws:iam::ACCOUNT:root kms:* on *
network Key allows Service logs.eu-north-1.amazonaws.com kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt* on * if ArnLike kms:EncryptionContext:aws:logs:arn arn:aws:logs:eu-north-1:ACCOUNT:log-group:*
`

// statementsOfBackupKey are those where the copies are encrypted with a
// customer-managed key, statementsOfAWSBackupKey where with AWS's.
const statementsOfBackupKey = `
data BackupCopyPolicy for BackupCopyRole allows kms:CreateGrant on Key.Arn if Bool kms:GrantIsForAWSResource true, StringEquals kms:ViaService rds.eu-north-1.amazonaws.com
data BackupCopyPolicy for BackupCopyRole allows kms:DescribeKey on Key.Arn
data BackupRestorePolicy for BackupRestoreRole allows kms:CreateGrant on Key.Arn if Bool kms:GrantIsForAWSResource true, StringEquals kms:ViaService rds.eu-north-1.amazonaws.com
data BackupRestorePolicy for BackupRestoreRole allows kms:DescribeKey on Key.Arn
`

const statementsOfAWSBackupKey = `
data BackupCopyPolicy for BackupCopyRole allows kms:DescribeKey on arn:aws:kms:eu-north-1:ACCOUNT:key/*
data BackupRestorePolicy for BackupRestoreRole allows kms:DescribeKey on arn:aws:kms:eu-north-1:ACCOUNT:key/*
`

// statementsOfConfig are those where the environment owns AWS Config.
const statementsOfConfig = `
audit ConfigBucketPolicy allows Service config.amazonaws.com s3:GetBucketAcl, s3:ListBucket on ConfigBucket.Arn if StringEquals aws:SourceAccount ACCOUNT
audit ConfigBucketPolicy allows Service config.amazonaws.com s3:PutObject on ConfigBucket.Arn/AWSLogs/ACCOUNT/Config/* if StringEquals aws:SourceAccount ACCOUNT, StringEquals s3:x-amz-acl bucket-owner-full-control
audit ConfigBucketPolicy denies AWS * s3:* on ConfigBucket.Arn, ConfigBucket.Arn/* if Bool aws:SecureTransport false
`

// statementsOfPeople are those of who operates the environment; a short-lived
// one has its model's people.
const statementsOfPeople = `
iam Operator allows AWS arn:aws:iam::ACCOUNT:root sts:AssumeRole if Bool aws:MultiFactorAuthPresent true, NumericLessThan aws:MultiFactorAuthAge 3600
iam OperatorPolicy for Operator allows cloudformation:DescribeStackEvents, cloudformation:DescribeStackResources, cloudformation:DescribeStacks on arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/catalog-api-SUFFIX-audit/*, arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/catalog-api-SUFFIX-compute/*, arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/catalog-api-SUFFIX-data/*, arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/catalog-api-SUFFIX-iam/*, arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/catalog-api-SUFFIX-monitoring/*, arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/catalog-api-SUFFIX-network/*, arn:aws:cloudformation:eu-north-1:ACCOUNT:stack/catalog-api-SUFFIX-security-groups/*
iam OperatorPolicy for Operator allows cloudwatch:DescribeAlarms, cloudwatch:GetMetricData, cloudwatch:GetMetricStatistics, cloudwatch:ListMetrics, ecs:DescribeTaskDefinition, elasticloadbalancing:DescribeLoadBalancers, elasticloadbalancing:DescribeTargetGroups, elasticloadbalancing:DescribeTargetHealth, logs:GetQueryResults on *
iam OperatorPolicy for Operator allows cloudwatch:GetDashboard on arn:aws:cloudwatch::ACCOUNT:dashboard/catalog-api-SUFFIX
iam OperatorPolicy for Operator allows ecs:DescribeClusters, ecs:DescribeServices, ecs:DescribeTasks on arn:aws:ecs:eu-north-1:ACCOUNT:cluster/catalog-api-SUFFIX-compute-*, arn:aws:ecs:eu-north-1:ACCOUNT:service/catalog-api-SUFFIX-compute-*, arn:aws:ecs:eu-north-1:ACCOUNT:task/catalog-api-SUFFIX-compute-*
iam OperatorPolicy for Operator allows ecs:ListServices, ecs:ListTasks on * if ArnLike ecs:cluster arn:aws:ecs:eu-north-1:ACCOUNT:cluster/catalog-api-SUFFIX-compute-*
iam OperatorPolicy for Operator allows logs:DescribeLogStreams, logs:FilterLogEvents, logs:GetLogEvents, logs:StartQuery on arn:aws:logs:eu-north-1:ACCOUNT:log-group:/aws/ecs/catalog-api-SUFFIX:*, arn:aws:logs:eu-north-1:ACCOUNT:log-group:/aws/lambda/catalog-api-SUFFIX-rotation:*, arn:aws:logs:eu-north-1:ACCOUNT:log-group:/aws/rds/cluster/catalog-api-SUFFIX/postgresql:*
iam OperatorPolicy for Operator allows rds:DescribeDBClusters on arn:aws:rds:eu-north-1:ACCOUNT:cluster:catalog-api-SUFFIX
iam OperatorsPolicy for Operators allows sts:AssumeRole on Operator.Arn
iam RequireMFA for Operators allows iam:ChangePassword, iam:EnableMFADevice, iam:GetUser, iam:ListMFADevices, iam:ResyncMFADevice on arn:aws:iam::ACCOUNT:user/${aws:username}
iam RequireMFA for Operators allows iam:CreateVirtualMFADevice on arn:aws:iam::ACCOUNT:mfa/*
iam RequireMFA for Operators allows iam:GetAccountPasswordPolicy, iam:ListVirtualMFADevices on *
iam RequireMFA for Operators denies all but iam:ChangePassword, iam:CreateVirtualMFADevice, iam:EnableMFADevice, iam:GetAccountPasswordPolicy, iam:GetUser, iam:ListMFADevices, iam:ListVirtualMFADevices, iam:ResyncMFADevice, sts:GetSessionToken on * if BoolIfExists aws:MultiFactorAuthPresent false
`

func TestOnlyTheListedStatementsExist(t *testing.T) {
	unlike := changed(t, "staging", func(cfg *config.Config) { cfg.Encryption = config.EncryptionAWSManaged })
	for _, env := range append(everyEnvironment(t), unlike) {
		want := slices.Sorted(slices.Values(listedStatements(env)))
		assert.Equal(t, strings.Join(want, "\n"), strings.Join(linesOf(statementsOf(t, env)), "\n"), env.Suffix)
	}
}

func listedStatements(env *environment) []string {
	listed := strings.Split(strings.TrimSpace(statements), "\n")
	add := func(exist bool, more string) {
		if exist {
			listed = append(listed, strings.Split(strings.TrimSpace(more), "\n")...)
		}
	}
	ownKeys := env.Encryption == config.EncryptionCustomerManaged
	add(env.Lifecycle == config.LifecycleDisposable, statementsOfDisposable)
	add(env.Backup.Copies, statementsOfBackup)
	add(env.Backup.Copies && ownKeys, statementsOfBackupKey)
	add(env.Backup.Copies && !ownKeys, statementsOfAWSBackupKey)
	add(!env.ShortLived, statementsOfPeople)
	add(ownKeys, statementsOfKeys)
	if env.Config.Audit.Trail != config.OwnershipCreate {
		listed = slices.DeleteFunc(listed, func(line string) bool { return strings.HasPrefix(line, "audit ") })
	}
	add(env.Config.Audit.Config == config.OwnershipCreate, statementsOfConfig)
	return listed
}

func TestTheApplicationMayOnlyReadItsSecret(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		want := []string{
			"iam TaskRolePolicy for TaskRole allows secretsmanager:DescribeSecret, secretsmanager:GetSecretValue on DatabaseSecretAttachment",
		}
		if env.Encryption == config.EncryptionCustomerManaged {
			want = append(want, "iam TaskRolePolicy for TaskRole allows kms:Decrypt on Key.Arn if "+
				"StringEquals kms:EncryptionContext:SecretARN DatabaseSecretAttachment, "+
				"StringEquals kms:ViaService secretsmanager.eu-north-1.amazonaws.com")
		}
		assert.ElementsMatch(t, want, linesOf(identityStatements(t, env, "TaskRole")), env.Suffix)
	}
}

// Nothing is added when something new needs a permission to start the tasks:
// the compute stack is given roles that it cannot change.
func TestStartingTheTasksNeedsNoMoreThanTheListedActions(t *testing.T) {
	for _, env := range everyEnvironment(t) {
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
		assert.ElementsMatch(t, want, actions, env.Suffix)
	}
}

func TestAnImageInAnotherRegistryMovesThePermissionToPullIt(t *testing.T) {
	env := changed(t, "dev", func(cfg *config.Config) {
		cfg.Service.Image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shared/catalog:1.2.3"
	})

	assert.Equal(t, []string{
		"iam ExecutionRolePolicy for ExecutionRole allows ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer " +
			"on arn:aws:ecr:eu-west-1:111122223333:repository/shared/catalog",
	}, slices.DeleteFunc(linesOf(identityStatements(t, env, "ExecutionRole")), func(line string) bool {
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
	for _, env := range everyEnvironment(t) {
		for _, s := range allowed(t, env) {
			for _, action := range s.Actions {
				if strings.Contains(action, "*") {
					assert.Contains(t, wildcardActions, action, "%s: %s", env.Suffix, s.line)
				}
			}
		}
	}
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
	"logs:GetQueryResults":           "a query is no resource; starting one is limited to log groups",

	"elasticloadbalancing:DescribeLoadBalancers": "describing knows no resource",
	"elasticloadbalancing:DescribeTargetGroups":  "as above",
	"elasticloadbalancing:DescribeTargetHealth":  "as above",
}

func TestNothingIsAllowedOnEverything(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for _, s := range allowed(t, env) {
			if !slices.Contains(s.Resources, "*") {
				continue
			}
			for _, action := range s.Actions {
				assert.Contains(t, anyResource, action, "%s: %s", env.Suffix, s.line)
			}
		}
	}
}

// Without the condition a service could be talked into using the role on
// behalf of another account.
func TestRolesAreAssumedByServicesForThisAccountOnly(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for _, s := range statementsOf(t, env) {
			if !slices.Contains(s.Actions, "sts:AssumeRole") || s.owner == emptyingRole {
				continue
			}
			if s.owner == "Operator" || s.owner == "OperatorsPolicy" {
				continue // of people: TestWhoeverBecomesOperatorHasShownASecondFactorWithinTheHour
			}
			assert.Regexp(t, `^Service [a-z-]+\.amazonaws\.com$`, strings.Join(s.Principals, ", "), "%s: %s", env.Suffix, s.line)
			assert.Contains(t, s.Conditions, "StringEquals aws:SourceAccount ACCOUNT", "%s: %s", env.Suffix, s.line)
		}
	}
}

// emptyingRole is the role of CDK's function that empties the log bucket of a
// disposable environment. CDK writes it and leaves no choice in it.
const emptyingRole = "CustomS3AutoDeleteObjectsCustomResourceProviderRole"

func TestNoPolicyIsWrittenByAWSOrInsideARole(t *testing.T) {
	for _, env := range everyEnvironment(t) {
		for _, role := range resourcesOf(t, env, "AWS::IAM::Role") {
			assert.Empty(t, role.Properties["Policies"], "%s %s", env.Suffix, role)
			if readableID(role.id) == emptyingRole {
				continue
			}
			assert.Empty(t, role.Properties["ManagedPolicyArns"], "%s %s", env.Suffix, role)
		}
		for _, r := range resourcesOf(t, env) {
			assert.NotContains(t, []string{"AWS::IAM::User", "AWS::IAM::UserToGroupAddition", "AWS::IAM::AccessKey", "AWS::IAM::Policy"}, r.Type, "%s %s", env.Suffix, r)
		}
	}
}

// policyStatement is one statement of a policy, in words that are the same in
// every environment.
type policyStatement struct {
	stack, owner, line string

	// roles, or groups, have the statement. It is nil in the policy of a resource and where
	// it says who may assume a role.
	roles []string

	Effect                                     string
	Principals, Actions, Resources, Conditions []string
	NotActions                                 []string
}

func linesOf(statements []policyStatement) []string {
	var lines []string
	for _, s := range statements {
		lines = append(lines, s.line)
	}
	slices.Sort(lines)
	return lines
}

func allowed(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	return slices.DeleteFunc(statementsOf(t, env), func(s policyStatement) bool { return s.Effect != "Allow" })
}

func identityStatements(t *testing.T, env *environment, role string) []policyStatement {
	t.Helper()
	found := slices.DeleteFunc(statementsOf(t, env), func(s policyStatement) bool { return !slices.Contains(s.roles, role) })
	require.NotEmpty(t, found, role)
	return found
}

// statementsOf are the statements in the properties of all resources: of
// whatever type the resource, no policy goes unseen.
func statementsOf(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	var found []policyStatement
	for _, r := range resourcesOf(t, env) {
		if r.Type == webACL {
			continue // the statements of its rules are not about permissions
		}
		before := len(found)
		for _, document := range policyDocuments(r.Properties) {
			for _, s := range asList(document["Statement"]) {
				found = append(found, newPolicyStatement(t, env, r, s))
			}
		}
		if strings.HasSuffix(r.Type, "Policy") && r.Type != "AWS::ApplicationAutoScaling::ScalingPolicy" && r.Type != "AWS::CloudFront::ResponseHeadersPolicy" {
			require.Greater(t, len(found), before, "no statement found in %s", r)
		}
		require.NotEqual(t, "AWS::Lambda::Permission", r.Type, "not in the inventory: %s", r)
	}
	return found
}

func policyDocuments(value any) []map[string]any {
	var found []map[string]any
	switch value := value.(type) {
	case map[string]any:
		if value["Statement"] != nil {
			return []map[string]any{value}
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			found = append(found, policyDocuments(value[key])...)
		}
	case []any:
		for _, element := range value {
			found = append(found, policyDocuments(element)...)
		}
	}
	return found
}

func newPolicyStatement(t *testing.T, env *environment, r placed, document any) policyStatement {
	t.Helper()
	var raw struct {
		Sid, Effect                 string
		Principal, Action, Resource any
		NotAction                   any
		Condition                   map[string]map[string]any
	}
	decoder := json.NewDecoder(bytes.NewReader(must(json.Marshal(document))))
	decoder.DisallowUnknownFields() // NotResource and the like would be left out
	require.NoError(t, decoder.Decode(&raw), "%s", r)
	s := policyStatement{
		stack: r.stack, owner: readableID(r.id),
		roles:  append(readableList(t, env, r.Properties["Roles"]), readableList(t, env, r.Properties["Groups"])...),
		Effect: raw.Effect, Actions: readableList(t, env, raw.Action), Resources: readableList(t, env, raw.Resource),
		NotActions: readableList(t, env, raw.NotAction),
		Principals: principalsOf(t, env, raw.Principal), Conditions: conditionsOf(t, env, raw.Condition),
	}
	s.line = s.String()
	return s
}

func (s policyStatement) String() string {
	words := []string{s.stack, s.owner}
	add := func(word string, list []string) {
		if len(list) > 0 {
			words = append(words, strings.TrimSpace(word+" "+strings.Join(list, ", ")))
		}
	}
	add("for", s.roles)
	words = append(words, map[string]string{"Allow": "allows", "Deny": "denies"}[s.Effect])
	add("", s.Principals)
	add("", s.Actions)
	add("all but", s.NotActions)
	add("on", s.Resources)
	add("if", s.Conditions)
	return strings.Join(words, " ")
}

func principalsOf(t *testing.T, env *environment, principal any) []string {
	t.Helper()
	kinds, ok := principal.(map[string]any)
	if !ok {
		return readableList(t, env, principal)
	}
	var found []string
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, who := range readableList(t, env, kinds[kind]) {
			found = append(found, kind+" "+who)
		}
	}
	return found
}

func conditionsOf(t *testing.T, env *environment, conditions map[string]map[string]any) []string {
	t.Helper()
	var found []string
	for operator, keys := range conditions {
		for key, value := range keys {
			found = append(found, fmt.Sprintf("%s %s %s", operator, key, strings.Join(readableList(t, env, value), " or ")))
		}
	}
	slices.Sort(found)
	return found
}

func readableList(t *testing.T, env *environment, value any) []string {
	t.Helper()
	var found []string
	for _, element := range asList(value) {
		found = append(found, readable(t, env, element))
	}
	slices.Sort(found)
	return found
}

// asList is a list, or a list of one: policies may leave the brackets out.
func asList(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	}
	return []any{value}
}

// readable is a value as a person would write it: references by name, also
// those to other stacks, and the same in every environment.
func readable(t *testing.T, env *environment, value any) string {
	t.Helper()
	object, ok := value.(map[string]any)
	if !ok {
		return strings.ReplaceAll(fmt.Sprint(value), "catalog-api-"+env.Suffix, "catalog-api-SUFFIX")
	}
	require.Len(t, object, 1, "no reference: %v", object)
	for function, argument := range object {
		switch function {
		case "Ref":
			return readableID(argument.(string))
		case "Fn::GetAtt":
			return readableID(argument.([]any)[0].(string)) + "." + argument.([]any)[1].(string)
		case "Fn::Join":
			parts := argument.([]any)
			var words []string
			for _, part := range parts[1].([]any) {
				words = append(words, readable(t, env, part))
			}
			return strings.Join(words, parts[0].(string))
		case "Fn::ImportValue":
			return readable(t, env, exportedValue(t, env, argument.(string)))
		}
	}
	return string(must(json.Marshal(object)))
}

var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// readableID is a logical id without the hash that CDK appends.
func readableID(id string) string {
	switch id {
	case "AWS::AccountId":
		return "ACCOUNT"
	case "AWS::Region":
		return "REGION"
	}
	return hash.ReplaceAllString(id, "")
}

// exportedValue is what the stack that exports the name has for it.
func exportedValue(t *testing.T, env *environment, name string) any {
	t.Helper()
	for _, stack := range env.Stacks() {
		for _, output := range bodyOf(t, env, *stack.Node().Id()).Outputs {
			output := output.(map[string]any)
			if export, _ := output["Export"].(map[string]any); export["Name"] == name {
				return output["Value"]
			}
		}
	}
	t.Fatalf("nothing exports %s", name)
	return nil
}
