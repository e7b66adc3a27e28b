package parity

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Subject is the running program, in a container or not.
type Subject interface {
	// Address is where it listens: HOST:PORT.
	Address() string

	// Container returns nil where there is no container.
	Container(ctx context.Context) (*Container, error)

	// SQL runs a statement as the database's superuser.
	SQL(ctx context.Context, statement string) (string, error)

	// Stop sends SIGTERM and waits for the end. A program that was killed has the status
	// 137.
	Stop(ctx context.Context) (status int, err error)

	// Log returns all that it wrote.
	Log(ctx context.Context) (string, error)
}

// Container is how a container runs.
type Container struct {
	Architecture, User string
	ReadOnlyRoot       bool
	Capabilities       []string // that were dropped
	Running            bool

	// Unhealthy reports whether the health check of the container failed.
	Unhealthy bool
}

// Result is what became of one row of the contract.
type Result string

// The results of a row.
const (
	Kept       Result = "kept"
	Broken     Result = "broken"
	NotChecked Result = "not checked"
)

// Row is a row of the contract, by its name there.
type Row struct {
	Clause string
	Result Result

	// Found is what was seen, or why nothing was looked at.
	Found string
}

// Checker checks the contract of the image.
type Checker struct {
	Task    Task
	Subject Subject

	// Schema is of a line of the log.
	Schema *jsonschema.Schema

	// Idle is how long a connection is left alone; longer than the load balancer does.
	Idle time.Duration

	// Secrets are the values that no log may have.
	Secrets []string

	rows    []Row
	slowest time.Duration
}

// The probe's marks: the log must have the first two, and may not have the secret.
const (
	probeAddress = "203.0.113.77"
	probeID      = "1-67430f2b-9a41c0ffee15900d9a41c0ff"
	probeSecret  = "parity-probe-secret"
	probePath    = "/parity-probe"
)

// Check returns a row for each of the contract's, in its order. It stops the subject.
func (c *Checker) Check(ctx context.Context) ([]Row, error) {
	c.checkStart(ctx)
	c.checkConnections(ctx)
	c.checkProbe(ctx)
	c.checkRotation(ctx)
	if err := c.checkContainer(ctx); err != nil {
		return nil, err
	}
	if err := c.checkStop(ctx); err != nil {
		return nil, err
	}
	for clause, reason := range map[string]string{
		"bodies":           "the web ACL refuses larger ones",
		"names of headers": "the load balancer drops others",
		"compression":      "the application's choice",
		"WebSockets":       "not every application has them",
	} {
		c.add(clause, NotChecked, "%s", reason)
	}
	c.addIf("time", c.slowest < 30*time.Second, "the slowest answer took %s", c.slowest.Round(time.Millisecond))
	slices.SortStableFunc(c.rows, func(a, b Row) int { return slices.Index(Clauses, a.Clause) - slices.Index(Clauses, b.Clause) })
	return c.rows, nil
}

// Clauses are the rows of the contract, in the order of docs/operations.md.
var Clauses = []string{"processor", "port", "health", "connections", "time", "bodies", "scheme and host", "names of headers", "compression",
	"errors", "WebSockets", "user", "files", "stop", "database", "rotation", "log", "addresses", "headers"}

func (c *Checker) add(clause string, result Result, format string, arguments ...any) {
	c.rows = append(c.rows, Row{clause, result, fmt.Sprintf(format, arguments...)})
}

func (c *Checker) addIf(clause string, kept bool, format string, arguments ...any) {
	result := Broken
	if kept {
		result = Kept
	}
	c.add(clause, result, format, arguments...)
}

// get sends a request as CloudFront and the load balancer would.
func (c *Checker) get(ctx context.Context, client *http.Client, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Subject.Address()+path, nil)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"True-Client-IP": probeAddress, "X-Amzn-Trace-Id": "Root=" + probeID, "X-Forwarded-Proto": "http",
		"X-Origin-Verify": probeSecret, "Authorization": "Bearer " + probeSecret,
	} {
		request.Header.Set(name, value)
	}
	began := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	c.slowest = max(c.slowest, time.Since(began))
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response, err
}

// client waits as long as a health check does, and follows no redirect.
func (c *Checker) client(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       time.Duration(c.Task.HealthSeconds) * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (c *Checker) healthy(ctx context.Context) error {
	response, err := c.get(ctx, c.client(nil), c.Task.HealthPath)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("it answered %d", response.StatusCode)
	}
	return err
}

func (c *Checker) checkStart(ctx context.Context) {
	began := time.Now()
	err := c.healthy(ctx)
	for err != nil && time.Since(began) < time.Duration(c.Task.StartSeconds)*time.Second && ctx.Err() == nil {
		time.Sleep(100 * time.Millisecond)
		err = c.healthy(ctx)
	}
	took := time.Since(began).Round(100 * time.Millisecond)
	if err != nil {
		c.add("health", Broken, "no 200 at %s within %s: %s", c.Task.HealthPath, took, err)
	} else {
		c.add("health", Kept, "200 at %s after %s", c.Task.HealthPath, took)
	}
	connection, err := net.DialTimeout("tcp", c.Subject.Address(), time.Second)
	c.addIf("port", err == nil, "connected to %d", c.Task.Port)
	if err == nil {
		_ = connection.Close()
	}
}

// checkConnections sends two requests on one connection, with a pause between them.
func (c *Checker) checkConnections(ctx context.Context) {
	var opened int
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		opened++
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	client := c.client(transport)
	_, err := c.get(ctx, client, c.Task.HealthPath)
	if err == nil {
		time.Sleep(c.Idle)
		_, err = c.get(ctx, client, c.Task.HealthPath)
	}
	if err != nil {
		c.add("connections", Broken, "%s", err)
		return
	}
	c.addIf("connections", opened == 1, "a connection that was idle for %s: %d were opened", c.Idle, opened)
}

func (c *Checker) checkProbe(ctx context.Context) {
	response, err := c.get(ctx, c.client(nil), probePath+"?key="+probeSecret)
	if err != nil {
		c.add("scheme and host", Broken, "%s", err)
		c.add("errors", Broken, "%s", err)
		return
	}
	location := response.Header.Get("Location")
	c.addIf("scheme and host", !strings.HasPrefix(location, "https:"), "%d at %s, location %q", response.StatusCode, probePath, location)
	caching := response.Header.Get("Cache-Control")
	c.addIf("errors", !strings.Contains(caching, "max-age") && !strings.Contains(caching, "s-maxage"),
		"%d at %s, Cache-Control %q", response.StatusCode, probePath, caching)
}
