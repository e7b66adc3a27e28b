package test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// otherFlags are the feature flags that differ from what CDK recommends, with
// their value. stacks/app.go gives the reasons.
var otherFlags = map[string]any{
	"@aws-cdk/aws-ec2:restrictDefaultSecurityGroup":    false,
	"@aws-cdk/core:defaultCrossStackReferences":        "strong",
	"@aws-cdk/core:enableAdditionalMetadataCollection": false,
	"@aws-cdk/core:target-partitions":                  []any{"aws"},
}

// CDK reports each flag that it knows. An upgrade brings new ones, which are to
// be taken or refused one by one.
func TestFeatureFlagsAreThoseThatCDKRecommendsButForFour(t *testing.T) {
	flags := manifestOf(t, reference(t, "prod")).Artifacts["aws-cdk-lib/feature-flag-report"].Properties.Flags
	require.Greater(t, len(flags), 80, "the report is no longer where it was")
	differing := map[string]any{}
	for name, flag := range flags {
		if !equal(flag.effective(), flag.RecommendedValue) {
			differing[name] = flag.effective()
		}
	}
	require.Equal(t, otherFlags, differing, "set each other flag in stacks/feature_flags.json, and compare the templates before and after")
}

// featureFlag is a line of the report.
type featureFlag struct {
	UserValue, RecommendedValue any
	UnconfiguredBehavesLike     struct{ V2 any }
}

// effective returns what CDK works with. A flag that nobody sets is false,
// unless CDK says otherwise.
func (f featureFlag) effective() any {
	switch {
	case f.UserValue != nil:
		return f.UserValue
	case f.UnconfiguredBehavesLike.V2 != nil:
		return f.UnconfiguredBehavesLike.V2
	}
	return false
}
