// Package sqlstore holds the queries that both databases answer: SQL that SQLite
// and PostgreSQL read alike, with $1 parameters and ON CONFLICT. What differs
// between the two is in Dialect.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"firetower/internal/store"
)

// Dialect is what the two databases do differently.
type Dialect struct {
	Goose      goose.Dialect
	Migrations fs.FS
	Options    []goose.ProviderOption
	// Classify maps a driver's error to one of store's sentinels, or nil.
	Classify func(error) error
	// Size is the bytes of the data without free space.
	Size func(ctx context.Context, db *sql.DB) (int64, error)
	// Relieve frees what space it can on a full disk, before one more try. May be nil.
	Relieve func(ctx context.Context, db *sql.DB)
	// Compact gives freed space back after many deletions.
	Compact func(ctx context.Context, db *sql.DB) error
}

// DB implements store.Store.
type DB struct {
	write, read *sql.DB
	dialect     Dialect
	closeAlso   func()
}

var _ store.Store = (*DB)(nil)

// New migrates the database and gives the store. read may be the same as write.
// closeAlso, if not nil, runs at Close.
func New(ctx context.Context, write, read *sql.DB, d Dialect, closeAlso func()) (*DB, error) {
	db := &DB{write: write, read: read, dialect: d, closeAlso: closeAlso}
	if err := db.migrate(ctx); err != nil {
		return nil, err
	}
	return db, nil
}

func (db *DB) migrate(ctx context.Context) error {
	options := append([]goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}, db.dialect.Options...)
	p, err := goose.NewProvider(db.dialect.Goose, db.write, db.dialect.Migrations, options...)
	if err != nil {
		return fmt.Errorf("cannot read the migrations: %w", err)
	}
	// Two processes may open a new store at once; the one that loses the race
	// finds the work done when it looks again.
	for attempt := 0; ; attempt++ {
		err = db.up(ctx, p)
		if err == nil || attempt == 4 || errors.Is(err, store.ErrNewer) || errors.Is(err, store.ErrFull) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond << attempt):
		}
	}
}

func (db *DB) up(ctx context.Context, p *goose.Provider) error {
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return db.wrap("cannot read the version of the store", err)
	}
	if current > target {
		return fmt.Errorf("the store has version %d, this program knows up to %d; run the newer program or restore a backup: %w",
			current, target, store.ErrNewer)
	}
	if current == target {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return db.wrap("cannot migrate the store", err)
	}
	return nil
}

// Close waits for running queries and closes the database.
func (db *DB) Close() error {
	err := db.write.Close()
	if db.read != db.write {
		err = errors.Join(err, db.read.Close())
	}
	if db.closeAlso != nil {
		db.closeAlso()
	}
	return err
}

// wrap says what could not be done and classifies the cause.
func (db *DB) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, store.ErrNotFound)
	}
	if kind := db.dialect.Classify(err); kind != nil {
		return fmt.Errorf("%s: %w: %w", what, kind, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// tx runs f in a transaction of the writer. On a full disk it is run once more,
// after an attempt to make room.
func (db *DB) tx(ctx context.Context, what string, f func(*sql.Tx) error) error {
	err := db.txOnce(ctx, what, f)
	if db.dialect.Relieve != nil && errors.Is(err, store.ErrFull) {
		db.dialect.Relieve(ctx, db.write)
		err = db.txOnce(ctx, what, f)
	}
	return err
}

func (db *DB) txOnce(ctx context.Context, what string, f func(*sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return db.wrap(what, err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // the first error is the one to tell
		return db.wrap(what, err)
	}
	return db.wrap(what, tx.Commit())
}

// affected turns "no row" into ErrNotFound.
func affected(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err == nil && n == 0 {
		return sql.ErrNoRows
	}
	return nil
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// clean makes text that both databases can hold: PostgreSQL refuses NUL and
// bytes that are not UTF-8, and both can come out of a captured payload.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
}

// marks gives "$n, $n+1, ..." and the values as arguments.
func marks[T any](first int, values []T) (string, []any) {
	var b strings.Builder
	args := make([]any, len(values))
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", first+i)
		args[i] = v
	}
	return b.String(), args
}

// rows runs a query and scans each row with f.
func (db *DB) rows(ctx context.Context, what, query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return db.wrap(what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return db.wrap(what, err)
		}
	}
	return db.wrap(what, rows.Err())
}

// Health makes one small durable write.
func (db *DB) Health(ctx context.Context) error {
	_, err := db.write.ExecContext(ctx,
		`INSERT INTO health (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at`, time.Now().UnixMicro())
	return db.wrap("the store can not be written", err)
}

// Size is the bytes of the data without free space.
func (db *DB) Size(ctx context.Context) (int64, error) {
	n, err := db.dialect.Size(ctx, db.read)
	return n, db.wrap("cannot measure the store", err)
}
