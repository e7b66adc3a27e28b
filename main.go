// Command catalog-infra defines the stacks of one environment for the CDK CLI:
//
//	npx cdk deploy --all -c environmentSuffix=dev
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/config/environments"
	"catalog-infra/stacks"
)

func main() {
	check := flag.Bool("check", false, "check the configuration and write nothing")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run reads the configuration before it defines the app, since defining an app
// already creates the directory of its assembly.
func run(checkOnly bool) error {
	suffix, from, err := environment()
	if err != nil {
		return err
	}
	cfg, warnings, err := config.Load(environments.Files, suffix, from)
	for _, warning := range warnings {
		fmt.Fprintln(os.Stderr, "warning:", warning)
	}
	if err != nil || checkOnly {
		return err
	}
	return synth(cfg)
}

// environment is the suffix, and for a short-lived one the environment it
// starts from: by -c, which the CLI hands over as JSON, or by ENVIRONMENT_SUFFIX
// and ENVIRONMENT_FROM.
func environment() (suffix, from string, err error) {
	var context struct {
		EnvironmentSuffix string `json:"environmentSuffix"`
		EnvironmentFrom   string `json:"environmentFrom"`
	}
	if text := os.Getenv("CDK_CONTEXT_JSON"); text != "" {
		if err := json.Unmarshal([]byte(text), &context); err != nil {
			return "", "", fmt.Errorf("CDK_CONTEXT_JSON: %w", err)
		}
	}
	suffix, from = context.EnvironmentSuffix, context.EnvironmentFrom
	if suffix == "" {
		suffix, from = os.Getenv("ENVIRONMENT_SUFFIX"), os.Getenv("ENVIRONMENT_FROM")
	}
	if suffix == "" {
		suffix = "dev"
		fmt.Fprintln(os.Stderr, "no -c environmentSuffix= and no ENVIRONMENT_SUFFIX: taking dev")
	}
	return suffix, from, nil
}

// synth turns CDK's panics into an error: they are about the input, and the
// stack trace would be that of the library.
func synth(cfg config.Config) (err error) {
	defer jsii.Close()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	stacks.NewApp(cfg, "").Synth(nil)
	return nil
}
