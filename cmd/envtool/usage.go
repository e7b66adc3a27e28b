package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// oneArgument requires one argument. Its name is the one in the command's Use.
func oneArgument(name, meaning string) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 || args[0] == "":
			return usageError(command, "%s needs %s, %s", command.Name(), name, meaning)
		case len(args) > 1:
			return usageError(command, "%s takes one %s, got %q", command.Name(), name, args)
		}
		return nil
	}
}

// noArgument refuses arguments.
func noArgument(command *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(command, "%s takes no argument, got %q", command.Name(), args)
	}
	return nil
}

// usageError returns a message that ends with how to get help.
func usageError(command *cobra.Command, format string, args ...any) error {
	return fmt.Errorf("%s (%s --help says more)", fmt.Sprintf(format, args...), command.CommandPath())
}

// wrongFlag returns the error for an unknown flag, or one without a value.
func wrongFlag(command *cobra.Command, err error) error {
	if command.HasParent() {
		err = fmt.Errorf("%s: %w", command.Name(), err)
	}
	return usageError(command, "%v", err)
}

// withoutCommand prints the help, and refuses unknown commands.
func withoutCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return root.Help()
	}
	var names []string
	for _, command := range root.Commands() {
		if command.IsAvailableCommand() {
			names = append(names, command.Name())
		}
	}
	return usageError(root, "got the command %q, want one of %s", args[0], strings.Join(names, ", "))
}
