package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// No log may have one of these.
const (
	firstPassword  = "first-TELLTALE-password"
	secondPassword = "second-TELLTALE-password"
	token          = "a-TELLTALE-token-of-forty-characters-----"
)

// Each test has a database of its own on the server, which is nil where none is
// installed; program is the binary as the Dockerfile builds it.
var (
	server  *postgreSQL
	program string
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "catalog") // a socket's path is short
	must(err)
	must(os.Chmod(dir, 0o755)) // for user 1000
	program = filepath.Join(dir, "catalog")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	must(build.Run())
	server = startPostgreSQL(dir)
	status := m.Run()
	server.stop()
	must(os.RemoveAll(dir))
	os.Exit(status)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// task is a running program.
type task struct {
	process *exec.Cmd
	url     string
	log     string // a file
	ended   bool
}

// output returns what the program has written so far.
func (s *task) output() string {
	content, err := os.ReadFile(s.log)
	must(err)
	return string(content)
}

// startTask starts the program as user 1000 with an environment, its arguments and
// nothing else. When the test ends, every line it wrote must keep the log contract.
func startTask(t *testing.T, environment map[string]string, arguments ...string) *task {
	t.Helper()
	port := freePort()
	started := &task{process: exec.Command(program, arguments...), url: "http://127.0.0.1:" + port, log: filepath.Join(t.TempDir(), "log")}
	log, err := os.Create(started.log)
	require.NoError(t, err)
	defer log.Close()
	started.process.Env = []string{"PORT=" + port}
	for name, value := range environment {
		started.process.Env = append(started.process.Env, name+"="+value)
	}
	started.process.Dir = "/"
	started.process.Stdout, started.process.Stderr = log, log
	if os.Getuid() == 0 {
		started.process.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
	}
	require.NoError(t, started.process.Start())
	t.Cleanup(func() {
		if !started.ended {
			require.NoError(t, started.process.Process.Kill())
			_ = started.process.Wait()
		}
		requireLogContract(t, started.output())
	})
	return started
}

// startReady also waits until the health check succeeds.
func startReady(t *testing.T, environment map[string]string) *task {
	t.Helper()
	started := startTask(t, environment)
	started.waitFor(t, http.StatusOK)
	return started
}

func (s *task) waitFor(t *testing.T, status int) {
	t.Helper()
	require.Eventually(t, func() bool {
		response, err := http.Get(s.url + "/health")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == status
	}, 15*time.Second, 20*time.Millisecond, s.output())
}

// wait returns how the program ended.
func (s *task) wait() error {
	s.ended = true
	return s.process.Wait()
}

// send sends a request as a user with a token, and returns status, body and headers.
func (s *task) send(t *testing.T, method, path, body string, headers ...string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	if response.Close { // the client has taken the header off
		response.Header.Set("Connection", "close")
	}
	return response.StatusCode, strings.TrimSpace(string(content)), response.Header
}

// events returns the lines of the log with the event.
func (s *task) events(name string) (found []map[string]any) {
	for line := range strings.Lines(s.output()) {
		var event map[string]any
		if json.Unmarshal([]byte(line), &event) == nil && event["event"] == name {
			found = append(found, event)
		}
	}
	return found
}

// last returns the newest event of a name once there is one.
func (s *task) last(t *testing.T, name string) map[string]any {
	t.Helper()
	require.Eventually(t, func() bool { return len(s.events(name)) > 0 }, 5*time.Second, 10*time.Millisecond, name)
	return s.events(name)[len(s.events(name))-1]
}

func requireLogContract(t *testing.T, output string) {
	t.Helper()
	require.NotContains(t, output, "TELLTALE")
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("../../docs/log-contract.schema.json")
	require.NoError(t, err)
	require.NotEmpty(t, output)
	for line := range strings.Lines(output) {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		require.NoError(t, err, line)
		require.NoError(t, schema.Validate(value), line)
	}
}

func product(sku string) string {
	return fmt.Sprintf(`{"sku":%q,"name":"Lamp","price_cents":1999,"currency":"EUR"}`, sku)
}
