// Command environments synthesizes as many environments of prod's shape as its
// first argument says, in one process, below the directory that is the second.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/aws/jsii-runtime-go"

	"catalog-infra/config"
	"catalog-infra/stacks"
	"catalog-infra/test/environments"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	defer jsii.Close()
	if len(args) != 2 {
		return fmt.Errorf("got %q, want how many environments, and a directory", args)
	}
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	cfg, _, err := config.Load(environments.Files, "prod", "")
	if err != nil {
		return err
	}
	for n := range count {
		cfg.Environment = fmt.Sprintf("prod-%d", n)
		stacks.NewApp(cfg, filepath.Join(args[1], cfg.Environment)).Synth(nil)
	}
	return nil
}
