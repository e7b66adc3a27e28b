// Command catalog answers questions about synthesized environments and changes
// their files. It needs neither AWS nor the CDK.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	if err := newCommand().Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "catalog:", err)
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "catalog",
		Short:         "Answers questions about synthesized environments and changes their files, offline",
		Args:          cobra.ArbitraryArgs,
		RunE:          withoutCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(wrongFlag)
	root.AddCommand(newSummaryCommand(), newPreflightCommand(), newRotateCommand())
	return root
}
