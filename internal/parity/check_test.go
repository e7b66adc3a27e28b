package parity

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample is a program that keeps the contract, but for what a test changes.
type sample struct {
	*httptest.Server
	container   *Container
	connections string
	status      int
	logged      string
	answer      func(w http.ResponseWriter, r *http.Request)
}

func newSample(t *testing.T) *sample {
	t.Helper()
	s := &sample{
		container:   &Container{Architecture: "amd64", User: "1000:1000", ReadOnlyRoot: true, Capabilities: []string{"ALL"}, Running: true},
		connections: "2 0",
		answer:      func(http.ResponseWriter, *http.Request) {},
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line, err := json.Marshal(map[string]any{
			"time": "2026-11-27T00:00:00Z", "level": "info", "event": "request",
			"method": r.Method, "path": r.URL.Path,
			"status": 200, "duration_ms": 1,
			"src_ip": r.Header.Get("True-Client-IP"), "request_id": strings.TrimPrefix(r.Header.Get("X-Amzn-Trace-Id"), "Root="),
		})
		if err == nil {
			s.logged += string(line) + "\n"
		}
		s.answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sample) Address() string { return strings.TrimPrefix(s.URL, "http://") }

func (s *sample) Container(context.Context) (*Container, error) { return s.container, nil }

func (s *sample) SQL(context.Context, string) (string, error) { return s.connections, nil }

func (s *sample) Stop(context.Context) (int, error) { return s.status, nil }

func (s *sample) Log(context.Context) (string, error) { return s.logged, nil }

// broken returns the clauses that a check of the sample finds broken.
func (s *sample) broken(t *testing.T, change func(*Checker)) (clauses []string) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../../docs/log-contract.schema.json")
	require.NoError(t, err)
	checker := Checker{Subject: s, Schema: schema, Idle: 50 * time.Millisecond, Secrets: []string{"database-password"}, Task: Task{
		User: "1000:1000", Drop: []string{"ALL"}, HealthPath: "/health", StartSeconds: 1, HealthSeconds: 5, StopSeconds: 30,
	}}
	change(&checker)
	rows, err := checker.Check(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, len(Clauses))
	for i, row := range rows {
		require.Equal(t, Clauses[i], row.Clause)
		require.NotEmpty(t, row.Found, row.Clause)
		if row.Result == Broken {
			clauses = append(clauses, row.Clause)
		}
	}
	return clauses
}

func TestEachBreachOfTheContractIsFound(t *testing.T) {
	header := func(name, value string, status int) func(*sample) {
		return func(s *sample) {
			s.answer = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == probePath {
					w.Header().Set(name, value)
					w.WriteHeader(status)
				}
			}
		}
	}
	logs := func(line string) func(*sample) { return func(s *sample) { s.logged = line + "\n" } }
	for name, c := range map[string]struct {
		change func(*sample)
		want   []string
	}{
		"nothing":           {func(*sample) {}, nil},
		"no connection":     {func(s *sample) { s.connections = "0 0" }, nil},
		"no container":      {func(s *sample) { s.container = nil }, nil},
		"another processor": {func(s *sample) { s.container.Architecture = "arm64" }, []string{"processor"}},
		"root":              {func(s *sample) { s.container.User = "" }, []string{"user"}},
		"a capability":      {func(s *sample) { s.container.Capabilities = nil }, []string{"user"}},
		"a crash":           {func(s *sample) { s.container.Running = false }, []string{"user", "files"}},
		"a health command":  {func(s *sample) { s.container.Unhealthy = true }, []string{"health"}},
		"a root to write":   {func(s *sample) { s.container.ReadOnlyRoot = false }, []string{"files"}},
		"plain connections": {func(s *sample) { s.connections = "2 1" }, []string{"database"}},
		"killed":            {func(s *sample) { s.status = 137 }, []string{"stop"}},
		"idle":              {func(s *sample) { s.Config.IdleTimeout = 10 * time.Millisecond }, []string{"connections"}},
		"redirects":         {header("Location", "https://example.com/", 301), []string{"scheme and host"}},
		"cached errors":     {header("Cache-Control", "public, max-age=60", 404), []string{"errors"}},
		"plain text":        {logs("listening on 3000"), []string{"log"}},
		"another format":    {logs(`{"time":"2026-11-27T00:00:00Z","level":"INFO","event":"started"}`), []string{"log"}},
		"a password":        {logs(`{"time":"2026-11-27T00:00:00Z","level":"info","event":"started","message":"database-password"}`), []string{"log"}},
		"the query":         {logs(`{"time":"2026-11-27T00:00:00Z","level":"info","event":"started","message":"parity-probe-secret"}`), []string{"addresses"}},
		"not healthy": {func(s *sample) { s.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) } },
			[]string{"health", "rotation"}},
		"another viewer": {func(s *sample) {
			s.answer = func(http.ResponseWriter, *http.Request) {
				s.logged = strings.ReplaceAll(s.logged, probeAddress, "192.0.2.1")
			}
		}, []string{"headers"}},
		"no log": {func(s *sample) { s.answer = func(http.ResponseWriter, *http.Request) { s.logged = "" } }, []string{"log", "headers"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			c.change(s)
			require.Equal(t, c.want, s.broken(t, func(*Checker) {}))
		})
	}
}

func TestAProgramThatDoesNotListenBreaksWhatIsAskedOfIt(t *testing.T) {
	s := newSample(t)
	s.Close()
	want := []string{"port", "health", "connections", "scheme and host", "errors", "rotation", "log", "headers"}
	require.Equal(t, want, s.broken(t, func(*Checker) {}))
}

func TestALateEndBreaksTheContract(t *testing.T) {
	s := newSample(t)
	require.Equal(t, []string{"stop"}, s.broken(t, func(c *Checker) { c.Task.StopSeconds = 0 }))
}

// engine is a program in place of Docker, which records how it is called.
const engine = `#!/bin/sh
echo "$*" >> "$HERE/calls"
case "$*" in
info | "compose version" | *" down "*) ;;
"compose --file $HERE/compose.yaml up --detach") test "$DB_PASSWORD" = local ;;
"inspect catalog-api-prod-run-task") echo '[{"Image": "sha256:1", "State": {"Running": true}, "Config": {"User": "1000:1000"},
	"HostConfig": {"ReadonlyRootfs": true, "CapDrop": ["ALL"]}}]' ;;
"image inspect --format {{.Architecture}} sha256:1") echo amd64 ;;
"exec catalog-api-prod-run-database psql "*) echo "2 0" ;;
"stop -t 30 catalog-api-prod-run-task") ;;
"logs catalog-api-prod-run-task") cat "$HERE/log" ;;
*) exit 1 ;;
esac
`

func TestARunIsCheckedByWayOfTheEngine(t *testing.T) {
	s := newSample(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "docker"), []byte(engine), 0o700))
	s.answer = func(http.ResponseWriter, *http.Request) {
		assert.NoError(t, os.WriteFile(filepath.Join(dir, "log"), []byte(s.logged), 0o600))
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	t.Setenv("HERE", dir)
	found, err := FindEngine(t.Context())
	require.NoError(t, err)
	port, err := strconv.Atoi(s.Address()[len("127.0.0.1:"):])
	require.NoError(t, err)
	run, err := Start(t.Context(), found, dir, sampleTask(), port, map[string]string{"DB_PASSWORD": "local"})
	require.NoError(t, err)
	require.Empty(t, s.broken(t, func(c *Checker) {
		c.Subject = run
	}))
	require.NoError(t, run.Remove(t.Context()))
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	require.NoError(t, err)
	require.NotContains(t, string(calls), "local", "a secret is no argument, which everybody on the machine sees")
	require.Contains(t, string(calls), "compose --file "+dir+"/compose.yaml down --volumes")

	_, err = Start(t.Context(), found, dir, sampleTask(), port, nil)
	require.ErrorContains(t, err, "exit status 1")
}

func TestAnEngineThatDoesNotAnswerIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := FindEngine(t.Context())
	require.EqualError(t, err, "no container engine: got docker: not installed; podman: not installed; want Docker or Podman with compose")
	_, err = output(t.Context(), nil, "/bin/sh", "-c", "echo first; echo last; exit 3")
	require.EqualError(t, err, "last (exit status 3)")
}
