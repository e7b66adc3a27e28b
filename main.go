// Command catalog-infra synthesizes the stacks of one environment, for the CDK
// CLI or by itself:
//
//	npx cdk deploy --all -c environmentSuffix=dev
//	ENVIRONMENT_SUFFIX=dev go run .
package main

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/config/environments"
	"catalog-infra/internal/output"
	"catalog-infra/internal/selection"
	"catalog-infra/stacks"
)

func main() { os.Exit(run(os.Args[1:])) }

// run returns the exit status. It always closes the JSII runtime, which unpacked itself
// into the temporary directory when the process started.
func run(args []string) int {
	defer jsii.Close()
	interrupted := closeOnInterrupt()
	err := synthesize(args)
	switch {
	case interrupted.Load():
		return 130 // the shell's for SIGINT
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// closeOnInterrupt closes the JSII runtime at SIGINT or SIGTERM. A running synthesis
// then fails, cleans up, and ends the process. One that is just about to begin starts
// the runtime again, so it is closed a second time.
func closeOnInterrupt() *atomic.Bool {
	var interrupted atomic.Bool
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		interrupted.Store(true)
		jsii.Close()
		time.Sleep(time.Second)
		jsii.Close()
	}()
	return &interrupted
}

// synthesize reads the configuration before it defines the app: a mistake leaves
// nothing behind.
func synthesize(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("catalog-infra: got %q, want no arguments: "+
			"-c environmentSuffix=NAME of the CDK CLI, or ENVIRONMENT_SUFFIX, names the environment", args)
	}
	selected, err := selection.Find()
	if err != nil {
		return err
	}
	if selected.Defaulted {
		fmt.Fprintf(os.Stderr, "no -c environmentSuffix= and no ENVIRONMENT_SUFFIX: taking %s\n", selected.Name)
	}
	cfg, warnings, err := config.Load(environments.Files, selected.Name, selected.From)
	for _, warning := range warnings {
		fmt.Fprintln(os.Stderr, "warning:", warning)
	}
	if err != nil {
		return err
	}
	return write(cfg)
}

// write writes the assembly. The CDK CLI has prepared and locked the directory
// that it names; any other becomes the assembly once that is whole.
func write(cfg config.Config) error {
	dir := cmp.Or(os.Getenv("CDK_OUTDIR"), "cdk.out")
	if os.Getenv("CDK_CLI_VERSION") != "" {
		return define(cfg, dir)
	}
	inputs, err := inputsOf(cfg)
	if err != nil {
		return err
	}
	written, err := output.Write(dir, inputs, func(dir string) error { return define(cfg, dir) })
	if err == nil && !written {
		fmt.Fprintf(os.Stderr, "%s: nothing has changed since it was synthesized\n", dir)
	}
	return err
}

// inputsOf returns a hash of everything that templates are made from: the
// configuration, and this executable, which has the rest compiled in.
func inputsOf(cfg config.Config) (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	executable, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	inputs := fmt.Sprintf("%+v %d %d", cfg, executable.Size(), executable.ModTime().UnixNano())
	return fmt.Sprintf("%x", sha256.Sum256([]byte(inputs))), nil
}

// newApp is replaced by tests.
var newApp = stacks.NewApp

// define defines the app and writes its assembly.
func define(cfg config.Config, dir string) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = refusal(thrown)
		}
	}()
	newApp(cfg, dir).Synth(nil)
	return nil
}

// refusal returns what CDK throws as an error: JSII throws errors, which are about
// the input, and their stack trace would be JSII's. Anything else is a mistake of
// this program. It is thrown again, so that Go prints the stack trace and exits with
// status 2.
func refusal(thrown any) error {
	err, isError := thrown.(error)
	var mistake runtime.Error
	if !isError || errors.As(err, &mistake) {
		panic(thrown)
	}
	return err
}
