//go:build unix

// Package postgrestest starts PostgreSQL servers for tests.
package postgrestest

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Server is a server in a temporary directory, reached by a socket there.
type Server struct {
	// Dir is where the test may put files before the server starts.
	Dir string

	// Audits reports whether pgAudit is installed.
	Audits bool

	programs string
	account  *syscall.Credential
}

// Start starts the newest server that Debian's packages installed, with the options
// that prepare returns, and stops it when the test ends. Without one it skips the test.
func Start(t *testing.T, prepare func(*Server) []string) *Server {
	t.Helper()
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	require.NoError(t, err)
	if len(programs) == 0 {
		t.Skip("no PostgreSQL server here (Debian: postgresql, and postgresql-15-pgaudit for the audit)")
	}
	dir, err := os.MkdirTemp("", "postgresql") // a socket's path is short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	s := &Server{Dir: dir, programs: filepath.Dir(programs[len(programs)-1])}
	_, err = os.Stat(filepath.Join(s.programs, "../lib/pgaudit.so"))
	s.Audits = err == nil
	options := append([]string{"unix_socket_directories=" + dir, "fsync=off"}, prepare(s)...)
	s.own(t)
	s.program(t, "initdb", "--pgdata", dir+"/data", "--auth", "trust", "--username", "rds", "--no-sync")
	s.program(t, "pg_ctl", "--pgdata", dir+"/data", "--log", dir+"/log", "--wait", "--options", "-c "+strings.Join(options, " -c "), "start")
	t.Cleanup(func() { s.program(t, "pg_ctl", "--pgdata", dir+"/data", "--mode", "immediate", "stop") })
	return s
}

// own gives the directory to the account of a server that root starts, which refuses
// to run as root.
func (s *Server) own(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	postgres, err := user.Lookup("postgres")
	require.NoError(t, err)
	uid, err := strconv.Atoi(postgres.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(postgres.Gid)
	require.NoError(t, err)
	s.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // IDs of an account
	require.NoError(t, filepath.WalkDir(s.Dir, func(path string, _ os.DirEntry, err error) error {
		require.NoError(t, err)
		return os.Chown(path, uid, gid)
	}))
}

func (s *Server) program(t *testing.T, name string, args ...string) {
	t.Helper()
	output, err := s.command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", name, output)
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(s.programs, name), args...)
	command.Dir = s.Dir
	command.SysProcAttr = &syscall.SysProcAttr{Credential: s.account}
	return command
}

// Run runs a statement as the superuser rds, and returns what it selects, or the message
// of the server as an error's.
func (s *Server) Run(statement string, options ...string) (string, error) {
	args := append([]string{"--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--host", s.Dir, "--username", "rds",
		"--dbname", "postgres", "--command", statement}, options...)
	output, err := s.command("psql", args...).CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

// Shell runs a command that finds PostgreSQL's programs and has the variables. It has
// no terminal, like a container.
func (s *Server) Shell(variables map[string]string, words ...string) (string, error) {
	command := exec.Command(words[0], words[1:]...)
	command.Env = append(os.Environ(), "PATH="+s.programs+":"+os.Getenv("PATH"))
	for name, value := range variables {
		command.Env = append(command.Env, name+"="+value)
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	output, err := command.CombinedOutput()
	return string(output), err
}

// Log returns what the server logged.
func (s *Server) Log(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(s.Dir + "/log")
	require.NoError(t, err)
	return string(content)
}
