package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"

	"catalog-infra/internal/assembly"
	"catalog-infra/internal/parity"
)

// runOptions are the flags of the command.
type runOptions struct{ image, files, schema string }

func newRunCommand() *cobra.Command {
	var asked runOptions
	command := &cobra.Command{
		Use:   "run DIR",
		Short: "Runs an image on this machine as an assembly's task would, and checks the contract of the image",
		Long: `Writes a compose file for the task of an assembly and a PostgreSQL server with the cluster's
parameters, runs it by Docker or Podman, and checks the contract of the image in docs/operations.md.
Each of the task's secrets takes the value of the shell's variable of that name.

Exit status: 0 if no row of the contract is broken, else 1.`,
		Args: oneArgument("DIR", "the directory of an assembly, such as cdk.out"),
		RunE: func(command *cobra.Command, args []string) error {
			rows, err := asked.run(command.Context(), args[0])
			if err != nil {
				return err
			}
			return writeRows(command.OutOrStdout(), rows)
		},
	}
	flags := command.Flags()
	flags.StringVar(&asked.image, "image", "", "the image; by default the one of the assembly")
	flags.StringVar(&asked.files, "files", ".build/run", "the `directory` for the compose file and the database's certificate")
	flags.StringVar(&asked.schema, "schema", "docs/log-contract.schema.json", "the `file` of the log contract's schema")
	return command
}

func (o runOptions) run(ctx context.Context, dir string) ([]parity.Row, error) {
	made, err := assembly.Load(dir)
	if err != nil {
		return nil, err
	}
	task, err := parity.ReadTask(made)
	if err != nil {
		return nil, err
	}
	values, err := task.LocalValues(parity.DatabaseHost, rand.Text(), os.Getenv)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if err := o.write(task, port); err != nil {
		return nil, err
	}
	schema, err := logContract(o.schema)
	if err != nil {
		return nil, err
	}
	engine, err := parity.FindEngine(ctx)
	if err != nil {
		return nil, err
	}
	return o.check(ctx, engine, parity.Checker{
		Task: task, Schema: schema, Secrets: parity.SecretValues(values),
		Idle: time.Duration(task.IdleSeconds+1) * time.Second,
	}, port, values)
}

func (o runOptions) write(task parity.Task, port int) error {
	if err := os.MkdirAll(o.files, 0o755); err != nil {
		return err
	}
	content, err := task.Compose(o.image, port)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.files, parity.ComposeFile), content, 0o644); err != nil {
		return err
	}
	return parity.WriteDatabaseFiles(o.files)
}

// check runs the compose file and removes it again, also after an interrupt.
func (o runOptions) check(
	ctx context.Context, engine string, checker parity.Checker, port int, values map[string]string,
) ([]parity.Row, error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	run, err := parity.Start(ctx, engine, o.files, checker.Task, port, values)
	if err != nil {
		return nil, err
	}
	checker.Subject = run
	rows, err := checker.Check(ctx)
	return rows, errors.Join(err, run.Remove(context.WithoutCancel(ctx)))
}

func writeRows(out io.Writer, rows []parity.Row) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CLAUSE\tRESULT\tFOUND")
	var status error
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\n", row.Clause, row.Result, row.Found)
		if row.Result == parity.Broken {
			status = exitStatus(1)
		}
	}
	return errors.Join(table.Flush(), status)
}

func logContract(file string) (*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	return compiler.Compile(file)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
