package test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// keyStatements returns the statements of key policies.
func keyStatements(t *testing.T, env *environment) []policyStatement {
	t.Helper()
	found := slices.DeleteFunc(statementsOf(t, env), func(s policyStatement) bool { return s.owner != "Key" })
	require.NotEmpty(t, found)
	return found
}

// unconditional are the only ones that use a key without a condition, and why.
var unconditional = map[string]string{
	"AWS arn:aws:iam::ACCOUNT:root": "AWS's own default, which leaves the key to the account's IAM policies",
	"Service events.amazonaws.com":  "EventBridge sends KMS no key that a condition could use",
}

// Keys are for services and the account, of which a policy names no role: those of
// later stacks would make their stacks depend on each other.
func TestNoKeyPolicyAdmitsEverybody(t *testing.T) {
	for _, env := range append(allEnvironments(t), customerManagedKeysDev(t), shortLived(t, "prod")) {
		for _, s := range keyStatements(t, env) {
			require.Len(t, s.Principals, 1, s.line)
			require.Regexp(t, `^(Service [a-z0-9.-]+|AWS arn:aws:iam::ACCOUNT:root)$`, s.Principals[0], s.line)
			if len(s.Conditions) == 0 {
				require.Contains(t, unconditional, s.Principals[0], s.line)
			}
		}
	}
}

func TestLogsAreEncryptedForLogGroupsOfThisAccountAndRegionOnly(t *testing.T) {
	inEnvironmentsWithKeys(t, func(t *testing.T, env *environment) {
		admitted := map[string][]string{}
		for _, s := range keyStatements(t, env) {
			require.Len(t, s.Principals, 1, s.line)
			if strings.HasPrefix(s.Principals[0], "Service logs.") {
				require.Equal(t, "Service logs.eu-north-1.amazonaws.com", s.Principals[0])
				admitted[s.stack] = append(admitted[s.stack], s.Conditions...)
			}
		}
		want := map[string][]string{}
		for _, group := range resourcesOf(t, env, logGroup) {
			want[group.stack] = []string{"ArnLike kms:EncryptionContext:aws:logs:arn arn:aws:logs:eu-north-1:ACCOUNT:log-group:*"}
		}
		require.Equal(t, want, admitted, "where there is a log group, and nowhere else")
	})
}

// withoutContext are the actions that have no encryption context: under a
// condition about one they are never allowed.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
var withoutContext = []string{"kms:CreateAlias", "kms:DescribeKey", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"}

func TestNoConditionContradictsTheActionsThatItAllows(t *testing.T) {
	for _, env := range append(allEnvironments(t), customerManagedKeysDev(t), secondRegionProd(t)) {
		for _, s := range allowed(t, env) {
			if strings.Contains(strings.Join(s.Conditions, " "), "kms:EncryptionContext") {
				for _, action := range withoutContext {
					require.NotContains(t, s.Actions, action, s.line)
				}
			}
		}
	}
}

// A role may use a key for what it does anyway: by way of a service, or to lend
// it to one.
func TestRolesUseKeysThroughServicesOnly(t *testing.T) {
	inEnvironmentsWithKeys(t, func(t *testing.T, env *environment) {
		users := map[string]bool{}
		for _, s := range statementsOf(t, env) {
			if s.owner == "Key" || !strings.Contains(strings.Join(s.Actions, " "), "kms:") {
				continue
			}
			if s.stack != "response" { // one for each family of runbooks, by whom it tells
				require.NotEmpty(t, s.roles, "the policy of a resource names a key: %s", s.line)
				users[s.roles[0]] = true
			}
			require.Equal(t, []string{"Key.Arn"}, s.Resources, s.line)
			if !slices.Equal(s.Actions, []string{"kms:DescribeKey"}) {
				require.Regexp(t, `StringEquals kms:ViaService (secretsmanager|rds|sns)\.eu-north-1\.amazonaws\.com`, strings.Join(s.Conditions, ", "), s.line)
			}
		}
		want := []string{"ExecutionRole", "TaskRole"}
		if env.Backup.Enabled {
			want = append([]string{"BackupCopyRole", "BackupRestoreRole"}, want...)
		}
		require.Equal(t, want, slices.Sorted(maps.Keys(users)))
	})
}

// A grant stays when its creator's permissions are gone: its holder may still use
// the key. Describing a key is not a grant: with the condition it would be
// refused.
func TestKeysAreGrantedToServicesOfAWSOnly(t *testing.T) {
	lent := map[string]bool{}
	for _, env := range append(allEnvironments(t), secondRegionProd(t)) {
		for _, s := range allowed(t, env) {
			if slices.Contains(s.Actions, "kms:CreateGrant") {
				lent[s.owner] = true
				require.Equal(t, []string{"kms:CreateGrant"}, s.Actions, s.line)
				require.Contains(t, s.Conditions, "Bool kms:GrantIsForAWSResource true", s.line)
			}
		}
	}
	require.Contains(t, lent, "DatabaseRolePolicy")
	require.Contains(t, lent, "PreserveEvidenceRolePolicy")
}

// Each principal that may use RDS may use AWS's key for RDS, without a grant. The
// topic has its own key.
func TestRolesOnlyDescribeAWSManagedKeys(t *testing.T) {
	env := unusualStaging(t)
	var found []string
	for _, s := range statementsOf(t, env) {
		topic := slices.Contains(s.Conditions, "StringEquals kms:ViaService sns.eu-north-1.amazonaws.com")
		if s.owner != "Key" && !topic && strings.Contains(strings.Join(s.Actions, " "), "kms:") {
			found = append(found, s.line)
		}
	}
	require.Equal(t, []string{
		"data BackupCopyRolePolicy for BackupCopyRole allows kms:DescribeKey on arn:aws:kms:eu-north-1:ACCOUNT:key/*",
		"data BackupRestoreRolePolicy for BackupRestoreRole allows kms:DescribeKey on arn:aws:kms:eu-north-1:ACCOUNT:key/*",
	}, found)
}
