package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// postgreSQL is a server on loopback that takes TLS and passwords alone, as Aurora does.
type postgreSQL struct {
	programs, dir, port string
	account             *syscall.Credential
}

// startPostgreSQL starts the newest server that Debian's packages installed.
func startPostgreSQL(dir string) *postgreSQL {
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	must(err)
	if len(programs) == 0 {
		return nil
	}
	p := &postgreSQL{programs: filepath.Dir(programs[len(programs)-1]), dir: dir + "/postgresql", port: freePort()}
	must(os.Mkdir(p.dir, 0o755)) // for the certificate
	certify(p.dir)
	must(os.WriteFile(p.dir+"/hba", []byte("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"), 0o600))
	p.own()
	p.must("initdb", "--pgdata", p.dir+"/data", "--auth", "trust", "--username", "postgres", "--no-sync")
	p.must("pg_ctl", "--pgdata", p.dir+"/data", "--log", p.dir+"/log", "--wait", "start", "--options", strings.Join([]string{
		"-c listen_addresses=127.0.0.1 -c port=" + p.port, "-c unix_socket_directories=" + p.dir, "-c fsync=off -c ssl=on",
		"-c ssl_cert_file=" + p.dir + "/certificate", "-c ssl_key_file=" + p.dir + "/key", "-c hba_file=" + p.dir + "/hba",
	}, " "))
	return p
}

func (p *postgreSQL) stop() {
	if p != nil {
		p.must("pg_ctl", "--pgdata", p.dir+"/data", "--mode", "immediate", "stop")
	}
}

// own gives the directory to the account of the server, which does not run as root.
func (p *postgreSQL) own() {
	if os.Getuid() != 0 {
		return
	}
	postgres, err := user.Lookup("postgres")
	must(err)
	uid, err := strconv.Atoi(postgres.Uid)
	must(err)
	gid, err := strconv.Atoi(postgres.Gid)
	must(err)
	p.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} // IDs of an account
	for _, name := range []string{"", "/certificate", "/key", "/hba"} {
		must(os.Chown(p.dir+name, uid, gid))
	}
}

func (p *postgreSQL) command(name string, args ...string) *exec.Cmd {
	command := exec.Command(filepath.Join(p.programs, name), args...)
	command.Dir = p.dir
	command.SysProcAttr = &syscall.SysProcAttr{Credential: p.account}
	return command
}

// must runs a program without a pipe: the server would keep that open.
func (p *postgreSQL) must(name string, args ...string) {
	command := p.command(name, args...)
	command.Stderr = os.Stderr
	must(command.Run())
}

// ask runs a statement as the superuser.
func (p *postgreSQL) ask(t *testing.T, database, statement string) string {
	t.Helper()
	output, err := p.command("psql", p.flags(database, statement)...).CombinedOutput()
	require.NoError(t, err, string(output))
	return strings.TrimSpace(string(output))
}

func (p *postgreSQL) flags(database, statement string) []string {
	return []string{"--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--host", p.dir, "--port", p.port,
		"--username", "postgres", "--dbname", database, "--command", statement}
}

// newDatabase returns the environment of a task for an empty database with an owner.
func newDatabase(t *testing.T) map[string]string {
	t.Helper()
	if server == nil {
		t.Skip("no PostgreSQL server here (Debian: postgresql)")
	}
	name := "d" + strings.ToLower(rand.Text())
	server.ask(t, "postgres", fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", name, firstPassword))
	server.ask(t, "postgres", fmt.Sprintf("CREATE DATABASE %s OWNER %s", name, name))
	return map[string]string{
		"DB_HOST": "127.0.0.1", "DB_PORT": server.port, "DB_NAME": name, "DB_USERNAME": name, "DB_PASSWORD": firstPassword,
		"PGSSLMODE": "verify-full", "PGSSLROOTCERT": server.dir + "/certificate", "API_TOKENS": `{"u-1093":"` + token + `"}`,
	}
}

// certify writes a certificate for 127.0.0.1, which is its own authority, and its key,
// and an authority of somebody else.
func certify(dir string) {
	must(os.WriteFile(dir+"/key", newCertificate(dir+"/certificate"), 0o600))
	newCertificate(dir + "/stranger")
}

// newCertificate writes a certificate and returns its key.
func newCertificate(file string) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(err)
	must(os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}), 0o644))
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}

func freePort() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(err)
	return port
}
