package test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// Readers of the documents find the names that CloudFormation generates in the
// outputs of the stacks.
func TestPeopleFindTheRolesAndTheEvidenceByOutputs(t *testing.T) {
	for _, env := range allEnvironments(t) {
		for output, want := range map[[2]string]string{
			{"iam", "OperatorRoleARN"}:     "Operator.Arn",
			{"iam", "ApproverRoleARN"}:     "Approver.Arn",
			{"response", "EvidenceBucket"}: "Evidence",
		} {
			stack, name := output[0], output[1]
			found, ok := env.templates[stack].Template.Outputs[name]
			require.Equal(t, !env.ShortLived, ok, "%s %s", env.Environment, name)
			if ok {
				require.Equal(t, want, readable(t, env, found.Value), env.Environment)
			}
		}
	}
}

// TestEveryOutputThatTheDocumentsAskForExists reads the commands that ask
// CloudFormation for an output of a stack.
func TestEveryOutputThatTheDocumentsAskForExists(t *testing.T) {
	env, asked := reference(t, "prod"), 0
	for _, file := range documents(t) {
		for _, line := range regexp.MustCompile("(?m)^.*OutputKey==.*$").FindAllString(read(t, file), -1) {
			asked++
			words := regexp.MustCompile("--stack-name " + env.Name() + "-(\\S+) .*OutputKey==`(\\w+)`").FindStringSubmatch(asDeployed(line))
			require.Len(t, words, 3, "%s: %s", file, line)
			require.Contains(t, env.templates[words[1]].Template.Outputs, words[2], file)
		}
	}
	require.Positive(t, asked)
}
