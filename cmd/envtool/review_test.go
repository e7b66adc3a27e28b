package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/review"
)

const (
	rotated    = `"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true}}`
	notRotated = `"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": false}}`
	described  = `"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true, "Description": "d"}}`
)

// writeEnvironments writes an assembly for each environment into one directory.
func writeEnvironments(t *testing.T, resources map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range resources {
		require.NoError(t, os.CopyFS(filepath.Join(dir, name), os.DirFS(writeStack(t, content))))
	}
	return dir
}

func TestTheStatusOfAReviewIsTheWorstOfItsEnvironments(t *testing.T) {
	base := writeEnvironments(t, map[string]string{"dev": rotated, "prod": rotated})
	for name, c := range map[string]struct {
		head map[string]string
		want error
		says string
	}{
		"nothing":       {map[string]string{"dev": rotated, "prod": rotated}, nil, "No changes of dev, prod.\n"},
		"a change":      {map[string]string{"dev": rotated, "prod": described}, exitStatus(2), "Nothing needs a second look in the changes of dev, prod.\n"},
		"a second look": {map[string]string{"dev": described, "prod": notRotated}, exitStatus(3), "A second look is needed: protection weakened (1).\nprotection weakened  prod  data/Key"},
		"everywhere":    {map[string]string{"dev": notRotated, "prod": notRotated}, exitStatus(3), "protection weakened  all  data/Key"},
		"a new one":     {map[string]string{"dev": rotated, "prod": rotated, "qa": rotated}, exitStatus(2), "- added Key (AWS::KMS::Key)"},
		"one less":      {map[string]string{"prod": rotated}, exitStatus(3), "\ndev:\nBilled by the hour: 0 encryption keys, before 1 encryption key."},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := run("review", "--base", base, "--head", writeEnvironments(t, c.head))
			require.Equal(t, c.want, err, out)
			require.Contains(t, out, c.says)
		})
	}
}

func TestAReviewIsWrittenInThreeFormats(t *testing.T) {
	base, head := writeStack(t, rotated), writeStack(t, notRotated)
	written := func(format string) string {
		out, err := run("review", "--base", base, "--head", head, "--format", format)
		require.Equal(t, exitStatus(3), err)
		return out
	}
	require.True(t, strings.HasPrefix(written("markdown"), reviewMarker+"\n**A second look is needed: protection weakened (1).**\n\n| verdict |"))
	require.Contains(t, written("markdown"), "| data/Key | the key is not rotated: EnableKeyRotation from true to false ([why](https://docs.aws.amazon.com/")
	require.Contains(t, written("markdown"), "<details><summary>"+filepath.Base(head)+": 1 changed, the bill changes</summary>")

	var read struct{ Environments []reviewed }
	require.NoError(t, json.Unmarshal([]byte(written("json")), &read))
	require.Equal(t, review.Weaker, read.Environments[0].Findings[0].Verdict)
}

func TestAReviewOfNoAssemblyIsRefused(t *testing.T) {
	empty, one := t.TempDir(), writeStack(t, rotated)
	require.NoError(t, os.WriteFile(filepath.Join(empty, "notes.txt"), nil, 0o600))
	many := writeEnvironments(t, map[string]string{"dev": rotated})
	for line, want := range map[string]string{
		"review --base x":                                  "review needs --base DIR and --head DIR (envtool review --help says more)",
		"review --base x --head x --format yaml":           `review: got --format "yaml", want text, markdown or json (envtool review --help says more)`,
		"review --base nowhere --head nowhere":             "nowhere: got no such file or directory, want a directory with an assembly",
		"review --base " + empty + " --head " + empty:      empty + ": got no manifest.json, want an assembly such as cdk.out, or a directory with one for each environment",
		"review --base " + one + " --head " + many:         "got an assembly and a directory of assemblies, want two of a kind: " + one + ", " + many,
		"review --base " + one + " --head testdata/quiet/": "",
	} {
		out, err := run(arguments(line)...)
		if want == "" {
			require.ErrorAs(t, err, new(exitStatus))
			continue
		}
		require.EqualError(t, err, want)
		require.Empty(t, out)
	}
}

// A template may have hundreds of findings, and any text.
func TestACommentIsNeitherTooLongNorObeyed(t *testing.T) {
	var before, after []string
	for i := range 400 {
		log := fmt.Sprintf(`"L%s": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": %d`, strings.Repeat("x", i), 2000+i)
		before = append(before, log+"}}")
		after = append(after, strings.Replace(log, `Days": 2`, `Days": 1`, 1)+"}}")
	}
	bad := `, "</details>|@all` + "`" + `*": {"Type": "AWS::SNS::\u001b[2J"}`
	base, head := writeStack(t, strings.Join(before, ",")), writeStack(t, strings.Join(after, ",")+bad)
	out, _ := run("review", "--base", base, "--head", head, "--format", "markdown")

	require.Less(t, len(out), 60_000)
	require.Regexp(t, `Left out, since a comment cannot be longer: \d+ more rows`, out)
	require.Equal(t, strings.Count(out, "<details>"), strings.Count(out, "</details>"))
	require.NotContains(t, out, "@all")

	small := func(format string) string {
		out, _ := run("review", "--base", writeStack(t, rotated), "--head", writeStack(t, rotated+bad), "--format", format)
		return out
	}
	require.Contains(t, small("markdown"), "- added &lt;/details&gt;\\|&#64;all\\`\\* (AWS::SNS:: \\[2J)\n")
	require.NotContains(t, small("text"), "\x1b")
}
