// Package postgres keeps the store in a PostgreSQL database, for those who have
// one. One daemon uses one database or schema (search_path in the connection
// string); the command line and the dashboard may use it beside the daemon.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"firetower/internal/store"
	"firetower/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// maxConns bounds the pool unless the connection string says pool_max_conns.
const maxConns = 8

// Open connects by a connection string, URL or key=value, and migrates.
func Open(ctx context.Context, connString string) (store.Store, error) {
	config, err := pgxpool.ParseConfig(connString)
	if err != nil {
		// pgx redacts the password where it can tell which part it is; where it
		// can not, its text could hold it.
		return nil, fmt.Errorf("the connection string %s can not be read", store.RedactDSN(connString))
	}
	if !strings.Contains(connString, "pool_max_conns") {
		config.MaxConns = maxConns
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "firetower"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", store.RedactDSN(connString), err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		pool.Close()
		return nil, err
	}
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		pool.Close()
		return nil, err
	}
	sqlDB := stdlib.OpenDBFromPool(pool)
	db, err := sqlstore.New(ctx, sqlDB, sqlDB, sqlstore.Dialect{
		Goose: goose.DialectPostgres, Migrations: sub, Options: []goose.ProviderOption{goose.WithSessionLocker(locker)},
		Classify: classify, Size: size, Compact: compact,
	}, pool.Close)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("%s: %w", store.RedactDSN(connString), err)
	}
	return db, nil
}

// classify reads SQLSTATE (PostgreSQL manual, appendix A).
func classify(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch {
		case e.Code == "53100": // disk_full
			return store.ErrFull
		case strings.HasPrefix(e.Code, "08"), strings.HasPrefix(e.Code, "57P"), strings.HasPrefix(e.Code, "53"):
			return store.ErrUnavailable // connection, shutdown, resources
		case strings.HasPrefix(e.Code, "XX"):
			return store.ErrCorrupt
		}
		return nil
	}
	var c *pgconn.ConnectError
	var n net.Error
	if errors.As(err, &c) || errors.As(err, &n) || errors.Is(err, sql.ErrConnDone) || pgconn.SafeToRetry(err) {
		return store.ErrUnavailable
	}
	return nil
}

// size is that of the rows: a table does not shrink when rows are deleted, it
// is filled again.
func size(ctx context.Context, db *sql.DB) (n int64, err error) {
	var query strings.Builder
	for i, t := range []string{"incidents", "incident_history", "incident_evidence", "outbox", "suppressions", "audit", "series", "secrets"} {
		if i > 0 {
			query.WriteString(" + ")
		} else {
			query.WriteString("SELECT ")
		}
		// 28 bytes: a row's header and its line pointer.
		fmt.Fprintf(&query, "(SELECT COALESCE(SUM(pg_column_size(t.*) + 28), 0) FROM %s t)", t)
	}
	err = db.QueryRowContext(ctx, query.String()).Scan(&n)
	return n, err
}

// compact leaves the work to autovacuum.
func compact(context.Context, *sql.DB) error { return nil }
