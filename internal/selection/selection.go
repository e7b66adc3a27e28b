// Package selection finds out which environment a command is about: by -c, which
// the CDK CLI hands on as JSON, or by a variable. Whatever looks like a slip is
// an error, since the default would be another environment.
package selection

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Default is the environment that is taken where nothing at all was given.
const Default = "dev"

// Environment names an environment.
type Environment struct {
	Suffix string

	// From is what a short-lived environment starts from; empty for one that has
	// a file.
	From string

	// Defaulted reports whether nothing was given.
	Defaulted bool
}

// source is a name by -c and the variable that stands for it.
type source struct{ context, variable string }

var (
	suffixSource = source{"environmentSuffix", "ENVIRONMENT_SUFFIX"}
	fromSource   = source{"environmentFrom", "ENVIRONMENT_FROM"}
)

// Find returns the environment that the process's variables name, among them
// those that the CDK CLI sets. The error has a line for each slip.
func Find() (Environment, error) {
	context, err := readContext()
	if err != nil {
		return Environment{}, err
	}
	suffix, suffixErr := suffixSource.value(context)
	from, fromErr := fromSource.value(context)
	given := suffix != "" || from != "" || suffixErr != nil || fromErr != nil
	slips := append([]error{suffixErr, fromErr}, misspelt(context, given)...)
	if suffix == "" && suffixErr == nil && from != "" {
		slips = append(slips, fmt.Errorf("%s: got %q alone, want %s too: the name of the short-lived environment",
			fromSource.context, from, suffixSource.context))
	}
	if err := errors.Join(slips...); err != nil {
		return Environment{}, err
	}
	if suffix == "" {
		return byDefault(context)
	}
	return Environment{Suffix: suffix, From: from}, nil
}

// value returns what was given, by -c rather than by the variable.
func (s source) value(context map[string]any) (string, error) {
	if value, given := context[s.context]; given {
		text, isText := value.(string)
		if !isText || text == "" {
			return "", fmt.Errorf("-c %s: got %s, want -c %[1]s=NAME", s.context, show(value))
		}
		return text, nil
	}
	text, given := os.LookupEnv(s.variable)
	if given && text == "" {
		return "", fmt.Errorf("%s (SUFFIX and FROM of make): got nothing, want a name, or the variable unset", s.variable)
	}
	return text, nil
}

func show(value any) string {
	if value == "" {
		return "nothing"
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// byDefault refuses the default where the CLI only lists or destroys: the CLI
// drops a -c without =, and a destroy must not take what was not meant. It sends
// the same context for both. A deploy asks before each change.
func byDefault(context map[string]any) (Environment, error) {
	stacks, _ := context["aws:cdk:bundling-stacks"].([]any)
	if os.Getenv("CDK_CLI_VERSION") != "" && len(stacks) == 0 {
		return Environment{}, fmt.Errorf("no -c %s= and no %s: cdk destroy, list and the like take no environment by default, "+
			"want one such as -c %[1]s=%[3]s",
			suffixSource.context, suffixSource.variable, Default)
	}
	return Environment{Suffix: Default, Defaulted: true}, nil
}

// misspelt returns an error for each key by -c that was meant as one of ours.
// Where nothing was given, that is each key that is not CDK's: its keys have a
// colon, or are in foreign.
func misspelt(context map[string]any, given bool) (slips []error) {
	for _, key := range slices.Sorted(maps.Keys(context)) {
		switch {
		case key == suffixSource.context, key == fromSource.context, strings.Contains(key, ":"), slices.Contains(foreign, key):
		case !given, resembles(key):
			slips = append(slips, fmt.Errorf("-c %s: got an unknown key, want %s or %s", key, suffixSource.context, fromSource.context))
		}
	}
	return slips
}

// foreign are the CLI's own keys without a colon.
var foreign = []string{"acknowledged-issue-numbers", "cli-telemetry"}

func resembles(key string) bool {
	key = strings.ToLower(key)
	for _, part := range []string{"environment", "suffix", "from"} {
		if strings.Contains(key, part) {
			return true
		}
	}
	return false
}

// readContext returns what the CLI was given by -c, cdk.json and cdk.context.json.
// What is too long for a variable is in a file.
func readContext() (map[string]any, error) {
	context := map[string]any{}
	if text := os.Getenv("CDK_CONTEXT_JSON"); text != "" {
		if err := add(context, "CDK_CONTEXT_JSON", []byte(text)); err != nil {
			return nil, err
		}
	}
	if file := os.Getenv("CONTEXT_OVERFLOW_LOCATION_ENV"); file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := add(context, file, content); err != nil {
			return nil, err
		}
	}
	return context, nil
}

func add(context map[string]any, name string, content []byte) error {
	var more map[string]any
	if err := json.Unmarshal(content, &more); err != nil || more == nil {
		return fmt.Errorf("%s: got %.40q, want a JSON object, as the CDK CLI writes it", name, content)
	}
	maps.Copy(context, more)
	return nil
}
