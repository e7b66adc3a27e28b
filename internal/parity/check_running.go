package parity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// connectionsSQL counts the connections over the network, and those without TLS.
const connectionsSQL = `SELECT count(*) || ' ' || count(*) FILTER (WHERE NOT ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
	WHERE client_addr IS NOT NULL AND usename = '%s'`

// checkRotation looks at the connections, changes the password, and asks again.
func (c *Checker) checkRotation(ctx context.Context) {
	counts, err := c.Subject.SQL(ctx, fmt.Sprintf(connectionsSQL, c.Task.Database.Username))
	all, plain, _ := strings.Cut(counts, " ")
	switch {
	case err != nil:
		c.add("database", Broken, "%s", err)
	case all == "0":
		c.add("database", NotChecked, "it opened no connection")
	default:
		c.addIf("database", plain == "0", "%s connections, %s of them without TLS", all, plain)
	}
	_, err = c.Subject.SQL(ctx, fmt.Sprintf("ALTER ROLE %s PASSWORD '%s'", c.Task.Database.Username, rand.Text()))
	if err == nil {
		err = c.healthy(ctx)
	}
	if err != nil {
		c.add("rotation", Broken, "%s", err)
		return
	}
	c.add("rotation", Kept, "healthy after the password was changed")
}

func (c *Checker) checkContainer(ctx context.Context) error {
	container, err := c.Subject.Container(ctx)
	if err != nil {
		return err
	}
	if container == nil {
		for _, clause := range []string{"processor", "user", "files"} {
			c.add(clause, NotChecked, "it runs in no container; this machine is %s", runtime.GOARCH)
		}
		return nil
	}
	if container.Unhealthy {
		c.rows = slices.DeleteFunc(c.rows, func(row Row) bool { return row.Clause == "health" })
		c.add("health", Broken, "the container's own health check failed")
	}
	c.addIf("processor", container.Architecture == c.Task.processor(), "%s", container.Architecture)
	c.addIf("user", container.User == c.Task.User && container.Running && slices.Equal(container.Capabilities, c.Task.Drop),
		"%s without the capabilities %v, running: %t", container.User, container.Capabilities, container.Running)
	c.addIf("files", container.ReadOnlyRoot && container.Running, "read-only root: %t, and %s, running: %t",
		container.ReadOnlyRoot, c.Task.Tmpfs, container.Running)
	return nil
}

func (c *Checker) checkStop(ctx context.Context) error {
	began := time.Now()
	status, err := c.Subject.Stop(ctx)
	if err != nil {
		return err
	}
	const killed = 137
	took := time.Since(began)
	c.addIf("stop", status != killed && took < time.Duration(c.Task.StopSeconds)*time.Second, "status %d after %s",
		status, took.Round(100*time.Millisecond))
	output, err := c.Subject.Log(ctx)
	if err != nil {
		return err
	}
	c.checkLog(output)
	return nil
}

func (c *Checker) checkLog(output string) {
	var lines int
	var refused []string
	var probe map[string]any
	for line := range strings.Lines(output) {
		lines++
		event, err := c.event(line)
		if err != nil {
			refused = append(refused, err.Error())
		}
		if event["event"] == "request" && event["path"] == probePath {
			probe = event
		}
	}
	c.addIf("addresses", !strings.Contains(output, probeSecret), "a query string, a token and X-Origin-Verify were sent: none is in the log")
	leaked := slices.ContainsFunc(c.Secrets, func(secret string) bool { return strings.Contains(output, secret) })
	switch {
	case leaked:
		c.add("log", Broken, "the value of a secret is in it")
	case len(refused) > 0:
		c.add("log", Broken, "%d of %d lines, the first: %s", len(refused), lines, refused[0])
	case probe == nil:
		c.add("log", Broken, "%d lines, and none of the event request for %s", lines, probePath)
	default:
		c.add("log", Kept, "%d lines", lines)
	}
	c.addIf("headers", probe["src_ip"] == probeAddress && strings.HasSuffix(fmt.Sprint(probe["request_id"]), probeID),
		"src_ip %v, request_id %v", probe["src_ip"], probe["request_id"])
}

// event returns a line of the log, and how it breaks the log contract.
func (c *Checker) event(line string) (event map[string]any, err error) {
	line = strings.TrimSpace(line)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err != nil {
		return nil, fmt.Errorf("no JSON: %.60s", line)
	}
	if err := c.Schema.Validate(value); err != nil {
		return nil, fmt.Errorf("%s: %.120s", reason(err), line)
	}
	return event, json.Unmarshal([]byte(line), &event)
}

// reason returns the last line of an error, which names the field.
func reason(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimLeft(lines[len(lines)-1], "- ")
}
