// Package sqlite keeps the store in one SQLite file, with no server to install.
//
// The file is in write-ahead-log mode with synchronous=FULL: a commit is on the
// disk, not only in the kernel, before it is reported. An incident is a few
// kilobytes and there are few of them, so the price is nothing beside detection.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pressly/goose/v3"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"firetower/internal/store"
	"firetower/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var migrations embed.FS

// readers is how many queries may read beside the one writer.
const readers = 4

// Open opens or creates the file. Its directory has to exist: a missing one is
// most often a wrong path, or a disk that is not mounted.
func Open(ctx context.Context, path string) (store.Store, error) {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("the store's directory: %w; make it, writable for the user that Firetower runs as", err)
	}
	if err := protect(path); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", dsn(path, "_txlock=immediate", "_pragma=auto_vacuum(2)", "_pragma=journal_mode(wal)",
		"_pragma=synchronous(full)", "_pragma=foreign_keys(1)", "_pragma=journal_size_limit(1048576)", "_pragma=wal_autocheckpoint(256)"))
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	write.SetMaxOpenConns(1) // SQLite has one writer; waiting in Go is fairer than waiting in SQLite
	read, err := sql.Open("sqlite", dsn(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := sqlstore.New(ctx, write, read, sqlstore.Dialect{
		Goose: goose.DialectSQLite3, Migrations: sub, Classify: classify, Size: size, Compact: compact, Relieve: relieve,
	}, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), read.Close(), write.Close())
	}
	return db, nil
}

// protect creates the file readable for its owner alone: it holds sessions and
// who talked to whom. SQLite gives its journals the same mode.
func protect(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("cannot open the store: %w: it belongs to the daemon's user; run with sudo", err)
	case err != nil:
		return fmt.Errorf("cannot open the store: %w", err)
	}
	return f.Close()
}

func dsn(path string, options ...string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	u.RawQuery = "_pragma=busy_timeout(10000)"
	for _, o := range options {
		u.RawQuery += "&" + o
	}
	return u.String()
}

func classify(err error) error {
	var e *sqlitedriver.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return store.ErrFull
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return store.ErrCorrupt
		case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR:
			return store.ErrUnavailable
		}
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return store.ErrFull
	}
	return nil
}

// size is that of the pages in use.
func size(ctx context.Context, db *sql.DB) (n int64, err error) {
	err = db.QueryRowContext(ctx, `SELECT (c.page_count - f.freelist_count) * s.page_size
		FROM pragma_page_count() c, pragma_freelist_count() f, pragma_page_size() s`).Scan(&n)
	return n, err
}

// relieve moves the log into the file, so that its space can be used again.
func relieve(ctx context.Context, db *sql.DB) {
	_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
}

// compact gives free pages back to the file system and empties the log.
func compact(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, `PRAGMA incremental_vacuum`); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}
