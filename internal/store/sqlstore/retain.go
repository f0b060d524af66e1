package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"firetower/internal/store"
)

// Retain removes what is too old, then the oldest until the rest fits.
func (db *DB) Retain(ctx context.Context, now time.Time, keep store.Retention) (removed store.Removed, err error) {
	if err = db.forgetOld(ctx, now, keep, &removed); err != nil {
		return removed, err
	}
	if keep.Bytes > 0 {
		err = db.forgetOldest(ctx, keep.Bytes, &removed)
	}
	if removed != (store.Removed{}) && err == nil {
		err = db.wrap("cannot compact the store", db.dialect.Compact(ctx, db.write))
	}
	return removed, err
}

// remove runs one deletion and counts its rows.
func remove(ctx context.Context, tx *sql.Tx, count *int, query string, args ...any) error {
	r, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	*count += int(n)
	return err
}

func (db *DB) forgetOld(ctx context.Context, now time.Time, keep store.Retention, removed *store.Removed) error {
	return db.tx(ctx, "cannot forget what is old", func(tx *sql.Tx) error {
		if cut := store.Cutoff(now, keep.Days); !cut.IsZero() {
			us := micros(cut)
			// By the wall clock: the packets of a replayed capture may be years old.
			if err := remove(ctx, tx, &removed.Incidents, `DELETE FROM incidents WHERE updated < $1`, us); err != nil {
				return err
			}
			if err := remove(ctx, tx, &removed.Alerts, `DELETE FROM outbox WHERE state <> 'pending' AND delivered < $1`, us); err != nil {
				return err
			}
			if err := remove(ctx, tx, &removed.Audit, `DELETE FROM audit WHERE at < $1`, us); err != nil {
				return err
			}
		}
		for i, r := range store.Resolutions() {
			cut := store.Cutoff(now, keep.SeriesDays[i])
			if cut.IsZero() {
				continue
			}
			if err := remove(ctx, tx, &removed.Points, `DELETE FROM series WHERE resolution = $1 AND at < $2`,
				int64(r/time.Second), micros(cut)); err != nil {
				return err
			}
		}
		return remove(ctx, tx, &removed.Secrets, `DELETE FROM secrets WHERE expires <> 0 AND expires <= $1`, micros(now))
	})
}

// forgetOldest removes incidents, then delivered alerts, then counters, a
// twentieth of each at a time, until the data fits.
func (db *DB) forgetOldest(ctx context.Context, limit int64, removed *store.Removed) error {
	for {
		size, err := db.Size(ctx)
		if err != nil || size <= limit {
			return err
		}
		before := *removed
		err = db.tx(ctx, "cannot make room", func(tx *sql.Tx) error {
			if err := remove(ctx, tx, &removed.Incidents, `DELETE FROM incidents WHERE id IN
				(SELECT id FROM incidents ORDER BY updated LIMIT (SELECT COUNT(*) / 20 + 1 FROM incidents))`); err != nil {
				return err
			}
			if err := remove(ctx, tx, &removed.Alerts, `DELETE FROM outbox WHERE id IN
				(SELECT id FROM outbox WHERE state <> 'pending' ORDER BY id LIMIT
					(SELECT COUNT(*) / 20 + 1 FROM outbox WHERE state <> 'pending'))`); err != nil {
				return err
			}
			return remove(ctx, tx, &removed.Points, `DELETE FROM series WHERE at <
				(SELECT MIN(at) + (MAX(at) - MIN(at)) / 20 + 1 FROM series)`)
		})
		if err != nil || *removed == before {
			return err
		}
	}
}
