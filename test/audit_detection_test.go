package test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// detection are the types of the account-level services, of which an account
// has one in a region.
var detection = []string{detector, hub, standard, suppressor, recorder, channel, rule, analyzer, inspector}

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
