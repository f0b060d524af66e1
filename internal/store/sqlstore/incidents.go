package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"firetower/internal/incident"
	"firetower/internal/store"
)

const upsertIncident = `
INSERT INTO incidents (id, revision, class, severity, started, ended, detected, recorded, updated,
    suppressed_by, addresses, ports, search, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13)
ON CONFLICT (id) DO UPDATE SET
    revision = excluded.revision, class = excluded.class, severity = excluded.severity,
    started = excluded.started, ended = excluded.ended, detected = excluded.detected,
    updated = excluded.updated, suppressed_by = excluded.suppressed_by,
    addresses = excluded.addresses, ports = excluded.ports, search = excluded.search, body = excluded.body
WHERE excluded.revision >= incidents.revision`

// Record stores one revision of an incident and its alerts.
func (db *DB) Record(ctx context.Context, at time.Time, inc *incident.Incident, suppressedBy int64, alerts []store.Alert) error {
	body, err := json.Marshal(inc)
	if err != nil {
		return fmt.Errorf("cannot encode incident %s: %w", inc.ID, err)
	}
	return db.tx(ctx, "cannot record incident "+inc.ID, func(tx *sql.Tx) error {
		var before int64
		err := tx.QueryRowContext(ctx, `SELECT suppressed_by FROM incidents WHERE id = $1`, inc.ID).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := tx.ExecContext(ctx, upsertIncident, inc.ID, inc.Revision, string(inc.Class), inc.Severity,
			micros(inc.Start), micros(inc.End), micros(inc.Detected), micros(at), suppressedBy,
			addresses(inc), ports(inc), searchText(inc), string(body)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO incident_history (incident_id, revision, recorded, body)
			VALUES ($1, $2, $3, $4) ON CONFLICT (incident_id, revision) DO UPDATE SET body = excluded.body`,
			inc.ID, inc.Revision, micros(at), string(body)); err != nil {
			return err
		}
		if err := trimHistory(ctx, tx, inc); err != nil {
			return err
		}
		if suppressedBy != 0 && suppressedBy != before {
			if _, err := tx.ExecContext(ctx, `UPDATE suppressions SET hits = hits + 1, last_hit = $1 WHERE id = $2`,
				micros(at), suppressedBy); err != nil {
				return err
			}
		}
		return enqueue(ctx, tx, alerts)
	})
}

// trimHistory keeps the first revision and the most recent ones.
func trimHistory(ctx context.Context, tx *sql.Tx, inc *incident.Incident) error {
	if inc.Revision <= store.MaxRevisions {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM incident_history WHERE incident_id = $1
		AND revision > (SELECT MIN(revision) FROM incident_history WHERE incident_id = $1)
		AND revision <= (SELECT revision FROM incident_history WHERE incident_id = $1
			ORDER BY revision DESC LIMIT 1 OFFSET $2)`, inc.ID, store.MaxRevisions-1)
	return err
}

func addresses(inc *incident.Incident) string {
	return clean(" " + strings.Join(inc.Actors, " ") + " " + strings.Join(inc.Targets, " ") + " ")
}

func ports(inc *incident.Incident) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, p := range inc.Ports {
		b.WriteString(strconv.Itoa(int(p)))
		b.WriteByte(' ')
	}
	return b.String()
}

func searchText(inc *incident.Incident) string {
	parts := []string{inc.ID, string(inc.Class), inc.Class.Title(), inc.Title, inc.Reason, addresses(inc), ports(inc),
		strings.Join(inc.Techniques, " "), strings.Join(inc.Behaviours, " ")}
	return clean(strings.ToLower(strings.Join(parts, "\n")))
}

const recordColumns = `body, state, note, state_by, state_at, recorded, updated, suppressed_by`

func scanRecord(scan func(...any) error, r *store.Record) error {
	var body, state string
	var stateAt, recorded, updated int64
	if err := scan(&body, &state, &r.Note, &r.StateBy, &stateAt, &recorded, &updated, &r.SuppressedBy); err != nil {
		return err
	}
	r.State = store.State(state)
	r.StateAt, r.Recorded, r.Updated = fromMicros(stateAt), fromMicros(recorded), fromMicros(updated)
	if err := json.Unmarshal([]byte(body), &r.Incident); err != nil {
		return fmt.Errorf("%w: an incident's body: %w", store.ErrCorrupt, err)
	}
	return nil
}

// Incident gives one incident, or ErrNotFound.
func (db *DB) Incident(ctx context.Context, id string) (r store.Record, err error) {
	row := db.read.QueryRowContext(ctx, `SELECT `+recordColumns+` FROM incidents WHERE id = $1`, clean(id))
	return r, db.wrap("cannot read incident "+strconv.Quote(id), scanRecord(row.Scan, &r))
}

// History lists the kept revisions, oldest first.
func (db *DB) History(ctx context.Context, id string) (out []store.Revision, err error) {
	err = db.rows(ctx, "cannot read the history of an incident",
		`SELECT recorded, body FROM incident_history WHERE incident_id = $1 ORDER BY revision`, []any{clean(id)},
		func(scan func(...any) error) error {
			var recorded int64
			var body string
			if err := scan(&recorded, &body); err != nil {
				return err
			}
			r := store.Revision{Recorded: fromMicros(recorded)}
			if err := json.Unmarshal([]byte(body), &r.Incident); err != nil {
				return fmt.Errorf("%w: a revision's body: %w", store.ErrCorrupt, err)
			}
			out = append(out, r)
			return nil
		})
	return out, err
}

// SetState writes what a person decided, and an audit entry.
func (db *DB) SetState(ctx context.Context, at time.Time, id string, s store.State, author, note string) error {
	if s != store.Open && s != store.Resolved && s != store.FalseAlarm {
		return fmt.Errorf("state %q is none of open, resolved, false_alarm", s)
	}
	return db.tx(ctx, "cannot change incident "+strconv.Quote(id), func(tx *sql.Tx) error {
		err := affected(tx.ExecContext(ctx,
			`UPDATE incidents SET state = $1, note = $2, state_by = $3, state_at = $4 WHERE id = $5`,
			string(s), clean(note), clean(author), micros(at), clean(id)))
		if err != nil {
			return err
		}
		return audit(ctx, tx, store.AuditEntry{At: at, Author: author, Action: "incident." + string(s), Subject: id, Detail: note})
	})
}

// PutEvidence stores or replaces one piece of evidence.
func (db *DB) PutEvidence(ctx context.Context, at time.Time, id, kind string, body []byte) error {
	if len(body) > store.MaxEvidence {
		return fmt.Errorf("evidence %q of incident %q has %d bytes, more than %d", kind, id, len(body), store.MaxEvidence)
	}
	if body == nil {
		body = []byte{}
	}
	return db.tx(ctx, "cannot store evidence", func(tx *sql.Tx) error {
		// The parent is looked up first so that a stranger's id is ErrNotFound.
		var one int
		if err := tx.QueryRowContext(ctx, `SELECT 1 FROM incidents WHERE id = $1`, clean(id)).Scan(&one); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO incident_evidence (incident_id, kind, recorded, body)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (incident_id, kind) DO UPDATE SET recorded = excluded.recorded, body = excluded.body`,
			clean(id), clean(kind), micros(at), body)
		return err
	})
}

// Evidence gives one piece, or ErrNotFound.
func (db *DB) Evidence(ctx context.Context, id, kind string) (body []byte, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT body FROM incident_evidence WHERE incident_id = $1 AND kind = $2`,
		clean(id), clean(kind)).Scan(&body)
	return body, db.wrap("cannot read evidence", err)
}

// EvidenceKinds lists what there is.
func (db *DB) EvidenceKinds(ctx context.Context, id string) (kinds []string, err error) {
	err = db.rows(ctx, "cannot list evidence", `SELECT kind FROM incident_evidence WHERE incident_id = $1 ORDER BY kind`,
		[]any{clean(id)}, func(scan func(...any) error) error {
			var k string
			err := scan(&k)
			kinds = append(kinds, k)
			return err
		})
	return kinds, err
}
