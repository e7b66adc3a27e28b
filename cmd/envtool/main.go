// Command envtool answers questions about synthesized environments. It does not need
// the CDK; preflight, prices, release and rehearse --deployed need AWS credentials.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	err := newCommand().Execute()
	var status exitStatus
	if errors.As(err, &status) {
		os.Exit(int(status))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "envtool:", err)
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "envtool",
		Short:         "Answers questions about synthesized environments",
		Args:          cobra.ArbitraryArgs,
		RunE:          withoutCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(wrongFlag)
	root.AddCommand(newSummaryCommand(), newBillCommand(), newPricesCommand(), newPreflightCommand(), newRehearseCommand(),
		newReviewCommand(), newPermissionsCommand(), newReleaseCommand(), newRunCommand(), newDiagramCommand(), newReachCommand(),
		newControlsCommand())
	return root
}
