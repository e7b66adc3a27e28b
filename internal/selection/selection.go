// Package selection finds out which environment a command is about: by -c, which
// the CDK CLI hands on as JSON, or by a variable. A typing error is refused, since
// the default would be another environment.
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

// Default is the environment that is taken if none is named.
const Default = "dev"

// Environment names an environment.
type Environment struct {
	Name string

	// From is the base environment of a short-lived one, or empty.
	From string

	// Defaulted reports whether none was named.
	Defaulted bool
}

// source is a key of -c, and the variable that has the same meaning.
type source struct{ context, variable string }

var (
	nameSource = source{"environmentSuffix", "ENVIRONMENT_SUFFIX"}
	fromSource = source{"environmentFrom", "ENVIRONMENT_FROM"}
)

// Find returns the environment that the process's variables name, among them those
// that the CDK CLI sets. The error has a line for each mistake.
func Find() (Environment, error) {
	context, err := readContext()
	if err != nil {
		return Environment{}, err
	}
	name, nameErr := nameSource.value(context)
	from, fromErr := fromSource.value(context)
	given := name != "" || from != "" || nameErr != nil || fromErr != nil
	mistakes := append([]error{nameErr, fromErr}, misspelt(context, given)...)
	if name == "" && nameErr == nil && from != "" {
		mistakes = append(mistakes, fmt.Errorf("%s: got %q alone, want %s too: the name of the short-lived environment",
			fromSource.context, from, nameSource.context))
	}
	if err := errors.Join(mistakes...); err != nil {
		return Environment{}, err
	}
	if name == "" {
		return byDefault(context)
	}
	return Environment{Name: name, From: from}, nil
}

// value returns the value of the key, or else of the variable.
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

// byDefault returns the default environment, but refuses it if the CLI only lists or
// destroys, for which it sends the same context. The CLI drops a -c without =, and
// then a destroy would take another environment. A deploy asks before each change.
func byDefault(context map[string]any) (Environment, error) {
	stacks, _ := context["aws:cdk:bundling-stacks"].([]any)
	if os.Getenv("CDK_CLI_VERSION") != "" && len(stacks) == 0 {
		return Environment{}, fmt.Errorf("no -c %s= and no %s: cdk destroy, list and the like take no environment by default, "+
			"want one such as -c %[1]s=%[3]s",
			nameSource.context, nameSource.variable, Default)
	}
	return Environment{Name: Default, Defaulted: true}, nil
}

// misspelt returns an error for each key of -c that resembles one of ours. If none
// of ours is given, that is each key that is not CDK's: CDK's have a colon, or are
// in cliKeys.
func misspelt(context map[string]any, given bool) (mistakes []error) {
	for _, key := range slices.Sorted(maps.Keys(context)) {
		switch {
		case key == nameSource.context, key == fromSource.context, strings.Contains(key, ":"), slices.Contains(cliKeys, key):
		case !given, resembles(key):
			mistakes = append(mistakes, fmt.Errorf("-c %s: got an unknown key, want %s or %s", key, nameSource.context, fromSource.context))
		}
	}
	return mistakes
}

// cliKeys are the CLI's own keys without a colon.
var cliKeys = []string{"acknowledged-issue-numbers", "cli-telemetry"}

func resembles(key string) bool {
	key = strings.ToLower(key)
	for _, part := range []string{"environment", "suffix", "from"} {
		if strings.Contains(key, part) {
			return true
		}
	}
	return false
}

// readContext returns the context of the CLI: from -c, cdk.json and
// cdk.context.json. If it is too long for a variable, the CLI puts it into a file.
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
