package store

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"firetower/internal/secret"
)

// Config says where the store is and how much it keeps.
type Config struct {
	// Path of the SQLite file. Ignored if PostgreSQL is set.
	Path string `yaml:"path" json:"path"`
	// PostgreSQL is a connection string ("postgres://user@host/firetower" or
	// "host=... dbname=..."); "${NAME}" takes it or a part of it from the
	// environment. A password belongs there or in PostgreSQLFile.
	PostgreSQL secret.Text `yaml:"postgresql,omitempty" json:"postgresql,omitempty"`
	// PostgreSQLFile is a file that holds the connection string.
	PostgreSQLFile string    `yaml:"postgresql_file,omitempty" json:"postgresql_file,omitempty"`
	Retention      Retention `yaml:"retention" json:"retention"`
}

// Retention limits what is kept. Zero means no limit.
type Retention struct {
	Days  int   `yaml:"days" json:"days"`   // incidents, alerts, audit
	Bytes int64 `yaml:"bytes" json:"bytes"` // of all data
	// Days of counters at each of the Resolutions, finest first.
	SeriesDays [3]int `yaml:"series_days" json:"series_days"`
}

// Removed counts what one run of retention took away.
type Removed struct {
	Incidents int `json:"incidents"`
	Alerts    int `json:"alerts"`
	Audit     int `json:"audit"`
	Points    int `json:"points"`
	Secrets   int `json:"secrets"` // expired
}

// DefaultConfig keeps ninety days and at most 1 GiB beside the daemon's state.
func DefaultConfig() Config {
	return Config{
		Path: "/var/lib/firetower/firetower.db",
		Retention: Retention{
			Days: 90, Bytes: 1 << 30, SeriesDays: [3]int{2, 30, 365},
		},
	}
}

// Validate names the first setting that can not work.
func (c Config) Validate() error {
	if c.Path == "" && c.PostgreSQL == "" && c.PostgreSQLFile == "" {
		return errors.New("store: set path (SQLite) or postgresql")
	}
	if c.Retention.Days < 0 || c.Retention.Bytes < 0 {
		return errors.New("store: retention can not be negative; 0 means no limit")
	}
	if c.Retention.Bytes > 0 && c.Retention.Bytes < 1<<20 {
		return errors.New("store: retention.bytes below 1 MiB (1048576) would keep next to nothing")
	}
	return nil
}

// String is the place without any password.
func (c Config) String() string {
	switch {
	case c.PostgreSQLFile != "":
		return "postgresql from " + c.PostgreSQLFile
	case c.PostgreSQL != "":
		return RedactDSN(string(c.PostgreSQL))
	}
	return c.Path
}

// ConnectionString is PostgreSQL's, with the environment's values or from the file.
func (c Config) ConnectionString() (string, error) {
	s, err := secret.Read(c.PostgreSQL, c.PostgreSQLFile)
	if err != nil {
		return "", fmt.Errorf("store: postgresql: %w", err)
	}
	return s, nil
}

// LogValue keeps passwords out of logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// RedactDSN gives a connection string without its password.
func RedactDSN(dsn string) string {
	if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
		if q := u.Query(); q.Has("password") {
			q.Set("password", "xxxxx")
			u.RawQuery = q.Encode()
		}
		return u.Redacted()
	}
	if strings.Contains(dsn, "://") { // does not parse: show nothing of it
		return "postgresql (connection string withheld)"
	}
	fields := strings.Fields(dsn)
	for i, f := range fields {
		if k, _, ok := strings.Cut(f, "="); ok && strings.EqualFold(k, "password") {
			fields[i] = k + "=xxxxx"
		}
	}
	if strings.Contains(dsn, "'") { // quoted values may hold spaces
		return "postgresql (connection string withheld)"
	}
	return strings.Join(fields, " ")
}

// day is the unit of retention.
const day = 24 * time.Hour

// Cutoff is the time before which a retention of some days forgets; zero if
// there is no limit.
func Cutoff(now time.Time, days int) time.Time {
	if days <= 0 {
		return time.Time{}
	}
	return now.Add(-time.Duration(days) * day)
}
