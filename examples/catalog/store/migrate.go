package store

import (
	"context"
	"embed"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// migrations are applied in the order of their names. Each must also work for the
// release before it: its tasks still run meanwhile, and after a rollback again.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the key of an advisory lock, which only this program takes.
const migrationLock = 7_205_759_403

// Migrate applies the migrations that the database does not have yet, and returns the
// schema's version. Tasks that start together wait for each other: one applies all of
// them in a transaction. A schema that is as new as this release, or newer, is only
// read, so that a user who may not change it can serve.
func (s *Store) Migrate(ctx context.Context) (version int, err error) {
	err = s.with(ctx, func(conn *pgxpool.Conn) error {
		files, err := migrations.ReadDir("migrations")
		if err != nil {
			return err
		}
		if version, err = current(ctx, conn.Conn()); err == nil && version >= len(files) {
			return nil
		}
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			version, err = migrate(ctx, tx)
			return err
		})
	})
	return version, err
}

// current returns the schema's version, and an error where there is none.
func current(ctx context.Context, conn *pgx.Conn) (version int, err error) {
	err = conn.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM schema_migrations").Scan(&version)
	return version, err
}

func migrate(ctx context.Context, tx pgx.Tx) (version int, err error) {
	for _, statement := range []string{
		"SET LOCAL statement_timeout = 0",
		fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", migrationLock),
		// A table that is in use is not waited for: every request would wait behind it.
		"SET LOCAL lock_timeout = '5s'",
		"CREATE TABLE IF NOT EXISTS schema_migrations (version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
	} {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return 0, err
		}
	}
	if version, err = current(ctx, tx.Conn()); err != nil {
		return 0, err
	}
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return 0, err
	}
	for ; version < len(files); version++ {
		if err := apply(ctx, tx, version+1, files[version].Name()); err != nil {
			return 0, err
		}
	}
	return version, nil
}

func apply(ctx context.Context, tx pgx.Tx, version int, name string) error {
	statements, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, string(statements), pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO schema_migrations (version) VALUES ($1)", version)
	return err
}
