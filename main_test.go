package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Only runs that end before an app is defined are tried here: no node process
// is started. What is synthesized is tested in test/.

func TestMistakesEndTheRunBeforeAnythingIsWritten(t *testing.T) {
	outdir := filepath.Join(t.TempDir(), "cdk.out")
	t.Setenv("CDK_OUTDIR", outdir)
	t.Setenv("CDK_CONTEXT_JSON", `{"environmentSuffix": "Prod_1"}`)

	err := run(false)

	require.ErrorContains(t, err, `environmentSuffix: got "Prod_1", want`)
	require.NoDirExists(t, outdir)
}

func TestEnvironmentIsTakenFrom(t *testing.T) {
	cases := map[string]struct {
		context, variable, variableFrom string
		suffix, from                    string
	}{
		"the CLI's context":                    {`{"environmentSuffix": "pr-17", "environmentFrom": "dev"}`, "", "", "pr-17", "dev"},
		"variables":                            {``, "pr-18", "staging", "pr-18", "staging"},
		"the context rather than variables":    {`{"environmentSuffix": "prod"}`, "pr-18", "staging", "prod", ""},
		"variables where the context has none": {`{"other": true}`, "staging", "", "staging", ""},
		"nothing, which is dev":                {``, "", "", "dev", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("CDK_CONTEXT_JSON", test.context)
			t.Setenv("ENVIRONMENT_SUFFIX", test.variable)
			t.Setenv("ENVIRONMENT_FROM", test.variableFrom)

			suffix, from, err := environment()

			require.NoError(t, err)
			require.Equal(t, test.suffix, suffix)
			require.Equal(t, test.from, from)
		})
	}
}

func TestTakingDevIsSaid(t *testing.T) {
	t.Setenv("CDK_CONTEXT_JSON", "")
	t.Setenv("ENVIRONMENT_SUFFIX", "")
	said, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	stderr := os.Stderr
	os.Stderr = said
	defer func() { os.Stderr = stderr }()

	_, _, err = environment()

	require.NoError(t, err)
	text, err := os.ReadFile(said.Name())
	require.NoError(t, err)
	require.Contains(t, string(text), "taking dev")
}
