package test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"catalog-infra/config"
	"catalog-infra/constructs/postgresql"
	"catalog-infra/internal/parity"
	"catalog-infra/internal/postgrestest"
	"catalog-infra/internal/rehearsal"
)

// A deployment runs twice as many tasks.
func TestTheExamplesConnectionsFitTheDatabase(t *testing.T) {
	found := regexp.MustCompile(`const MaxConns = (\d+)\n`).FindStringSubmatch(read(t, "../examples/catalog/store/store.go"))
	require.Len(t, found, 2)
	each, err := strconv.Atoi(found[1])
	require.NoError(t, err)
	for _, env := range allEnvironments(t) {
		require.Less(t, 2*env.Service.MaxTasks*each, postgresql.MostConnections(env.Database.MinCapacity, env.Database.MaxCapacity),
			env.Environment)
	}
}

// process is the example without a container, on a database with prod's parameters.
type process struct {
	command  *exec.Cmd
	address  string
	log      string // a file
	database *postgrestest.Server
	port     string
}

func (p *process) Address() string { return p.address }

func (*process) Container(context.Context) (*parity.Container, error) { return nil, nil }

func (p *process) SQL(_ context.Context, statement string) (string, error) {
	return p.database.Run(statement, "--port", p.port)
}

func (p *process) Stop(context.Context) (int, error) {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	_ = p.command.Wait()
	return p.command.ProcessState.ExitCode(), nil
}

func (p *process) Log(context.Context) (string, error) {
	content, err := os.ReadFile(p.log)
	return string(content), err
}

// startExample starts the program as user 1000, with the environment of the task.
func startExample(t *testing.T, task parity.Task) *process {
	t.Helper()
	program := filepath.Join(assemblies, "example")
	build := exec.Command("go", "build", "-C", "../examples/catalog", "-o", program, ".")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	require.NoError(t, os.Chmod(assemblies, 0o755))
	p := &process{command: exec.Command(program), port: freePort(t), log: filepath.Join(t.TempDir(), "log")}
	p.database = postgrestest.Start(t, func(server *postgrestest.Server) []string {
		require.NoError(t, os.Chmod(server.Dir, 0o755)) // for the certificate
		require.NoError(t, parity.WriteDatabaseFiles(server.Dir))
		require.NoError(t, os.Chmod(server.Dir+"/key.pem", 0o600))
		return append(task.Database.ServerOptions(server.Dir, server.Dir+"/key.pem", server.Audits),
			"listen_addresses=127.0.0.1", "port="+p.port)
	})
	listen := freePort(t)
	p.address = "127.0.0.1:" + listen
	p.command.Env = append(variablesOf(t, task), "PORT="+listen, "DB_PORT="+p.port, "PGSSLMODE=verify-full",
		"PGSSLROOTCERT="+p.database.Dir+"/certificate.pem") // of a name that is there twice, the last one counts
	log, err := os.Create(p.log)
	require.NoError(t, err)
	defer log.Close()
	p.command.Stdout, p.command.Stderr = log, log
	if os.Getuid() == 0 {
		p.command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1000, Gid: 1000}}
	}
	require.NoError(t, p.command.Start())
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	return p
}

// createDatabase does so after the first attempt to connect, which is then in the log.
func (p *process) createDatabase(t *testing.T, task parity.Task) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(read(t, p.log), "db_connection_failed") }, 5*time.Second, 10*time.Millisecond)
	for _, statement := range []string{
		fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'local-password'", task.Database.Username),
		fmt.Sprintf("CREATE DATABASE %s OWNER %s", task.Database.Name, task.Database.Username),
	} {
		_, err := p.SQL(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}

// variablesOf are the task's, with values for this machine.
func variablesOf(t *testing.T, task parity.Task) (variables []string) {
	t.Helper()
	secrets, err := task.LocalValues("127.0.0.1", "local-password", os.Getenv)
	require.NoError(t, err)
	for _, values := range []map[string]string{task.Environment, secrets} {
		for name, value := range values {
			variables = append(variables, name+"="+value)
		}
	}
	return variables
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}

func TestTheExampleKeepsTheContractOfTheImage(t *testing.T) {
	task, err := parity.ReadTask(assemblyOf(t, reference(t, "prod")))
	require.NoError(t, err)
	example := startExample(t, task)
	checker := parity.Checker{
		Task: task, Subject: example, Schema: logContract(t), Idle: 200 * time.Millisecond,
		Secrets: []string{"local-password"},
	}
	example.createDatabase(t, task)
	provoke(t, example)
	rows, err := checker.Check(t.Context())
	require.NoError(t, err)
	kept := map[string]parity.Result{}
	for _, row := range rows {
		require.NotEqual(t, parity.Broken, row.Result, "%s: %s\n%s", row.Clause, row.Found, read(t, example.log))
		kept[row.Clause] = row.Result
	}
	for _, clause := range []string{"port", "health", "connections", "time", "scheme and host", "errors", "stop", "database", "rotation",
		"log", "addresses", "headers"} {
		require.Equal(t, parity.Kept, kept[clause], clause)
	}
	for metric, counts := range patternsOf(t, reference(t, "prod"))["application"] {
		require.True(t, slices.ContainsFunc(slices.Collect(strings.Lines(read(t, example.log))), counts),
			"nothing that the example reports is counted as %s", metric)
	}
}

// provoke has the program report the other events that the metric filters count.
func provoke(t *testing.T, example *process) {
	t.Helper()
	send := func(method, path string) int {
		request, err := http.NewRequest(method, "http://"+example.address+path, nil)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer wrong")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	require.Equal(t, http.StatusUnauthorized, send("POST", "/products"))
	require.Equal(t, http.StatusBadRequest, send("GET", "/products/1%20union%20select%201"))
}

func TestAParityRunHasTheTaskOfTheTemplates(t *testing.T) {
	for _, env := range append(allEnvironments(t), ownImageDev(t)) {
		task, err := parity.ReadTask(assemblyOf(t, env))
		require.NoError(t, err)
		service := env.Service
		require.Equal(t, []any{"1000:1000", true, true, []string{"ALL"}, service.StopSeconds, env.Edge.IdleSeconds},
			[]any{task.User, task.ReadOnlyRoot, task.Init, task.Drop, task.StopSeconds, task.IdleSeconds})
		require.Equal(t, "/tmp:rw,nosuid,nodev,size=128m", task.Tmpfs[0])
		require.Len(t, task.Tmpfs, 1+len(service.Tmpfs))
		require.Equal(t, len(service.HealthCommand) > 0, task.HealthCheck != nil)
		require.Equal(t, []any{service.Port, float64(service.CPU), service.Memory, service.HealthCheckPath, service.StartSeconds},
			[]any{task.Port, task.CPU * 1024, task.MemoryMiB, task.HealthPath, task.StartSeconds})
		require.Equal(t, service.Architecture == config.ArchitectureARM, task.ARM64)
		require.Equal(t, parity.Database{
			Major: strings.Split(env.Database.EngineVersion, ".")[0], Name: env.Database.Name, Username: env.Database.Username,
			Parameters: postgresql.Parameters,
		}, task.Database)
		require.Subset(t, task.Secrets, []string{"DB_HOST", "DB_PASSWORD", "DB_USERNAME"})
		require.Equal(t, env.Database.Name, task.Environment["DB_NAME"])
	}
}

// exampleFile is what the README writes beside the shipped files.
func exampleFile(t *testing.T) string {
	t.Helper()
	section := sections(t, "../README.md")["the-example-application"]
	found := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(section)
	require.Len(t, found, 2)
	require.LessOrEqual(t, strings.Count(found[1], "\n"), 20)
	return found[1]
}

// Where its migration fails, nothing is left behind, and the same deployment succeeds.
func TestTheExampleIsDeployedOverWhatAnswersOK(t *testing.T) {
	for _, name := range environmentNames {
		written, _, err := config.Load(beside(t, "sample", "from: "+name+"\naccount: \"123456789012\"\n"+exampleFile(t)), "sample", "")
		require.NoError(t, err)
		example := written.Service
		require.Equal(t, []string{"SendMessage"}, example.Permissions[0].Actions)
		after := assemblyOf(t, changed(t, name, func(cfg *config.Config) { cfg.Service = example }))
		report := rehearsal.Deploy(assemblyOf(t, reference(t, name)), after)
		require.NotEmpty(t, report.Steps, name)
		require.Empty(t, report.LeftOut, name)
		for _, step := range report.Steps {
			require.Positive(t, rehearsal.Worse(step.Verdict, rehearsal.ServiceCut), "%s: %+v", name, step)
		}
		requireUndone(t, report, "MigrationRun")
		task, err := parity.ReadTask(after)
		require.NoError(t, err)
		require.Equal(t, []string{"API_TOKENS", "DB_HOST", "DB_PASSWORD", "DB_USERNAME"}, task.Secrets)
		require.Equal(t, []string{"migrate"}, task.Migration)
	}
}

// requireUndone checks that a failure at the resource leaves nothing, and nothing to do.
func requireUndone(t *testing.T, report rehearsal.Report, resource string) {
	t.Helper()
	for _, failure := range report.AfterFailure {
		if slices.ContainsFunc(failure.Resources, func(id string) bool { return strings.HasPrefix(id, resource) }) {
			require.Empty(t, failure.Problems)
			require.Empty(t, failure.Left)
			return
		}
	}
	require.Fail(t, "no failure at "+resource)
}

func TestTheRowsOfAParityRunAreThoseOfTheContract(t *testing.T) {
	var rows []string
	for clause := range contractOfTheImage(t) {
		rows = append(rows, clause)
	}
	require.ElementsMatch(t, rows, parity.Clauses)
	_, section, _ := strings.Cut(read(t, "../docs/operations.md"), "\n## Your image\n")
	last := -1
	for _, clause := range parity.Clauses {
		at := strings.Index(section, "\n| "+clause+" |")
		require.Greater(t, at, last, clause)
		last = at
	}
}
