package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/diagram"
)

func newDiagramCommand() *cobra.Command {
	var output string
	command := &cobra.Command{
		Use:   "diagram DIR",
		Short: "Draws an assembly as SVG: architecture, network, and who is notified in an incident",
		Args:  oneArgument("DIR", "the directory of an assembly, such as cdk.out"),
		RunE: func(_ *cobra.Command, args []string) error {
			synthesized, err := assembly.Load(args[0])
			if err != nil {
				return err
			}
			return writePictures(synthesized, output)
		},
	}
	command.Flags().StringVar(&output, "output", ".", "directory to write the pictures into")
	return command
}

// writePictures writes a file for each picture once all are drawn.
func writePictures(synthesized *assembly.Assembly, directory string) error {
	pictures, err := diagram.Draw(synthesized)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	for _, picture := range pictures {
		if err := os.WriteFile(filepath.Join(directory, picture.Name+".svg"), picture.SVG, 0o644); err != nil {
			return err
		}
	}
	return nil
}
