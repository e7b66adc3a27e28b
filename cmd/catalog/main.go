// Command catalog answers questions about synthesized environments. It needs
// neither AWS nor the CDK, only the directory that synthesis wrote.
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
		Short:         "Answers questions about synthesized environments, offline",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newSummaryCommand())
	return root
}
