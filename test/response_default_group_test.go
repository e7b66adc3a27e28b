package test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const removeRules = "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules"

// One of ours is drilled; AWS's are not.
func TestTheOnlyRunbookOfAWSIsThatOfTheDefaultGroup(t *testing.T) {
	for _, env := range allEnvironments(t) {
		var started []string
		for _, r := range resourcesOf(t, env, eventRule) {
			for _, target := range asList(r.Properties["Targets"]) {
				if _, definition, ok := strings.Cut(readable(t, env, at(t, target, "Arn")), "::automation-definition/"); ok {
					started = append(started, definition)
				}
			}
		}
		require.Equal(t, []string{removeRules + ":$DEFAULT"}, started, env.Environment)
	}
}
