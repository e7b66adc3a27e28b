package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"catalog-infra/config"
)

func newRotateCommand() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "rotate-origin-header SUFFIX",
		Short: "Raises the version of an environment's secret header in its file, and says what comes next",
		Args:  oneArgument("SUFFIX", "the name of an environment, such as prod"),
		RunE: func(command *cobra.Command, args []string) error {
			return rotate(command.OutOrStdout(), dir, args[0])
		},
	}
	command.Flags().StringVar(&dir, "environments", "config/environments", "the directory of the environments' files")
	return command
}

// rotate writes the file anew only when all that it will hold is known.
func rotate(out io.Writer, dir, suffix string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: got no such directory, want the repository's root to run in, or the directory in --environments", dir)
	}
	rotation, err := config.RotateOriginHeader(os.DirFS(dir), suffix)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, rotation.File)
	if err := os.WriteFile(path, rotation.Content, 0o644); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: edge.originHeaderVersion is %d, was %d\n", path, rotation.After, rotation.Before)
	if len(rotation.Also) > 0 {
		fmt.Fprintf(out, "raised with it, to be deployed before the next rotation too: %s\n", strings.Join(rotation.Also, ", "))
	}
	_, err = fmt.Fprintf(out, "\nNext, with AWS credentials:\n  make diff SUFFIX=%[1]s\n  make deploy SUFFIX=%[1]s\n", suffix)
	return err
}
