package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUsageErrorsSayOfWhatAndHowToGetHelp(t *testing.T) {
	const help = " --help says more)"
	for line, want := range map[string]string{
		"summary":                  "summary needs DIR, the directory of an assembly, such as cdk.out (envtool summary" + help,
		"summary ''":               "summary needs DIR, the directory of an assembly, such as cdk.out (envtool summary" + help,
		"summary cdk.out x":        `summary takes one DIR, got ["cdk.out" "x"] (envtool summary` + help,
		"summary --all x":          "summary: unknown flag: --all (envtool summary" + help,
		"summary -x":               "summary: unknown shorthand flag: 'x' in -x (envtool summary" + help,
		"preflight prod":           `preflight takes no argument, got ["prod"] (envtool preflight` + help,
		"preflight --environments": "preflight: flag needs an argument: --environments (envtool preflight" + help,
		"--all":                    "unknown flag: --all (envtool" + help,
	} {
		t.Run(line, func(t *testing.T) {
			out, err := run(arguments(line)...)
			require.EqualError(t, err, want)
			require.Empty(t, out)
		})
	}
}

// The commands there are depend on the version; each must be named.
func TestUnknownCommandIsAnsweredWithTheKnown(t *testing.T) {
	_, err := run("sumary", "cdk.out")
	require.ErrorContains(t, err, `got the command "sumary", want one of `)
	require.ErrorContains(t, err, "(envtool --help says more)")
	for _, command := range newCommand().Commands() {
		require.ErrorContains(t, err, command.Name())
	}
}

func TestWithoutCommandThereIsHelp(t *testing.T) {
	out, err := run()
	require.NoError(t, err)
	require.Contains(t, out, "summary")
}

// arguments splits a line as a shell would, as far as these lines need it.
func arguments(line string) []string {
	args := strings.Fields(line)
	for i, arg := range args {
		args[i] = strings.Trim(arg, "'")
	}
	return args
}
