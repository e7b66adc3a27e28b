package main

import (
	"debug/elf"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProductsAreWrittenAndRead(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	task := startReady(t, environment)
	_, empty, _ := task.send(t, "GET", "/products", "")
	require.JSONEq(t, `{"products":[]}`, empty)
	for i := range 3 {
		status, body, headers := task.send(t, "POST", "/products", product(fmt.Sprint("SKU-", i+1)))
		require.Equal(t, http.StatusCreated, status, body)
		require.Equal(t, fmt.Sprint("/products/", i+1), headers.Get("Location"))
		require.Equal(t, "no-store", headers.Get("Cache-Control"))
	}
	_, body, _ := task.send(t, "GET", "/products?limit=2", "")
	require.Regexp(t, `^{"products":\[{"id":1,.*{"id":2,[^{]*],"next":2}$`, body)
	_, body, _ = task.send(t, "GET", "/products?limit=2&after=2", "")
	require.Regexp(t, `^{"products":\[{"id":3,[^{]*]}$`, body)
	status, body, _ := task.send(t, "PUT", "/products/3", `{"sku":"NEW","name":"O'Neill's lamp","description":"","price_cents":0,"currency":"SEK"}`)
	require.Equal(t, http.StatusOK, status, body)
	_, body, _ = task.send(t, "GET", "/products/3", "")
	require.Regexp(t, `^{"id":3,"sku":"NEW","name":"O'Neill's lamp","description":"","price_cents":0,"currency":"SEK","updated_at":"`, body)
	status, _, _ = task.send(t, "DELETE", "/products/3", "")
	require.Equal(t, http.StatusNoContent, status)
	require.Eventually(t, func() bool { return task.last(t, "request")["status"] == 204.0 }, 5*time.Second, 10*time.Millisecond)
	require.Equal(t, "u-1093", task.last(t, "request")["user"])
}

func TestWhatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	task := startReady(t, environment)
	_, body, _ := task.send(t, "POST", "/products", product("TAKEN"))
	require.Contains(t, body, `"id":1`)
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/products", product("TAKEN"), 409, "another product has this sku"},
		{"GET", "/products/9", "", 404, "there is no such product"},
		{"DELETE", "/products/9", "", 404, "there is no such product"},
		{"PUT", "/products/9", product("OTHER"), 404, "there is no such product"},
		{"GET", "/nothing", "", 404, "there is nothing at this path"},
		{"PATCH", "/products/1", "", 405, "this path does not take this method"},
		{"POST", "/products", `{"name":"` + strings.Repeat("x", 8<<10) + `"}`, 413, "the body has more than 8192 bytes"},
		{"GET", "/products?limit=0&after=x&sort=name", "", 400, "limit"},
	} {
		status, body, _ := task.send(t, c.method, c.path, c.body)
		require.Equal(t, c.status, status, c.path+body)
		require.Contains(t, body, c.says)
	}
	require.Empty(t, task.events("sqli_suspected"))
	task.send(t, "GET", "/products/1%20union%20select%20secret%20from%20users", "")
	require.Equal(t, "/products/1%20union%20select%20secret%20from%20users", task.last(t, "sqli_suspected")["path"])
	status, _, headers := task.send(t, "POST", "/products", product("X"), "Authorization", "Bearer wrong")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, "Bearer", headers.Get("WWW-Authenticate"))
	require.Equal(t, "-", task.last(t, "auth_failed")["user"])
}

func TestTasksThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	var tasks []*task
	for range 5 {
		tasks = append(tasks, startTask(t, environment))
	}
	for _, task := range tasks {
		task.waitFor(t, http.StatusOK)
		require.Empty(t, task.events("migration_failed"))
	}
	require.Equal(t, "1\n2", server.ask(t, environment["DB_NAME"], "SELECT version FROM schema_migrations ORDER BY version"))
}

// ECS runs it once for a release. Tasks may then serve as a user who may not change the
// schema.
func TestAMigrationOfItsOwnIsForAllTasks(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	for range 2 {
		migration := startTask(t, environment, "migrate")
		require.NoError(t, migration.wait())
		require.InEpsilon(t, 2, migration.last(t, "ready")["schema_version"], 0)
	}
	server.ask(t, environment["DB_NAME"], "REVOKE CREATE ON SCHEMA public FROM PUBLIC; ALTER SCHEMA public OWNER TO postgres; "+
		"ALTER TABLE products OWNER TO postgres; ALTER TABLE schema_migrations OWNER TO postgres; "+
		"GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+environment["DB_USERNAME"])
	require.Empty(t, startReady(t, environment).events("migration_failed"))

	for arguments, says := range map[string]string{
		"migrate": "DB_HOST is missing", "migrate --all": "want no argument, to serve, or migrate",
	} {
		refused := startTask(t, nil, strings.Fields(arguments)...)
		require.Error(t, refused.wait())
		require.Contains(t, refused.last(t, "failed")["message"], says)
	}
}

// The release before is started again by roll-back-service.
func TestASchemaOfALaterReleaseStays(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	startReady(t, environment)
	server.ask(t, environment["DB_NAME"], "INSERT INTO schema_migrations VALUES (3)")
	task := startReady(t, environment)
	require.InEpsilon(t, 3, task.last(t, "ready")["schema_version"], 0)
}

func TestARotatedPasswordCutsNobodyOff(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	task := startReady(t, environment)
	server.ask(t, "postgres", "ALTER ROLE "+environment["DB_USERNAME"]+" PASSWORD '"+secondPassword+"'")
	require.Eventually(t, func() bool {
		var requests sync.WaitGroup
		for range 20 { // more than it has connections
			requests.Go(func() {
				response, err := http.Get(task.url + "/products")
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusOK, response.StatusCode)
					response.Body.Close()
				}
			})
		}
		requests.Wait()
		return len(task.events("db_connection_failed")) > 0
	}, 10*time.Second, time.Millisecond)
	require.Contains(t, task.last(t, "db_connection_failed")["message"], "password authentication failed")

	late := startTask(t, environment)
	late.waitFor(t, http.StatusServiceUnavailable)
	environment["DB_PASSWORD"] = secondPassword
	startReady(t, environment)
}

func TestALostDatabaseIsFoundAgain(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	task := startReady(t, environment)
	name := environment["DB_NAME"]
	server.ask(t, "postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	server.ask(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+name+"'")
	status, _, headers := task.send(t, "GET", "/products", "")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "2", headers.Get("Retry-After"))
	task.waitFor(t, http.StatusOK) // the health does not ask the database
	server.ask(t, "postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true")
	require.Eventually(t, func() bool {
		status, _, _ := task.send(t, "GET", "/products", "")
		return status == http.StatusOK
	}, 5*time.Second, 50*time.Millisecond, "each lost connection is noticed once")
}

// lockTable keeps every request waiting for some seconds. It returns once the lock is
// taken; waiting reports whether a request waits for it.
func lockTable(t *testing.T, database string) (waiting func() bool) {
	t.Helper()
	lock := server.command("psql", server.flags(database, "BEGIN; LOCK TABLE products; SELECT pg_sleep(4)")...)
	require.NoError(t, lock.Start())
	t.Cleanup(func() { _ = lock.Wait() })
	locks := func(granted string) func() bool {
		return func() bool {
			return server.ask(t, database, "SELECT count(*) FROM pg_locks WHERE relation = 'products'::regclass AND granted = "+granted) == "1"
		}
	}
	require.Eventually(t, locks("true"), 5*time.Second, 50*time.Millisecond)
	return locks("false")
}

func TestSIGTERMFinishesWhatWasBegun(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	task := startReady(t, environment)
	waiting := lockTable(t, environment["DB_NAME"])
	answered := make(chan int, 1)
	go func() {
		response, err := http.Get(task.url + "/products")
		if assert.NoError(t, err) {
			response.Body.Close()
			answered <- response.StatusCode
		}
		close(answered)
	}()
	require.Eventually(t, waiting, 5*time.Second, 50*time.Millisecond)

	stopped := time.Now()
	require.NoError(t, task.process.Process.Signal(syscall.SIGTERM))
	task.last(t, "stopping")
	status, _, headers := task.send(t, "GET", "/health", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "close", headers.Get("Connection"))
	require.NoError(t, task.wait())
	require.Less(t, time.Since(stopped), 30*time.Second)
	require.Equal(t, http.StatusOK, <-answered)
}

func TestTheCertificateOfTheDatabaseIsChecked(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	environment["PGSSLROOTCERT"] = server.dir + "/stranger"
	task := startTask(t, environment)
	require.Contains(t, task.last(t, "db_connection_failed")["message"], "certificate signed by unknown authority")
	task.waitFor(t, http.StatusServiceUnavailable)
}

// What is tested is the program; the container around it is make run's.
func TestTheProgramKeepsTheContractOfTheImage(t *testing.T) {
	t.Parallel()
	environment := newDatabase(t)
	task := startReady(t, environment)
	task.send(t, "POST", "/products", product("A"))
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", task.process.Process.Pid))
	require.NoError(t, err)
	for _, file := range files {
		target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", task.process.Process.Pid, file.Name()))
		require.NoError(t, err)
		require.Regexp(t, `^(socket|pipe|anon_inode):|^/dev/null$|^/sys/fs/cgroup/|/log$`, target, "it opens no file but its output")
	}
	task.send(t, "GET", "/products?after=0", "", "True-Client-IP", "203.0.113.9", "X-Forwarded-For", "192.0.2.1",
		"X-Amzn-Trace-Id", "Self=1-2-3;Root=1-67430f2b-3d1c", "X-Origin-Verify", "TELLTALE")
	require.Eventually(t, func() bool {
		last := task.last(t, "request")
		return last["src_ip"] == "203.0.113.9" && last["request_id"] == "1-67430f2b-3d1c" && last["path"] == "/products"
	}, 5*time.Second, 10*time.Millisecond)
}

func TestTheProgramNeedsNoLibrary(t *testing.T) {
	file, err := elf.Open(program)
	require.NoError(t, err)
	defer file.Close()
	libraries, err := file.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libraries)
	for _, part := range file.Progs {
		require.NotEqual(t, elf.PT_INTERP, part.Type)
	}
}

func TestTheTimesAreThoseOfTheContract(t *testing.T) {
	server := newServer(nil, slog.Default())
	require.Greater(t, server.IdleTimeout, 60*time.Second, "the load balancer keeps an idle connection as long")
	require.Less(t, server.WriteTimeout, 30*time.Second, "CloudFront waits as long")
	require.Less(t, notice+finish, 30*time.Second, "ECS kills it then")
}

func TestTheImageHasNothingButTheProgram(t *testing.T) {
	file, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	_, image, _ := strings.Cut(string(file), "\nFROM scratch\n")
	require.Contains(t, image, "\nUSER 1000:1000\n")
	require.NotContains(t, image, "FROM ")
	require.Regexp(t, `golang:\d+\.\d+\.\d+-\w+ AS build`, string(file))
}

func TestEveryMistakeInTheEnvironmentIsNamedAndNoSecretShown(t *testing.T) {
	for _, c := range []struct {
		environment map[string]string
		says        []string
	}{
		{nil, []string{"DB_HOST is missing", "DB_PORT is missing", "DB_NAME is missing", "DB_USERNAME is missing", "DB_PASSWORD is missing"}},
		{map[string]string{"DB_PASSWORD": firstPassword, "PORT": "0", "API_TOKENS": `{"u-1":"TELLTALE"}`}, []string{"PORT: got \"0\"", "API_TOKENS: want user ids"}},
		{map[string]string{"API_TOKENS": token}, []string{"API_TOKENS: want a JSON object"}},
		{with("PGSSLMODE", "prefer"), []string{`PGSSLMODE: got "prefer", want require`}},
		{with("PGSSLROOTCERT", "/nowhere"), []string{"/nowhere"}},
	} {
		task := startTask(t, c.environment)
		require.Error(t, task.wait())
		var line map[string]any
		require.NoError(t, json.Unmarshal([]byte(task.output()), &line))
		for _, says := range c.says {
			require.Contains(t, line["message"], says)
		}
	}
}

// with returns a complete environment with one more variable.
func with(name, value string) map[string]string {
	return map[string]string{"DB_HOST": "127.0.0.1", "DB_PORT": "1", "DB_NAME": "a", "DB_USERNAME": "a",
		"DB_PASSWORD": firstPassword, name: value}
}
