// Package store keeps the products in PostgreSQL.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// MaxConns is how many connections a task opens at most. Twice as many tasks as the
// environment has at most run during a deployment. Aurora's max_connections is above
// their connections together.
const MaxConns = 8

// retryFor is how long a request waits for a connection. After a rotation new ones are
// refused until ECS has replaced the task; one that is open already becomes free.
const retryFor = 3 * time.Second

// Settings name the database. The password is the one of the task's start: after a
// rotation ECS starts the task anew with the next one.
type Settings struct {
	Host, Port, Name, Username, Password string

	// TLSMode and RootCert are libpq's sslmode and sslrootcert: require, verify-ca or
	// verify-full, and the file of the accepted authorities. Default: require.
	TLSMode, RootCert string
}

// Store is safe for concurrent use.
type Store struct{ pool *pgxpool.Pool }

// Open returns a store that connects when it is used. An error names no secret.
func Open(settings Settings, logger *slog.Logger) (*Store, error) {
	config, err := settings.config()
	if err != nil {
		return nil, err
	}
	config.ConnConfig.Tracer = connections{logger}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	return &Store{pool}, err
}

// config keeps connections for a day: one that is open outlives a rotation.
func (s Settings) config() (*pgxpool.Config, error) {
	if s.TLSMode == "" {
		s.TLSMode = "require"
	}
	if !slices.Contains([]string{"require", "verify-ca", "verify-full"}, s.TLSMode) {
		return nil, fmt.Errorf("PGSSLMODE: got %q, want require, verify-ca or verify-full", s.TLSMode)
	}
	config, err := pgxpool.ParseConfig(keywords(
		"host", s.Host, "port", s.Port, "dbname", s.Name, "user", s.Username,
		"sslmode", s.TLSMode, "sslrootcert", s.RootCert,
		"connect_timeout", "5",
		"target_session_attrs", "read-write", // a name may lead to the former writer for a while
		"application_name", "catalog",
		"statement_timeout", "10s",
		"idle_in_transaction_session_timeout", "30s",
	))
	if err != nil {
		return nil, err
	}
	config.ConnConfig.Password = s.Password
	config.MaxConns, config.MinConns = MaxConns, 2
	config.MaxConnLifetime, config.MaxConnIdleTime = 24*time.Hour, 24*time.Hour
	return config, nil
}

// keywords returns libpq's connection string of names and values; empty ones are left
// out.
func keywords(pairs ...string) string {
	var text strings.Builder
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			fmt.Fprintf(&text, "%s='%s' ", pair[0], strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(pair[1]))
		}
	}
	return text.String()
}

// Close waits for the connections that are in use.
func (s *Store) Close() { s.pool.Close() }

// ErrUnavailable reports that there was no connection in time, or that it was lost.
var ErrUnavailable = errors.New("the database is not available")

// with runs do with a connection. Only getting one is tried again, so do runs once.
func (s *Store) with(ctx context.Context, do func(*pgxpool.Conn) error) error {
	within, cancel := context.WithTimeout(ctx, retryFor)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		conn, err := s.pool.Acquire(within)
		if err == nil {
			defer conn.Release()
			if err = do(conn); err != nil && conn.Conn().IsClosed() {
				err = fmt.Errorf("%w: %w", ErrUnavailable, err)
			}
			return err
		}
		select {
		case <-within.Done():
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		case <-time.After(wait):
		}
	}
}

// connections logs each connection that could not be opened.
type connections struct{ logger *slog.Logger }

// TraceConnectEnd implements pgx.ConnectTracer.
func (c connections) TraceConnectEnd(_ context.Context, end pgx.TraceConnectEndData) {
	if end.Err != nil && !errors.Is(end.Err, context.Canceled) {
		c.logger.Error("db_connection_failed", "message", end.Err.Error())
	}
}

// TraceConnectStart implements pgx.ConnectTracer.
func (connections) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return ctx
}

// TraceQueryStart implements pgx.QueryTracer.
func (connections) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (connections) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// code returns the SQLSTATE of an error, empty where it has none.
func code(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}
