package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/controls"
)

func newControlsCommand() *cobra.Command {
	var asked controlsOptions
	command := &cobra.Command{
		Use:   "controls DIR...",
		Short: "Prints how assemblies answer to the security guide, SOC 2, ISO 27001, CIS and AWS Security Hub",
		Long: `Prints how the resources of assemblies, an environment each, answer to the clauses of the security guide, to SOC 2,
ISO 27001 and CIS, and to controls of AWS Security Hub: as tables, or as an OSCAL component definition.

It ends with status 1 if a resource does not comply with a control, and internal/exceptions/exceptions.yaml does not
say why that is meant to be so.`,
		Args: func(command *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError(command, "controls needs DIR, the directory of an assembly, such as cdk.out")
			}
			return nil
		},
		RunE: func(command *cobra.Command, args []string) error {
			write := asked.writer()
			if write == nil {
				return usageError(command, "controls: got --format %q, want markdown or oscal", asked.format)
			}
			report, err := asked.read(args)
			if err != nil {
				return err
			}
			if err := asked.write(command.OutOrStdout(), func(out io.Writer) error { return write(report, out) }); err != nil {
				return err
			}
			return unanswered(report)
		},
	}
	flags := command.Flags()
	flags.StringVar(&asked.format, "format", "markdown", "markdown or oscal")
	flags.StringVar(&asked.output, "output", "", "`file` to write instead of printing")
	flags.StringVar(&asked.guide, "guide", "docs/guide.md", "`file` with the security guide's clauses")
	return command
}

// controlsOptions are the flags of the command.
type controlsOptions struct{ format, output, guide string }

// writer returns the function that writes the format; nil for an unknown one.
func (o controlsOptions) writer() func(*controls.Report, io.Writer) error {
	switch o.format {
	case "markdown":
		return (*controls.Report).WriteMarkdown
	case "oscal":
		return o.writeOSCAL
	}
	return nil
}

func (o controlsOptions) read(directories []string) (*controls.Report, error) {
	guide, err := os.ReadFile(o.guide)
	mistakes := []error{err}
	var environments []controls.Environment
	for _, directory := range directories {
		synthesized, err := assembly.Load(directory)
		mistakes = append(mistakes, err)
		if err == nil {
			name := cmp.Or(environmentOf(synthesized), filepath.Base(directory))
			environments = append(environments, controls.Environment{Name: name, Assembly: synthesized})
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return controls.Read(string(guide), environments...)
}

// write writes the file, or to standard output where there is none.
func (o controlsOptions) write(standard io.Writer, write func(io.Writer) error) error {
	if o.output == "" {
		return write(standard)
	}
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	return os.WriteFile(o.output, content.Bytes(), 0o644)
}

// writeOSCAL writes the component definition. The time of its last change stays that of
// the file that is there if nothing else changes.
func (o controlsOptions) writeOSCAL(report *controls.Report, out io.Writer) error {
	definition := report.OSCAL(time.Now())
	if o.output != "" {
		var former controls.ComponentDefinition
		content, err := os.ReadFile(o.output)
		if err == nil && json.Unmarshal(content, &former) == nil && former.Version() == definition.Version() {
			_, err := out.Write(content)
			return err
		}
	}
	return writeJSON(out, definition)
}

// unanswered returns an error with a line for each control that fails without a reason.
func unanswered(report *controls.Report) error {
	failures := report.Failures()
	if len(failures) == 0 {
		return nil
	}
	return fmt.Errorf("want a reason in internal/exceptions/exceptions.yaml, or resources that comply:\n%s", strings.Join(failures, "\n"))
}
