package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReachAssertsWithStatus1AndALineForEachBreach(t *testing.T) {
	closed := t.TempDir()
	for name, content := range map[string]string{
		"manifest.json": `{"version": "55.0.0", "artifacts": {"a": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.json"}}}}`,
		"a.json":        `{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}}}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(closed, name), []byte(content), 0o600))
	}
	out, err := run("reach", "--assert", closed)
	require.NoError(t, err)
	require.Empty(t, out)

	out, err = run("reach", "--assert", "--ingress", "vpc-origin", "testdata/everything")
	require.ErrorIs(t, err, exitStatus(1))
	require.Contains(t, out, "load balancer web/Balancer has a public address\n")
}

func TestReachPrintsAMatrixOrAPicture(t *testing.T) {
	for format, want := range map[string]string{"text": "FROM \\ TO", "mermaid": "flowchart LR\n"} {
		out, err := run("reach", "--format", format, "testdata/everything")
		require.NoError(t, err)
		require.Contains(t, out, want)
	}
}

func TestReachRefusesWhatItDoesNotKnow(t *testing.T) {
	for line, want := range map[string]string{
		"reach":                               "reach needs DIR, the directory of an assembly, such as cdk.out",
		"reach --format svg cdk.out":          `reach: got --format "svg", want text or mermaid`,
		"reach --ingress none cdk.out":        `reach: got --ingress "none", want internet, cloudfront or vpc-origin`,
		"reach --egress broker cdk.out":       `reach: got --egress "broker", want PORT:TO, such as 5671:10.2.0.0/16`,
		"reach --egress 0.5:10.2.0.0 cdk.out": `reach: got --egress "0.5:10.2.0.0", want PORT:TO, such as 5671:10.2.0.0/16`,
		"reach nowhere":                       "nowhere: got nothing, want the directory of an assembly, such as cdk.out",
	} {
		_, err := run(arguments(line)...)
		require.ErrorContains(t, err, want)
	}
}
