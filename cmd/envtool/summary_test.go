package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// run is what a command line prints.
func run(args ...string) (string, error) {
	var out bytes.Buffer
	command := newCommand()
	command.SetOut(&out)
	command.SetErr(&out)
	command.SetArgs(args)
	err := command.Execute()
	return out.String(), err
}

func TestSummary(t *testing.T) {
	for _, name := range []string{"everything", "internal", "quiet"} {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile("testdata/" + name + ".txt")
			require.NoError(t, err)

			got, err := run("summary", "testdata/"+name)

			require.NoError(t, err)
			require.Equal(t, string(want), got)
			for line := range strings.Lines(got) {
				require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 100, line)
			}
		})
	}
}

func TestSummaryHasNotesOnMissingMailAndAccount(t *testing.T) {
	for name, notes := range map[string]bool{"everything": true, "internal": false, "quiet": false} {
		out, err := run("summary", "testdata/"+name)

		require.NoError(t, err)
		require.Equal(t, notes, strings.Contains(out, "no mail about alarms and approvals: alarms.emails is empty, as in every short-lived environment"), name)
		require.Equal(t, notes, strings.Contains(out, "account is not set"), name)
	}
}

func TestSummaryOfNoAssemblyIsOneLine(t *testing.T) {
	out, err := run("summary", "testdata")

	require.EqualError(t, err, "testdata/manifest.json: got nothing, want the manifest of an assembly, such as cdk.out")
	require.Empty(t, out)
}

func TestChargesWrap(t *testing.T) {
	long := []string{"1 apple", "2 pears", "0–3 peaches"}
	cases := map[string]struct {
		items   []string
		columns int
		want    []string
	}{
		"nothing is a dash":                  {nil, 20, []string{"-"}},
		"one line where there is room":       {long, 30, []string{"1 apple, 2 pears, 0–3 peaches"}},
		"no line is wider than the columns":  {long, 17, []string{"1 apple, 2 pears,", "0–3 peaches"}},
		"the comma counts":                   {long, 16, []string{"1 apple,", "2 pears,", "0–3 peaches"}},
		"an item wider than all has its own": {long, 3, []string{"1 apple,", "2 pears,", "0–3 peaches"}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, wrapped(test.items, test.columns))
		})
	}
}
