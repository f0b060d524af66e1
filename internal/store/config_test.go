package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"firetower/internal/store"
)

func TestPasswordsStayOut(t *testing.T) {
	for _, dsn := range []string{
		"postgres://u:hunter2@db.example.org/firetower?sslmode=require", "postgres://u@db/f?password=hunter2",
		"host=db user=u password=hunter2 dbname=f", "host=db PASSWORD = 'hun ter2' hunter2", "postgres://u:hunter2@db:port/f",
	} {
		if s := store.RedactDSN(dsn); strings.Contains(s, "hunter2") {
			t.Errorf("%s shows the password", s)
		}
		c := store.DefaultConfig()
		c.PostgreSQL = "x"
		if err := yaml.Unmarshal([]byte(fmt.Sprintf("postgresql: %q", dsn)), &c); err != nil {
			t.Fatal(err)
		}
		dump, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(dump) + fmt.Sprintf("%v %+v", c, c); strings.Contains(s, "hunter2") {
			t.Errorf("the configuration shows the password: %s", s)
		}
		if got, err := c.ConnectionString(); err != nil || got != dsn {
			t.Errorf("connection string %q, %v", got, err)
		}
	}
}

func TestConnectionString(t *testing.T) {
	t.Setenv("FT_DB_PASSWORD", "p$x{y}")
	c := store.Config{PostgreSQL: "postgres://u:${FT_DB_PASSWORD}@db/f"}
	if got, err := c.ConnectionString(); err != nil || got != "postgres://u:p$x{y}@db/f" {
		t.Errorf("%q, %v", got, err)
	}
	path := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(path, []byte("postgres://db/f\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c = store.Config{PostgreSQLFile: path}
	if got, err := c.ConnectionString(); err != nil || got != "postgres://db/f" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := store.DefaultConfig().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]store.Config{
		"nowhere": {}, "negative": {Path: "x", Retention: store.Retention{Days: -1}}, "tiny": {Path: "x", Retention: store.Retention{Bytes: 1000}},
	} {
		if c.Validate() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
