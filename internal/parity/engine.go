package parity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// engines are the programs that run compose files.
var engines = []string{"docker", "podman"}

// FindEngine returns the first engine that answers and has compose. An error is one line
// with why each does not.
func FindEngine(ctx context.Context) (string, error) {
	var reasons []string
	for _, engine := range engines {
		err := answers(ctx, engine)
		if err == nil {
			return engine, nil
		}
		reasons = append(reasons, engine+": "+err.Error())
	}
	return "", fmt.Errorf("no container engine: got %s; want Docker or Podman with compose", strings.Join(reasons, "; "))
}

func answers(ctx context.Context, engine string) error {
	if _, err := exec.LookPath(engine); err != nil {
		return errors.New("not installed")
	}
	if _, err := output(ctx, nil, engine, "info"); err != nil {
		return err
	}
	_, err := output(ctx, nil, engine, "compose", "version")
	return err
}

// output returns what a program writes. An error is the last line of what it says.
func output(ctx context.Context, variables []string, program string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append(os.Environ(), variables...)
	var all bytes.Buffer
	command.Stdout, command.Stderr = &all, &all
	err := command.Run()
	text := strings.TrimSpace(all.String())
	if err != nil {
		lines := strings.Split(text, "\n")
		return "", fmt.Errorf("%s (%w)", lines[len(lines)-1], err)
	}
	return text, nil
}

// Run is a compose file that runs.
type Run struct {
	engine, file, address string
	task                  Task
	variables             []string
}

// Start starts the compose file in a directory, whose task listens on a port, with the
// values of its secrets.
func Start(ctx context.Context, engine, dir string, task Task, port int, values map[string]string) (*Run, error) {
	r := &Run{
		engine: engine, file: filepath.Join(dir, ComposeFile), address: fmt.Sprintf("127.0.0.1:%d", port), task: task,
		variables: secretVariables(values),
	}
	if _, err := r.compose(ctx, "up", "--detach"); err != nil {
		return nil, errors.Join(err, r.Remove(ctx))
	}
	return r, nil
}

// ComposeFile is the name of the file that Start runs.
const ComposeFile = "compose.yaml"

func (r *Run) compose(ctx context.Context, args ...string) (string, error) {
	return output(ctx, r.variables, r.engine, append([]string{"compose", "--file", r.file}, args...)...)
}

// Remove removes the containers and their network.
func (r *Run) Remove(ctx context.Context) error {
	_, err := r.compose(ctx, "down", "--volumes", "-t", "1")
	return err
}

// Address implements Subject.
func (r *Run) Address() string { return r.address }

// SQL implements Subject. It does without compose, since podman-compose writes what it
// does beside the answer.
func (r *Run) SQL(ctx context.Context, statement string) (string, error) {
	return output(ctx, nil, r.engine, "exec", r.task.databaseName(), "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
		"--username", r.task.Database.Username, "--dbname", r.task.Database.Name, "--command", statement)
}

// Stop implements Subject.
func (r *Run) Stop(ctx context.Context) (int, error) {
	if _, err := output(ctx, nil, r.engine, "stop", "-t", fmt.Sprint(r.task.StopSeconds), r.task.containerName()); err != nil {
		return 0, err
	}
	found, err := r.inspect(ctx)
	return found.State.ExitCode, err
}

// Log implements Subject.
func (r *Run) Log(ctx context.Context) (string, error) {
	return output(ctx, nil, r.engine, "logs", r.task.containerName())
}

// inspection is a part of what docker inspect and podman inspect say.
type inspection struct {
	Image string
	State struct {
		Running  bool
		ExitCode int
		Health   *struct{ Status string } // only with a health check of the container
	}
	Config     struct{ User string }
	HostConfig struct {
		ReadonlyRootfs bool
		CapDrop        []string
	}

	// EffectiveCaps are Podman's alone, which names each capability that was dropped.
	EffectiveCaps []string
}

// inspect asks without a format: Podman 4 returns a list also where one object is asked for.
func (r *Run) inspect(ctx context.Context) (inspection, error) {
	text, err := output(ctx, nil, r.engine, "inspect", r.task.containerName())
	if err != nil {
		return inspection{}, err
	}
	var found []inspection
	if err := json.Unmarshal([]byte(text), &found); err != nil || len(found) != 1 {
		return inspection{}, fmt.Errorf("%s inspect: got %.100s, want a list of one container", r.engine, text)
	}
	return found[0], nil
}

// Container implements Subject.
func (r *Run) Container(ctx context.Context) (*Container, error) {
	found, err := r.inspect(ctx)
	if err != nil {
		return nil, err
	}
	architecture, err := output(ctx, nil, r.engine, "image", "inspect", "--format", "{{.Architecture}}", found.Image)
	if err != nil {
		return nil, err
	}
	dropped := found.HostConfig.CapDrop
	if r.engine == "podman" && len(found.EffectiveCaps) == 0 {
		dropped = r.task.Drop
	}
	return &Container{
		Architecture: architecture, User: found.Config.User, ReadOnlyRoot: found.HostConfig.ReadonlyRootfs,
		Capabilities: dropped, Running: found.State.Running,
		Unhealthy: found.State.Health != nil && found.State.Health.Status == "unhealthy",
	}, nil
}
