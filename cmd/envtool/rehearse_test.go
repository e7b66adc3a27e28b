package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/rehearsal"
)

// writeStack writes an assembly of one stack whose bucket is named.
func writeStack(t *testing.T, resources string) string {
	t.Helper()
	return writeAssembly(t, `"data": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "data.json"}}`,
		map[string]string{"data": templateOf(resources)})
}

// writeAssembly writes the stacks of a manifest and their templates, and returns the
// directory.
func writeAssembly(t *testing.T, artifacts string, templates map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	templates["manifest"] = `{"version": "55.0.0", "artifacts": {` + artifacts + `}}`
	for name, content := range templates {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".json"), []byte(content), 0o600))
	}
	return dir
}

const (
	plainTopic  = `"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "a"}}`
	otherTopic  = `"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "b"}}`
	plainBucket = `"Bucket": {"Type": "AWS::S3::Bucket"}`
	plainTable  = `"Table": {"Type": "AWS::DynamoDB::Table"}`
)

func TestTheStatusOfARehearsalSaysWhetherToDeploy(t *testing.T) {
	cases := map[string]struct {
		base, head string
		want       error
		says       string
	}{
		"no change":   {plainTopic, plainTopic, nil, "Nothing changes."},
		"a change":    {plainTopic, otherTopic, exitStatus(2), "1 more changes are fine."},
		"data lost":   {plainTable, plainTopic, exitStatus(3), "data lost  data  delete Table  it is deleted with what it holds"},
		"first":       {"", plainBucket, exitStatus(2), "1 more changes are fine."},
		"destruction": {plainBucket, "", exitStatus(3), "refused  data  delete Bucket  it is deleted only when it is empty"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			args := []string{"rehearse"}
			if test.base != "" {
				args = append(args, "--base", writeStack(t, test.base))
			}
			if test.head != "" {
				args = append(args, "--head", writeStack(t, test.head))
			}
			out, err := run(args...)
			require.Equal(t, test.want, err)
			require.Contains(t, out, test.says)
		})
	}
}

func TestARehearsalNamesWhatHoldsDataAndIsNotKept(t *testing.T) {
	base, head := writeStack(t, plainBucket+", "+plainTopic), writeStack(t, plainBucket+", "+otherTopic)
	out, err := run("rehearse", "--base", base, "--head", head)
	require.Equal(t, exitStatus(2), err)
	require.Contains(t, out, "Resources that hold data: 1 of 1 are kept.\n")

	out, err = run("rehearse", "--base", base, "--head", writeStack(t, plainTopic))
	require.Equal(t, exitStatus(2), err, "AWS refuses to delete a bucket that is not empty")
	require.Contains(t, out, "Resources that hold data: 0 of 1 are kept; delete data/Bucket.\n")
}

func TestARehearsalIsWrittenInThreeFormats(t *testing.T) {
	base, head := writeStack(t, plainTable), writeStack(t, plainTopic)
	rehearse := func(format string) string {
		out, err := run("rehearse", "--base", base, "--head", head, "--format", format)
		require.Equal(t, exitStatus(3), err)
		return out
	}
	require.True(t, strings.HasPrefix(rehearse("markdown"), "**data lost**\n\n| verdict |"))
	require.Contains(t, rehearse("markdown"), "| data lost | data | delete Table | it is deleted with what it holds |")

	var report rehearsal.Report
	require.NoError(t, json.Unmarshal([]byte(rehearse("json")), &report))
	require.Equal(t, rehearsal.DataLost, report.Worst())
}

func TestARehearsalOfNothingIsRefused(t *testing.T) {
	for line, want := range map[string]string{
		"rehearse":                              "rehearse needs --base DIR, --head DIR or both (envtool rehearse --help says more)",
		"rehearse --head nowhere":               "nowhere: got nothing, want the directory of an assembly, such as cdk.out",
		"rehearse --base nowhere":               "nowhere: got nothing, want the directory of an assembly, such as cdk.out",
		"rehearse --head nowhere --format yaml": `rehearse: got --format "yaml", want text, markdown or json (envtool rehearse --help says more)`,
	} {
		out, err := run(arguments(line)...)
		require.EqualError(t, err, want)
		require.Empty(t, out)
		var status exitStatus
		require.NotErrorAs(t, err, &status, "an error is status 1")
	}
}

// writeTwoStacks writes an assembly in which mon imports what api exports, or neither.
func writeTwoStacks(t *testing.T, shared bool) string {
	t.Helper()
	api, mon := `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`, `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`
	if shared {
		api = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Table": {"Type": "AWS::DynamoDB::Table"}},
			"Outputs": {"Out": {"Value": {"Ref": "Table"}, "Export": {"Name": "bucket"}}}}`
		mon = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::ImportValue": "bucket"}}}}}`
	}
	return writeAssembly(t, `"api": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "api.json"}},
		"mon": {"type": "aws:cloudformation:stack", "dependencies": ["api"], "properties": {"templateFile": "mon.json"}}`,
		map[string]string{"api": api, "mon": mon})
}

func TestTheWayIsWrittenForTheDeploymentAndJudged(t *testing.T) {
	way := filepath.Join(t.TempDir(), "way")
	args := []string{"rehearse", "--base", writeTwoStacks(t, true), "--head", writeTwoStacks(t, false), "--way", way}

	out, err := run(args...)
	require.Equal(t, exitStatus(3), err)
	require.Contains(t, out, "deploys first, each by itself: mon.")
	require.Contains(t, out, "On that way: data lost: delete Table in api: it is deleted with what it holds.")
	written, err := os.ReadFile(way)
	require.NoError(t, err)
	require.Equal(t, "mon\n", string(written))

	_, err = run(append(args, "--accept", "data lost")...)
	require.Equal(t, exitStatus(2), err, "what is refused without the way is not refused on it")

	_, err = run("rehearse", "--base", writeTwoStacks(t, true), "--head", writeTwoStacks(t, true), "--way", way)
	require.NoError(t, err)
	written, err = os.ReadFile(way)
	require.NoError(t, err)
	require.Empty(t, written, "an earlier way is not taken again")
}
