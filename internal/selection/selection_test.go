package selection_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"catalog-infra/internal/selection"
)

func set(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range []string{
		"CDK_CONTEXT_JSON", "CONTEXT_OVERFLOW_LOCATION_ENV", "CDK_CLI_VERSION", "ENVIRONMENT_SUFFIX", "ENVIRONMENT_FROM",
	} {
		value, given := variables[name]
		t.Setenv(name, value) // restores it afterwards
		if !given {
			require.NoError(t, os.Unsetenv(name))
		}
	}
}

const suffixAndFrom = `{"environmentSuffix": "pr-17", "environmentFrom": "dev"}`

func TestAnEnvironmentIsNamedBy(t *testing.T) {
	overflow := filepath.Join(t.TempDir(), "context.json")
	require.NoError(t, os.WriteFile(overflow, []byte(suffixAndFrom), 0o600))
	short := selection.Environment{Name: "pr-17", From: "dev"}
	cases := map[string]struct {
		variables map[string]string
		want      selection.Environment
	}{
		"-c":                               {map[string]string{"CDK_CONTEXT_JSON": suffixAndFrom}, short},
		"-c beside so much else":           {map[string]string{"CDK_CONTEXT_JSON": `{}`, "CONTEXT_OVERFLOW_LOCATION_ENV": overflow}, short},
		"variables":                        {map[string]string{"ENVIRONMENT_SUFFIX": "pr-17", "ENVIRONMENT_FROM": "dev"}, short},
		"a variable, and -c for the other": {map[string]string{"ENVIRONMENT_SUFFIX": "pr-17", "CDK_CONTEXT_JSON": `{"environmentFrom": "dev"}`}, short},
		"-c, and a variable for the other": {map[string]string{"CDK_CONTEXT_JSON": `{"environmentSuffix": "pr-17"}`, "ENVIRONMENT_FROM": "dev"}, short},
		"-c rather than the variable": {
			map[string]string{"CDK_CONTEXT_JSON": `{"environmentSuffix": "prod"}`, "ENVIRONMENT_SUFFIX": "staging"},
			selection.Environment{Name: "prod"},
		},
		"-c beside keys that are CDK's or the operator's": {
			map[string]string{"CDK_CONTEXT_JSON": `{"environmentSuffix": "prod", "cli-telemetry": false, "@aws-cdk/core:x": true, "team": "catalog"}`},
			selection.Environment{Name: "prod"},
		},
		"nothing, which is dev": {nil, selection.Environment{Name: "dev", Defaulted: true}},
		"nothing to a CLI that synthesizes": {
			map[string]string{"CDK_CLI_VERSION": "2.1148.1", "CDK_CONTEXT_JSON": `{"cli-telemetry": false, "aws:cdk:bundling-stacks": ["**"]}`},
			selection.Environment{Name: "dev", Defaulted: true},
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			set(t, test.variables)
			found, err := selection.Find()
			require.NoError(t, err)
			require.Equal(t, test.want, found)
		})
	}
}

func TestATypingErrorTakesNoEnvironment(t *testing.T) {
	context := func(text string) map[string]string { return map[string]string{"CDK_CONTEXT_JSON": text} }
	cases := map[string]struct {
		variables map[string]string
		want      string
	}{
		"an empty name by -c":   {context(`{"environmentSuffix": ""}`), `-c environmentSuffix: got nothing, want -c environmentSuffix=NAME`},
		"a name that is a list": {context(`{"environmentSuffix": ["dev"]}`), `-c environmentSuffix: got ["dev"], want -c environmentSuffix=NAME`},
		"a name that is null":   {context(`{"environmentSuffix": null}`), `-c environmentSuffix: got null, want -c environmentSuffix=NAME`},
		"an empty variable": {
			map[string]string{"ENVIRONMENT_SUFFIX": ""},
			`ENVIRONMENT_SUFFIX (SUFFIX and FROM of make): got nothing, want a name, or the variable unset`,
		},
		"a lone base": {
			context(`{"environmentFrom": "dev"}`),
			`environmentFrom: got "dev" alone, want environmentSuffix too: the name of the short-lived environment`,
		},
		"a lone base by a variable": {
			map[string]string{"ENVIRONMENT_FROM": "dev"},
			`environmentFrom: got "dev" alone, want environmentSuffix too: the name of the short-lived environment`,
		},
		"a misspelt key":                  {context(`{"enviromentSuffix": "prod"}`), `-c enviromentSuffix: got an unknown key, want environmentSuffix or environmentFrom`},
		"a short name":                    {context(`{"suffix": "prod"}`), `-c suffix: got an unknown key, want environmentSuffix or environmentFrom`},
		"any other key, and nothing else": {context(`{"stage": "prod"}`), `-c stage: got an unknown key, want environmentSuffix or environmentFrom`},
		"a misspelt base": {
			context(`{"environmentSuffix": "pr-17", "enviromentFrom": "dev"}`),
			`-c enviromentFrom: got an unknown key, want environmentSuffix or environmentFrom`,
		},
		"several mistakes": {
			context(`{"environmentSuffix": "", "environmentFrom": 1, "env-suffix": "a"}`),
			"-c environmentSuffix: got nothing, want -c environmentSuffix=NAME\n" +
				"-c environmentFrom: got 1, want -c environmentFrom=NAME\n" +
				"-c env-suffix: got an unknown key, want environmentSuffix or environmentFrom",
		},
		"nothing to a CLI that destroys or lists": {
			map[string]string{"CDK_CLI_VERSION": "2.1148.1", "CDK_CONTEXT_JSON": `{"aws:cdk:bundling-stacks": []}`},
			`no -c environmentSuffix= and no ENVIRONMENT_SUFFIX: cdk destroy, list and the like take no environment by default, want one such as -c environmentSuffix=dev`,
		},
		"a context that is a list": {context(`["dev"]`), `CDK_CONTEXT_JSON: got "[\"dev\"]", want a JSON object, as the CDK CLI writes it`},
		"a context that is null":   {context(`null`), `CDK_CONTEXT_JSON: got "null", want a JSON object, as the CDK CLI writes it`},
		"a context that is broken": {context(`{"environmentSuffix"`), `CDK_CONTEXT_JSON: got "{\"environmentSuffix\"", want a JSON object, as the CDK CLI writes it`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			set(t, test.variables)
			_, err := selection.Find()
			require.EqualError(t, err, test.want)
		})
	}
}
