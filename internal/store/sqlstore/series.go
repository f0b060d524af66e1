package sqlstore

import (
	"context"
	"database/sql"
	"math"
	"time"

	"firetower/internal/store"
)

// AddSamples adds each sample to its interval at every resolution.
func (db *DB) AddSamples(ctx context.Context, at time.Time, samples []store.Sample) error {
	if len(samples) == 0 {
		return nil
	}
	return db.tx(ctx, "cannot store counters", func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, `INSERT INTO series (name, resolution, at, n, sum, min, max)
			VALUES ($1, $2, $3, 1, $4, $4, $4)
			ON CONFLICT (name, resolution, at) DO UPDATE SET n = series.n + 1, sum = series.sum + excluded.sum,
				min = CASE WHEN excluded.min < series.min THEN excluded.min ELSE series.min END,
				max = CASE WHEN excluded.max > series.max THEN excluded.max ELSE series.max END`)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, s := range samples {
			if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
				continue // no chart can draw it
			}
			for _, r := range store.Resolutions() {
				if _, err := stmt.ExecContext(ctx, clean(s.Name), int64(r/time.Second), micros(at.Truncate(r)), s.Value); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Series reads one name at the finest resolution that gives at most maxPoints.
func (db *DB) Series(ctx context.Context, name string, from, to time.Time, maxPoints int) (out []store.Point, step time.Duration, err error) {
	for _, r := range store.Resolutions() {
		step = r
		if to.Sub(from) <= time.Duration(max(maxPoints, 1))*r {
			break
		}
	}
	err = db.rows(ctx, "cannot read counters", `SELECT at, n, sum, min, max FROM series
		WHERE name = $1 AND resolution = $2 AND at >= $3 AND at < $4 ORDER BY at`,
		[]any{clean(name), int64(step / time.Second), micros(from.Truncate(step)), micros(to)},
		func(scan func(...any) error) error {
			var p store.Point
			var at int64
			err := scan(&at, &p.N, &p.Sum, &p.Min, &p.Max)
			p.Time = fromMicros(at)
			out = append(out, p)
			return err
		})
	return out, step, err
}

// SeriesNames lists what there is.
func (db *DB) SeriesNames(ctx context.Context) (names []string, err error) {
	err = db.rows(ctx, "cannot list counters", `SELECT DISTINCT name FROM series WHERE resolution = $1 ORDER BY name`,
		[]any{int64(time.Hour / time.Second)}, func(scan func(...any) error) error {
			var n string
			err := scan(&n)
			names = append(names, n)
			return err
		})
	return names, err
}

// PutSecret stores or replaces.
func (db *DB) PutSecret(ctx context.Context, bucket, key string, value []byte, expires time.Time) error {
	if value == nil {
		value = []byte{}
	}
	_, err := db.write.ExecContext(ctx, `INSERT INTO secrets (bucket, key, value, expires) VALUES ($1, $2, $3, $4)
		ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value, expires = excluded.expires`,
		clean(bucket), clean(key), value, micros(expires))
	return db.wrap("cannot store a secret", err)
}

// Secret gives a value that has not expired.
func (db *DB) Secret(ctx context.Context, bucket, key string, now time.Time) (value []byte, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT value FROM secrets WHERE bucket = $1 AND key = $2 AND (expires = 0 OR expires > $3)`,
		clean(bucket), clean(key), micros(now)).Scan(&value)
	return value, db.wrap("cannot read a secret", err)
}

// DeleteSecret removes a value; it is no error if there is none.
func (db *DB) DeleteSecret(ctx context.Context, bucket, key string) error {
	_, err := db.write.ExecContext(ctx, `DELETE FROM secrets WHERE bucket = $1 AND key = $2`, clean(bucket), clean(key))
	return db.wrap("cannot delete a secret", err)
}

// SecretKeys lists the keys of a bucket that have not expired.
func (db *DB) SecretKeys(ctx context.Context, bucket string, now time.Time) (keys []string, err error) {
	err = db.rows(ctx, "cannot list secrets", `SELECT key FROM secrets WHERE bucket = $1 AND (expires = 0 OR expires > $2) ORDER BY key`,
		[]any{clean(bucket), micros(now)}, func(scan func(...any) error) error {
			var k string
			err := scan(&k)
			keys = append(keys, k)
			return err
		})
	return keys, err
}
