package sqlstore

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"firetower/internal/store"
)

// where collects conditions and their arguments.
type where struct {
	conditions []string
	args       []any
}

// add takes a condition in which ? stands for the next arguments in turn.
func (w *where) add(condition string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.conditions = append(w.conditions, condition)
}

func (w *where) in(column string, values []string) {
	if len(values) == 0 {
		return
	}
	list, args := marks(len(w.args)+1, values)
	w.args = append(w.args, args...)
	w.conditions = append(w.conditions, column+" IN ("+list+")")
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// like makes a pattern that finds s anywhere, with its wildcards taken literally.
func like(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(clean(s)) + "%"
}

func conditions(q store.Query) *where {
	w := &where{}
	in := func(column string, n int, at func(int) string) {
		values := make([]string, n)
		for i := range values {
			values[i] = clean(at(i))
		}
		w.in(column, values)
	}
	in("class", len(q.Classes), func(i int) string { return string(q.Classes[i]) })
	in("state", len(q.States), func(i int) string { return string(q.States[i]) })
	if q.Severity > 0 {
		w.add("severity <= ?", q.Severity)
	}
	if q.Address != "" {
		a := q.Address
		if parsed, err := netip.ParseAddr(a); err == nil { // as incidents print it
			a = parsed.Unmap().String()
		}
		w.add(`addresses LIKE ? ESCAPE '\'`, like(" "+a+" "))
	}
	if q.Port != 0 {
		w.add(`ports LIKE ? ESCAPE '\'`, like(fmt.Sprintf(" %d ", q.Port)))
	}
	for _, word := range strings.Fields(strings.ToLower(q.Text)) {
		w.add(`search LIKE ? ESCAPE '\'`, like(word))
	}
	if !q.Since.IsZero() {
		w.add("ended >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		w.add("started < ?", micros(q.Until))
	}
	if q.Suppressed != nil {
		if *q.Suppressed {
			w.add("suppressed_by <> 0")
		} else {
			w.add("suppressed_by = 0")
		}
	}
	return w
}

// FindIncidents lists incidents newest first, by the time of detection.
func (db *DB) FindIncidents(ctx context.Context, q store.Query) (page store.Page, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, 1000)
	w := conditions(q)
	if err := db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM incidents`+w.String(), w.args...).Scan(&page.Total); err != nil {
		return page, db.wrap("cannot count incidents", err)
	}
	if q.Cursor != "" {
		at, id, ok := strings.Cut(q.Cursor, ".")
		detected, err := strconv.ParseInt(at, 10, 64)
		if !ok || err != nil {
			return page, fmt.Errorf("cursor %q is not one that a page gave: %w", q.Cursor, store.ErrNotFound)
		}
		w.add("(detected < ? OR (detected = ? AND id < ?))", detected, detected, clean(id))
	}
	query := `SELECT ` + recordColumns + ` FROM incidents` + w.String() +
		` ORDER BY detected DESC, id DESC LIMIT ` + strconv.Itoa(limit+1)
	err = db.rows(ctx, "cannot list incidents", query, w.args, func(scan func(...any) error) error {
		var r store.Record
		err := scanRecord(scan, &r)
		page.Records = append(page.Records, r)
		return err
	})
	if len(page.Records) > limit {
		page.Records = page.Records[:limit]
		last := page.Records[limit-1]
		page.Next = fmt.Sprintf("%d.%s", micros(last.Detected), last.ID)
	}
	return page, err
}
