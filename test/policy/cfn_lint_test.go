//go:build policy

// The tag keeps Python out of go test: make policy gives it.

// Package policy checks that the gates over the templates refuse what they
// should: one that passes everything looks like one that is passed.
package policy

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const topic = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`

// newAssembly is the directory of an assembly with one template.
func newAssembly(t *testing.T, template string) string {
	t.Helper()
	dir := t.TempDir()
	manifest := `{"artifacts": {"data": {
		"environment": "aws://unknown-account/eu-north-1"
	}}}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(manifest), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data.template.json"), []byte(template), 0o600))
	return dir
}

// cfnLint is what the gate says, and whether it passes. go test would repeat
// an old result after a change to a file that only the gate reads.
func cfnLint(t *testing.T, dirs ...string) (output string, passes bool) {
	t.Helper()
	for _, file := range []string{"cfn_lint.sh", "cfn-lint.yaml", "python.sh", "../../requirements.txt"} {
		_, err := os.Stat(file)
		require.NoError(t, err)
	}
	out, err := exec.Command("./cfn_lint.sh", dirs...).CombinedOutput()
	return string(out), err == nil
}

func TestCfnLintPassesWhatIsRightOrExplained(t *testing.T) {
	t.Parallel()
	explained := newAssembly(t, `{"Resources": {"Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {
		"VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "eu-north-1a"}}}}`)
	restored := newAssembly(t, `{"Resources": {"Cluster": {"Type": "AWS::RDS::DBCluster", "DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot",
		"Properties": {"Engine": "aurora-postgresql", "BackupRetentionPeriod": 7, "SourceDBClusterIdentifier": "prod", "UseLatestRestorableTime": true,
			"MasterUserPassword": "{{resolve:secretsmanager:prod:SecretString:password}}"}}}}`)

	output, passes := cfnLint(t, newAssembly(t, topic), explained, newAssembly(t, topic), restored)

	require.True(t, passes, output)
	require.Contains(t, output, "no finding in 4 templates of 4 assemblies, 3 of them different")
}

func TestCfnLintRefuses(t *testing.T) {
	cases := map[string]struct{ template, finding string }{
		"an error, also where the template excuses it": {`{
			"Metadata": {"cfn-lint": {"config": {"ignore_checks": ["E3002"]}}},
			"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayNme": "Alarms"}}}
		}`, "E3002 Additional properties are not allowed ('DisplayNme' was unexpected"},

		"a warning": {`{
			"Parameters": {"Forgotten": {"Type": "String"}},
			"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}
		}`, "W2001 Parameter Forgotten not used"},

		"data that is lost with its stack": {`{
			"Resources": {"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"Engine": "aurora-postgresql"}}}
		}`, "I3011"},

		"a type that the region does not have": {`{
			"Resources": {"Topic": {"Type": "AWS::SNS::Subject"}}
		}`, "does not exist in 'eu-north-1'"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, passes := cfnLint(t, newAssembly(t, test.template))
			require.False(t, passes, output)
			require.Contains(t, output, test.finding)
		})
	}
}

func TestCfnLintRefusesToCheckNothing(t *testing.T) {
	full, empty := newAssembly(t, topic), newAssembly(t, topic)
	require.NoError(t, os.Remove(filepath.Join(empty, "data.template.json")))
	cases := map[string]struct {
		dirs []string
		says string
	}{
		"no directory":                           {nil, "usage: "},
		"a directory without a template":         {[]string{empty}, empty + ": no template to check"},
		"one such directory beside a better one": {[]string{full, empty}, empty + ": no template to check"},
		"a directory that is missing":            {[]string{"none"}, "none: no template to check"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			output, passes := cfnLint(t, test.dirs...)
			require.False(t, passes, output)
			require.Contains(t, output, test.says)
		})
	}
}
