package test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// detection are the types of the account-level services, of which an account
// has one in a region.
var detection = []string{detector, hub, standard, suppressor, recorder, channel, rule, analyzer, inspector}

func TestProductionOwnsTheAccountsDetection(t *testing.T) {
	audit := reference(t, "prod").stack(t, "audit")

	for _, kind := range []string{detector, hub, recorder, channel, analyzer, inspector} {
		audit.count(kind, 1)
	}
}

// A second one is refused by AWS.
func TestOtherEnvironmentsRelyOnProductionsDetection(t *testing.T) {
	for _, env := range []*environment{reference(t, "dev"), reference(t, "staging"), shortLived(t, "prod")} {
		require.Empty(t, resourcesOf(t, env, detection...), env.Environment)
	}
	// AWS refuses a sixth trail in a region, too.
	for _, env := range []*environment{shortLived(t, "dev"), shortLived(t, "prod")} {
		require.NotContains(t, env.templates, "audit")
		require.Empty(t, resourcesOf(t, env, trail))
	}
}

func TestAnEnvironmentThatOwnsAnythingHasAnAuditStack(t *testing.T) {
	require.Equal(t, []string{inspector}, kindsOf(t, inspectorOnlyDev(t), "audit"))
}

func kindsOf(t *testing.T, env *environment, stack string) []string {
	t.Helper()
	kinds := map[string]bool{}
	for _, r := range env.stack(t, stack).ofType("") {
		kinds[r.Type] = true
	}
	delete(kinds, "AWS::CDK::Metadata")
	return slices.Sorted(maps.Keys(kinds))
}

func TestDestroyingItsOwnerStopsNoDetection(t *testing.T) {
	for _, env := range []*environment{unusualDev(t), reference(t, "prod")} {
		found := resourcesOf(t, env, detection...)
		require.NotEmpty(t, found)
		for _, r := range found {
			require.Equal(t, "RetainExceptOnCreate", r.DeletionPolicy, "%s %s", env.Environment, r)
			require.Equal(t, "Retain", r.UpdateReplacePolicy, "%s %s", env.Environment, r)
		}
	}
}

// AWS refuses data sources beside features, and features know more.
func TestGuardDutyWatchesTheConfiguredPlansAsFeatures(t *testing.T) {
	env := reference(t, "prod")
	var want []any
	for _, plan := range env.Config.Audit.GuardDutyPlans {
		want = append(want, props{"Name": plan, "Status": "ENABLED"})
	}
	require.Len(t, want, 3)
	require.Equal(t, props{
		"Enable":                     true,
		"FindingPublishingFrequency": "FIFTEEN_MINUTES",
		"Features":                   want,
	}, untagged(env.stack(t, "audit").one(detector).Properties))
}

func untagged(properties props) props {
	properties = maps.Clone(properties)
	delete(properties, "Tags")
	return properties
}

func TestSecurityHubChecksTheConfiguredStandardsOnly(t *testing.T) {
	audit := reference(t, "prod").stack(t, "audit")

	audit.has(hub, props{"EnableDefaultStandards": false, "ControlFindingGenerator": "SECURITY_CONTROL"})
	var checked []string
	for _, r := range audit.ofType(standard) {
		arn := readable(t, reference(t, "prod"), r.Properties["StandardsArn"])
		checked = append(checked, arn)
		require.ElementsMatch(t, []string{audit.id(hub), audit.id(recorder), audit.id(channel)}, r.DependsOn,
			"there are no standards without the hub, and no data in one that did not wait for Config")
	}
	require.ElementsMatch(t, []string{
		"arn:aws:securityhub:eu-north-1::standards/aws-foundational-security-best-practices/v/1.0.0",
		"arn:aws:securityhub:eu-north-1::standards/cis-aws-foundations-benchmark/v/3.0.0",
	}, partitioned(checked))
}

func TestStandardsWaitForConfigOnlyWhereItIsCreatedToo(t *testing.T) {
	audit := tunedProd(t).stack(t, "audit")

	audit.count(recorder, 0)
	for _, r := range audit.ofType(standard) {
		require.Equal(t, []string{audit.id(hub)}, r.DependsOn)
	}
}

// partitioned returns ARNs in the partition that everybody uses.
func partitioned(arns []string) []string {
	for i, arn := range arns {
		arns[i] = strings.Replace(arn, "AWS::Partition", "aws", 1)
	}
	return arns
}

func TestEveryStandardThatCanBeChosenIsKnown(t *testing.T) {
	unusualProd(t).stack(t, "audit").count(standard, 5)
}

// Either order makes CloudFormation wait for ever: the one starts when both
// are there.
func TestRecorderAndChannelDoNotWaitForEachOther(t *testing.T) {
	audit := reference(t, "prod").stack(t, "audit")

	require.Empty(t, audit.one(recorder).DependsOn)
	require.NotContains(t, audit.one(channel).DependsOn, audit.id(recorder))
	walk(audit.one(channel).Properties, func(part any) { require.NotEqual(t, ref(audit.id(recorder)), part) })
	walk(audit.one(recorder).Properties, func(part any) { require.NotEqual(t, ref(audit.id(channel)), part) })
}

func TestEveryConfigRuleWaitsForTheRecorderAndIsDescribed(t *testing.T) {
	audit := reference(t, "prod").stack(t, "audit")
	var identifiers []any
	for id, r := range audit.ofType(rule) {
		require.Equal(t, []string{audit.id(recorder)}, r.DependsOn, id)
		require.NotEmpty(t, r.Properties["Description"], id)
		identifiers = append(identifiers, at(t, r.Properties, "Source", "SourceIdentifier"))
	}
	require.Contains(t, identifiers, "VPC_DEFAULT_SECURITY_GROUP_CLOSED", "no template closes the group that AWS makes")
	require.Len(t, identifiers, 6)
}

func TestConfigRecordsEverythingWithItsServiceLinkedRole(t *testing.T) {
	env := reference(t, "prod")
	properties := env.stack(t, "audit").one(recorder).Properties
	require.Equal(t, props{"AllSupported": true, "IncludeGlobalResourceTypes": true}, properties["RecordingGroup"])
	role := readable(t, env, properties["RoleARN"])
	require.True(t, strings.HasSuffix(role, ":iam::ACCOUNT:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"), role)
}

func TestConfigHasABucketOfItsOwn(t *testing.T) {
	audit := reference(t, "prod").stack(t, "audit")
	id := at(t, audit.one(channel).Properties, "S3BucketName", "Ref").(string)
	trails, _ := trailBucket(t, reference(t, "prod"))
	require.NotEqual(t, trails, id)

	policyID, policy := audit.policyOf(id)
	require.Equal(t, "Retain", policy.DeletionPolicy, "without it the recorder that stays could not write")
	require.Equal(t, []string{policyID}, audit.one(channel).DependsOn, "AWS tries to write at once")
}

func TestUnusedAccessIsAnalyzedOnlyWhereAskedFor(t *testing.T) {
	reference(t, "prod").stack(t, "audit").has(analyzer, props{"Type": "ACCOUNT"})

	audit := unusualDev(t).stack(t, "audit")
	audit.count(analyzer, 2)
	audit.has(analyzer, props{"Type": "ACCOUNT"})
	audit.has(analyzer, props{
		"Type":                  "ACCOUNT_UNUSED_ACCESS",
		"AnalyzerConfiguration": props{"UnusedAccessConfiguration": props{"UnusedAccessAge": 90}},
	})
}

func TestEveryImageIsScannedAgainWhenAVulnerabilityBecomesKnown(t *testing.T) {
	reference(t, "prod").stack(t, "audit").has(inspector, props{
		"ScanType": "ENHANCED",
		"Rules": []any{props{
			"ScanFrequency":     "CONTINUOUS_SCAN",
			"RepositoryFilters": []any{props{"Filter": "*", "FilterType": "WILDCARD"}},
		}},
	})
}
