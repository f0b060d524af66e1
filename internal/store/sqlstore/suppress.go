package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"firetower/internal/attack"
	"firetower/internal/store"
	"firetower/internal/suppress"
)

func mark(n int) string { return "$" + strconv.Itoa(n) }

func audit(ctx context.Context, tx execer, e store.AuditEntry) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO audit (at, author, action, subject, detail) VALUES ($1, $2, $3, $4, $5)`,
		micros(e.At), clean(e.Author), clean(e.Action), clean(e.Subject), clip(e.Detail))
	return err
}

// AddSuppression validates and stores a rule with its audit entry.
func (db *DB) AddSuppression(ctx context.Context, r suppress.Rule) (suppress.Rule, error) {
	if err := r.Validate(); err != nil {
		return r, err
	}
	ports := make([]string, len(r.Ports))
	for i, p := range r.Ports {
		ports[i] = strconv.Itoa(int(p))
	}
	err := db.tx(ctx, "cannot add a suppression", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `INSERT INTO suppressions
			(source, destination, network, ports, class, expires, reason, author, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
			r.Source, r.Destination, r.Network, strings.Join(ports, ","), string(r.Class), micros(r.Expires),
			clean(r.Reason), clean(r.Author), micros(r.Created)).Scan(&r.ID)
		if err != nil {
			return err
		}
		return audit(ctx, tx, store.AuditEntry{At: r.Created, Author: r.Author, Action: "suppression.add",
			Subject: ruleSubject(r.ID), Detail: describe(r)})
	})
	return r, err
}

func ruleSubject(id int64) string { return "suppression:" + strconv.FormatInt(id, 10) }

func describe(r suppress.Rule) string {
	until := "for good"
	if !r.Expires.IsZero() {
		until = "until " + r.Expires.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("%s, %s: %s", r, until, r.Reason)
}

// RemoveSuppression ends a rule; the audit keeps it.
func (db *DB) RemoveSuppression(ctx context.Context, at time.Time, id int64, author, reason string) error {
	return db.tx(ctx, "cannot remove suppression "+strconv.FormatInt(id, 10), func(tx *sql.Tx) error {
		err := affected(tx.ExecContext(ctx, `UPDATE suppressions SET removed = $1 WHERE id = $2 AND removed = 0`, micros(at), id))
		if err != nil {
			return err
		}
		return audit(ctx, tx, store.AuditEntry{At: at, Author: author, Action: "suppression.remove",
			Subject: ruleSubject(id), Detail: reason})
	})
}

const ruleColumns = `id, source, destination, network, ports, class, expires, reason, author, created, hits, last_hit`

func scanRule(scan func(...any) error) (r suppress.Rule, err error) {
	var ports, class string
	var expires, created, last int64
	err = scan(&r.ID, &r.Source, &r.Destination, &r.Network, &ports, &class, &expires, &r.Reason, &r.Author, &created, &r.Hits, &last)
	r.Class = attack.Class(class)
	r.Expires, r.Created, r.LastHit = fromMicros(expires), fromMicros(created), fromMicros(last)
	for _, p := range strings.FieldsFunc(ports, func(c rune) bool { return c == ',' }) {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return r, fmt.Errorf("%w: ports %q of a suppression", store.ErrCorrupt, ports)
		}
		r.Ports = append(r.Ports, uint16(n))
	}
	return r, err
}

// ActiveSuppressions lists rules in force at a time, oldest first.
func (db *DB) ActiveSuppressions(ctx context.Context, at time.Time) (out []suppress.Rule, err error) {
	err = db.rows(ctx, "cannot list suppressions", `SELECT `+ruleColumns+` FROM suppressions
		WHERE removed = 0 AND (expires = 0 OR expires > $1) ORDER BY id`, []any{micros(at)},
		func(scan func(...any) error) error {
			r, err := scanRule(scan)
			out = append(out, r)
			return err
		})
	return out, err
}

// Suppression gives a rule, also an expired or removed one.
func (db *DB) Suppression(ctx context.Context, id int64) (suppress.Rule, error) {
	row := db.read.QueryRowContext(ctx, `SELECT `+ruleColumns+` FROM suppressions WHERE id = $1`, id)
	r, err := scanRule(row.Scan)
	return r, db.wrap("cannot read suppression "+strconv.FormatInt(id, 10), err)
}

// Audit lists changes newest first.
func (db *DB) Audit(ctx context.Context, subject string, limit int) (out []store.AuditEntry, err error) {
	w := &where{}
	if subject != "" {
		w.add("subject = ?", clean(subject))
	}
	w.args = append(w.args, limit)
	err = db.rows(ctx, "cannot read the audit", `SELECT id, at, author, action, subject, detail FROM audit`+w.String()+
		` ORDER BY id DESC LIMIT `+mark(len(w.args)), w.args, func(scan func(...any) error) error {
		var e store.AuditEntry
		var at int64
		err := scan(&e.ID, &at, &e.Author, &e.Action, &e.Subject, &e.Detail)
		e.At = fromMicros(at)
		out = append(out, e)
		return err
	})
	return out, err
}

// AppendAudit adds an entry for something that is no method of the store.
func (db *DB) AppendAudit(ctx context.Context, e store.AuditEntry) error {
	return db.wrap("cannot write the audit", audit(ctx, db.write, e))
}
