package test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// detection are the types of the account-level services, of which an account
// has one in a region.
var detection = []string{detector, hub, standard, suppressor, recorder, channel, rule, analyzer, inspector}

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

func TestStandardsWaitForConfigOnlyWhereItIsCreatedToo(t *testing.T) {
	audit := tunedProd(t).stack(t, "audit")

	audit.count(recorder, 0)
	for _, r := range audit.ofType(standard) {
		require.Equal(t, []string{audit.id(hub)}, r.DependsOn)
	}
}

func TestEveryStandardThatCanBeChosenIsKnown(t *testing.T) {
	unusualProd(t).stack(t, "audit").count(standard, 5)
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
