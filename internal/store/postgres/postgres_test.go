package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"firetower/internal/store"
	"firetower/internal/store/postgres"
	"firetower/internal/store/storetest"
)

// TestServer runs everything that needs a server on one.
func TestServer(t *testing.T) {
	server := startServer(t)
	t.Run("Conformance", func(t *testing.T) { testConformance(t, server) })
	t.Run("TwoOpenAtOnce", func(t *testing.T) { testTwoOpenAtOnce(t, server) })
	t.Run("NewerVersion", func(t *testing.T) { testNewerVersion(t, server) })
	t.Run("GoesAwayAndComesBack", func(t *testing.T) { testGoesAwayAndComesBack(t, server) })
}

func testConformance(t *testing.T, server *server) {
	var n atomic.Int32
	storetest.Run(t, func(t *testing.T) store.Store {
		t.Helper()
		return open(t, server.database(t, fmt.Sprintf("suite%d", n.Add(1))))
	})
}

func open(t *testing.T, dsn string) store.Store {
	t.Helper()
	s, err := postgres.Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func testGoesAwayAndComesBack(t *testing.T, server *server) {
	ctx := context.Background()
	s := open(t, server.database(t, "away"))
	if err := s.Record(ctx, storetest.Epoch, storetest.Incident(1), 0, nil); err != nil {
		t.Fatal(err)
	}
	server.stop(t)
	if err := s.Record(ctx, storetest.Epoch, storetest.Incident(2), 0, nil); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("with the server down: %v, want ErrUnavailable", err)
	}
	server.start(t)
	var err error
	for range 3 { // connections of before have to be found dead first
		if err = s.Record(ctx, storetest.Epoch, storetest.Incident(2), 0, nil); err == nil {
			break
		}
	}
	page, err2 := s.FindIncidents(ctx, store.Query{})
	if err != nil || err2 != nil || page.Total != 2 {
		t.Errorf("after it came back: %v, %v, %d incidents", err, err2, page.Total)
	}
}

func testTwoOpenAtOnce(t *testing.T, server *server) {
	dsn := server.database(t, "race")
	errs := make(chan error)
	for range 4 {
		go func() {
			s, err := postgres.Open(context.Background(), dsn)
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestPasswordStaysOut(t *testing.T) {
	for _, dsn := range []string{
		"postgres://u:hunter2@127.0.0.1:1/db?connect_timeout=1", "host=127.0.0.1 port=1 user=u password=hunter2 connect_timeout=1",
		"postgres://u:hunter2@127.0.0.1:x/db", "password='hunter2 x",
	} {
		_, err := postgres.Open(context.Background(), dsn)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}

func testNewerVersion(t *testing.T, server *server) {
	ctx := context.Background()
	dsn := server.database(t, "newer")
	if err := open(t, dsn).Health(ctx); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(ctx, dsn); !errors.Is(err, store.ErrNewer) {
		t.Errorf("got %v, want ErrNewer", err)
	}
}
