package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"firetower/internal/store"
)

// execer is a transaction or the database itself.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func enqueue(ctx context.Context, tx execer, alerts []store.Alert) error {
	for _, a := range alerts {
		next := a.NextTry
		if next.IsZero() {
			next = a.Created
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO outbox (sink, key, revision, kind, body, created, next_try, held)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (sink, key, revision, kind) DO NOTHING`,
			clean(a.Sink), clean(a.Key), a.Revision, clean(a.Kind), clean(string(a.Body)),
			micros(a.Created), micros(next), clean(a.Held))
		if err != nil {
			return err
		}
	}
	return nil
}

// Enqueue stores alerts that belong to no incident.
func (db *DB) Enqueue(ctx context.Context, alerts []store.Alert) error {
	return db.tx(ctx, "cannot enqueue an alert", func(tx *sql.Tx) error { return enqueue(ctx, tx, alerts) })
}

const alertColumns = `id, sink, key, revision, kind, body, state, attempts, created, next_try, held, last_error, delivered, batch`

func scanAlert(scan func(...any) error) (a store.Alert, err error) {
	var body, state string
	var created, next, delivered int64
	err = scan(&a.ID, &a.Sink, &a.Key, &a.Revision, &a.Kind, &body, &state, &a.Attempts,
		&created, &next, &a.Held, &a.LastError, &delivered, &a.Batch)
	a.Body, a.State = json.RawMessage(body), store.AlertState(state)
	a.Created, a.NextTry, a.Delivered = fromMicros(created), fromMicros(next), fromMicros(delivered)
	return a, err
}

func (db *DB) alerts(ctx context.Context, query string, args ...any) (out []store.Alert, err error) {
	err = db.rows(ctx, "cannot read the outbox", query, args, func(scan func(...any) error) error {
		a, err := scanAlert(scan)
		out = append(out, a)
		return err
	})
	return out, err
}

// Due lists what can be sent now: an alert waits for every earlier one of its
// key that is not due yet.
func (db *DB) Due(ctx context.Context, sink string, now time.Time, limit int) ([]store.Alert, error) {
	return db.alerts(ctx, `SELECT `+alertColumns+` FROM outbox o
		WHERE state = 'pending' AND sink = $1 AND next_try <= $2
		AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.state = 'pending' AND e.sink = o.sink
			AND e.key = o.key AND e.id < o.id AND e.next_try > $2)
		ORDER BY id LIMIT $3`, sink, micros(now), limit)
}

// NextDue is the earliest NextTry of the sink's pending alerts.
func (db *DB) NextDue(ctx context.Context, sink string) (time.Time, error) {
	var next sql.NullInt64
	err := db.read.QueryRowContext(ctx, `SELECT MIN(next_try) FROM outbox WHERE state = 'pending' AND sink = $1`, sink).Scan(&next)
	return fromMicros(next.Int64), db.wrap("cannot read the outbox", err)
}

// update changes pending alerts by id. The ids come after the other arguments.
func (db *DB) update(ctx context.Context, set string, ids []int64, args ...any) error {
	if len(ids) == 0 {
		return nil
	}
	const chunk = 500
	return db.tx(ctx, "cannot update the outbox", func(tx *sql.Tx) error {
		for some := range slices.Chunk(ids, chunk) {
			list, idArgs := marks(len(args)+1, some)
			query := `UPDATE outbox SET ` + set + ` WHERE state = 'pending' AND id IN (` + list + `)`
			if _, err := tx.ExecContext(ctx, query, append(args[:len(args):len(args)], idArgs...)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// MarkDelivered says that one message carried all these alerts.
func (db *DB) MarkDelivered(ctx context.Context, at time.Time, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return db.update(ctx, `state = 'delivered', attempts = attempts + 1, delivered = $1, batch = $2, held = '', last_error = ''`,
		ids, micros(at), ids[0])
}

// MarkFailed counts one attempt of each and sets the next.
func (db *DB) MarkFailed(ctx context.Context, ids []int64, next time.Time, reason string) error {
	return db.update(ctx, `attempts = attempts + 1, next_try = $1, last_error = $2`, ids, micros(next), clip(reason))
}

// Hold postpones alerts without counting an attempt.
func (db *DB) Hold(ctx context.Context, ids []int64, until time.Time, why string) error {
	return db.update(ctx, `next_try = $1, held = $2`, ids, micros(until), clip(why))
}

// Drop gives alerts up.
func (db *DB) Drop(ctx context.Context, at time.Time, ids []int64, reason string) error {
	return db.update(ctx, `state = 'dropped', delivered = $1, last_error = $2`, ids, micros(at), clip(reason))
}

// RetryNow makes all pending alerts of a sink due at once that are not held.
func (db *DB) RetryNow(ctx context.Context, sink string, now time.Time) error {
	_, err := db.write.ExecContext(ctx, `UPDATE outbox SET next_try = $1
		WHERE state = 'pending' AND sink = $2 AND held = '' AND next_try > $1`, micros(now), sink)
	return db.wrap("cannot update the outbox", err)
}

// LastAlert is the newest alert of a sink and key, in any state.
func (db *DB) LastAlert(ctx context.Context, sink, key string) (store.Alert, error) {
	row := db.read.QueryRowContext(ctx, `SELECT `+alertColumns+` FROM outbox WHERE sink = $1 AND key = $2
		ORDER BY id DESC LIMIT 1`, sink, clean(key))
	a, err := scanAlert(row.Scan)
	return a, db.wrap("cannot read the outbox", err)
}

// MessagesSince counts messages, of which one may have carried many alerts.
func (db *DB) MessagesSince(ctx context.Context, sink string, since time.Time) (n int, first time.Time, err error) {
	var us int64
	err = db.read.QueryRowContext(ctx, `SELECT COUNT(DISTINCT batch), COALESCE(MIN(delivered), 0) FROM outbox
		WHERE sink = $1 AND state = 'delivered' AND delivered >= $2`, sink, micros(since)).Scan(&n, &us)
	return n, fromMicros(us), db.wrap("cannot read the outbox", err)
}

// Alerts lists alerts newest first.
func (db *DB) Alerts(ctx context.Context, key string, limit int) ([]store.Alert, error) {
	w := &where{}
	if key != "" {
		w.add("key = ?", clean(key))
	}
	w.args = append(w.args, limit)
	return db.alerts(ctx, `SELECT `+alertColumns+` FROM outbox`+w.String()+` ORDER BY id DESC LIMIT `+
		mark(len(w.args)), w.args...)
}

// OutboxStats is the outbox by sink.
func (db *DB) OutboxStats(ctx context.Context) (out []store.SinkStats, err error) {
	err = db.rows(ctx, "cannot read the outbox", `SELECT sink,
		SUM(CASE WHEN state = 'pending' THEN 1 ELSE 0 END),
		SUM(CASE WHEN state = 'pending' AND held <> '' THEN 1 ELSE 0 END),
		SUM(CASE WHEN state = 'pending' AND last_error <> '' THEN 1 ELSE 0 END),
		SUM(CASE WHEN state = 'delivered' THEN 1 ELSE 0 END),
		SUM(CASE WHEN state = 'dropped' THEN 1 ELSE 0 END),
		COALESCE(MIN(CASE WHEN state = 'pending' THEN created END), 0),
		COALESCE(MAX(CASE WHEN state = 'delivered' THEN delivered END), 0),
		COALESCE((SELECT e.last_error FROM outbox e WHERE e.sink = o.sink AND e.state = 'pending' AND e.last_error <> ''
			ORDER BY e.id LIMIT 1), '')
		FROM outbox o GROUP BY sink ORDER BY sink`, nil, func(scan func(...any) error) error {
		var s store.SinkStats
		var oldest, last int64
		err := scan(&s.Sink, &s.Pending, &s.Held, &s.Failing, &s.Delivered, &s.Dropped, &oldest, &last, &s.LastError)
		s.Oldest, s.LastDelivered = fromMicros(oldest), fromMicros(last)
		out = append(out, s)
		return err
	})
	return out, err
}

// clip bounds and cleans what another program said before it is kept.
func clip(s string) string {
	const limit = 1000
	if len(s) > limit {
		s = s[:limit] + "..."
	}
	return strings.TrimSpace(clean(s))
}
