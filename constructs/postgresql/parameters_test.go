//go:build unix

package postgresql

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

// statements are what the rotation makes of the user, and what it would be if it
// were slow or failed. Each password has the word in it that the log must not.
var statements = []string{
	"CREATE ROLE catalog_admin LOGIN PASSWORD 'first-TELLTALE'",
	"ALTER USER catalog_admin WITH PASSWORD 'rotated-TELLTALE'",
	"SELECT pg_sleep(1.1); ALTER USER catalog_admin WITH PASSWORD 'slow-TELLTALE'",
	"ALTER USER catalog_stranger WITH PASSWORD 'failing-TELLTALE'",
	"ALTER USER catalog_admin WIT PASSWORD 'misspelt-TELLTALE'",
}

func TestARealPostgreSQLLogsNoPasswordUnderTheseParameters(t *testing.T) {
	server := startPostgreSQL(t)
	for _, statement := range statements {
		server.run(t, statement)
	}

	log := server.log(t)

	require.NotContains(t, log, "TELLTALE")
	require.Contains(t, log, `role "catalog_stranger" does not exist`, "the errors are logged all the same")
	if server.audits {
		require.Contains(t, log, "ALTER USER catalog_admin WITH PASSWORD <REDACTED>", "and so is what changes a role")
	}
}

// postgreSQL is a server in a temporary directory, reached by a socket there.
type postgreSQL struct {
	programs, dir string
	account       *syscall.Credential
	audits        bool
}

// startPostgreSQL starts the newest server that Debian's packages installed, with
// the parameters that it knows: those of RDS it does not, and pgAudit's only with
// that package.
func startPostgreSQL(t *testing.T) *postgreSQL {
	t.Helper()
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	require.NoError(t, err)
	if len(programs) == 0 {
		t.Skip("no PostgreSQL server here (Debian: postgresql, and postgresql-15-pgaudit for the audit)")
	}
	dir, err := os.MkdirTemp("", "postgresql") // a socket's path is short
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	server := &postgreSQL{programs: filepath.Dir(programs[len(programs)-1]), dir: dir}
	server.account = unprivileged(t, dir)
	_, err = os.Stat(filepath.Join(server.programs, "../lib/pgaudit.so"))
	server.audits = err == nil
	server.program(t, "initdb", "--pgdata", dir+"/data", "--auth", "trust", "--username", "rds", "--no-sync")
	server.program(t, "pg_ctl", "--pgdata", dir+"/data", "--log", dir+"/log", "--wait", "--options", server.options(), "start")
	t.Cleanup(func() { server.program(t, "pg_ctl", "--pgdata", dir+"/data", "--mode", "immediate", "stop") })
	return server
}

// unprivileged returns the account of a server that root starts, which refuses to
// run as root.
func unprivileged(t *testing.T, dir string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	postgres, err := user.Lookup("postgres")
	require.NoError(t, err)
	uid, err := strconv.Atoi(postgres.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(postgres.Gid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(dir, uid, gid))
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // IDs of an account
}

func (p *postgreSQL) options() string {
	options := []string{"-c listen_addresses=", "-c unix_socket_directories=" + p.dir, "-c fsync=off"}
	for name, value := range Parameters {
		known := !strings.HasPrefix(name, "rds.") && (p.audits || !strings.Contains(name+value, "pgaudit"))
		if known {
			options = append(options, "-c "+name+"="+value)
		}
	}
	return strings.Join(options, " ")
}

func (p *postgreSQL) program(t *testing.T, name string, args ...string) {
	t.Helper()
	output, err := p.command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", name, output)
}

// run may fail: some of the statements do.
func (p *postgreSQL) run(t *testing.T, statement string) {
	t.Helper()
	output, err := p.command("psql", "--host", p.dir, "--username", "rds", "--dbname", "postgres", "--command", statement).CombinedOutput()
	if err != nil {
		require.Contains(t, string(output), "ERROR", "it did not come to the server")
	}
}

func (p *postgreSQL) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(p.programs, name), args...)
	command.Dir = p.dir
	command.SysProcAttr = &syscall.SysProcAttr{Credential: p.account}
	return command
}

func (p *postgreSQL) log(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(p.dir + "/log")
	require.NoError(t, err)
	return string(content)
}
