package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUsageErrorsSayOfWhatAndHowToGetHelp(t *testing.T) {
	const help = " --help says more)"
	for line, want := range map[string]string{
		"summary":                       "summary needs DIR, the directory of an assembly, such as cdk.out (catalog summary" + help,
		"summary ''":                    "summary needs DIR, the directory of an assembly, such as cdk.out (catalog summary" + help,
		"summary cdk.out x":             `summary takes one DIR, got ["cdk.out" "x"] (catalog summary` + help,
		"summary --all x":               "summary: unknown flag: --all (catalog summary" + help,
		"summary -x":                    "summary: unknown shorthand flag: 'x' in -x (catalog summary" + help,
		"rotate-origin-header":          "rotate-origin-header needs SUFFIX, the name of an environment, such as prod (catalog rotate-origin-header" + help,
		"rotate-origin-header prod dev": `rotate-origin-header takes one SUFFIX, got ["prod" "dev"] (catalog rotate-origin-header` + help,
		"preflight prod":                `preflight takes no argument, got ["prod"] (catalog preflight` + help,
		"rotate-origin-header prod --environments": "rotate-origin-header: flag needs an argument: --environments (catalog rotate-origin-header" + help,
		"--all": "unknown flag: --all (catalog" + help,
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
	require.ErrorContains(t, err, "(catalog --help says more)")
	for _, command := range newCommand().Commands() {
		require.ErrorContains(t, err, command.Name())
	}
}

func TestWithoutCommandThereIsHelp(t *testing.T) {
	out, err := run()
	require.NoError(t, err)
	require.Contains(t, out, "summary")
	require.Contains(t, out, "rotate-origin-header")
}

func TestRotationFromAnotherFolderSaysSo(t *testing.T) {
	_, err := run("rotate-origin-header", "prod")
	require.EqualError(t, err, "config/environments: got no such directory, want the repository's root to run in, or the directory in --environments")
}

// arguments splits a line as a shell would, as far as these lines need it.
func arguments(line string) []string {
	args := strings.Fields(line)
	for i, arg := range args {
		args[i] = strings.Trim(arg, "'")
	}
	return args
}
