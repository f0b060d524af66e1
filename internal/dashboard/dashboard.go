// Package dashboard shows what Firetower sees in a browser: live rates and health,
// incidents with their reasons, suppressions, the model and the alerts' outbox, and
// offers the same as a JSON API. Pages, style, scripts and chart library are part of
// the program; no page asks anything of another origin.
//
// Everything that a page shows may come from an attacker: html/template escapes it,
// scripts set text and never markup, and the content security policy forbids what
// would get through.
package dashboard

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"firetower/internal/incident"
)

// Server is the dashboard. New makes it, Listen opens its port, Run serves.
type Server struct {
	cfg  Config
	deps Dependencies
	log  *slog.Logger
	now  func() time.Time

	names    map[string]bool // hosts that requests may name
	sessions *scs.SessionManager
	password password
	logins   *attempts
	tokens   *tokens
	pages    map[string]*template.Template
	hub      *hub
	meter    *meter

	suggestions suggestions

	handler http.Handler

	mu       sync.Mutex
	listener net.Listener
}

// New makes a dashboard. Nothing is opened or written until Listen and Run.
func New(cfg Config, deps Dependencies, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Store == nil {
		return nil, errors.New("the dashboard needs a store")
	}
	s := &Server{cfg: cfg, deps: deps, log: log, now: time.Now, names: hostNames(cfg), hub: newHub()}
	s.password = password{store: deps.Store}
	s.logins = newAttempts()
	s.tokens = newTokens(deps.Store)
	s.meter = newMeter(deps.Counters)
	s.sessions = newSessions(cfg, deps.Store, log)
	var err error
	if s.pages, err = parsePages(); err != nil {
		return nil, err
	}
	s.handler = s.routes()
	return s, nil
}

// Listen opens the port and reads the certificate, which may need rights that the
// daemon gives up before Run.
func (s *Server) Listen() error {
	if s.cfg.Listen == "" {
		return nil
	}
	secured, err := s.cfg.certificate()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("dashboard.listen: %w", err)
	}
	if secured != nil {
		secured.NextProtos = []string{"h2", "http/1.1"}
		l = tls.NewListener(l, secured)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener = l
	return nil
}

// URL is where the dashboard is reached; "" before Listen.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cfg.URL != "":
		return s.cfg.URL
	case s.listener == nil:
		return ""
	case s.cfg.TLSCert != "":
		return "https://" + s.listener.Addr().String()
	}
	return "http://" + s.listener.Addr().String()
}

// shutdownGrace is how long requests under way may take when the dashboard stops.
const shutdownGrace = time.Second

// Run serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	if l == nil {
		return nil
	}
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute, // the live stream extends its own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	var wg sync.WaitGroup
	background, stop := context.WithCancel(ctx)
	wg.Go(func() { s.settlePassword(background) })
	wg.Go(func() { s.tick(background) })
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		s.hub.close()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		if srv.Shutdown(grace) != nil {
			_ = srv.Close()
		}
		cancel()
		<-ended
	}
	stop()
	wg.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("dashboard: %w", err)
	}
	return nil
}

// Publish shows an incident to everyone who looks at the live pages. It never waits.
func (s *Server) Publish(inc *incident.Incident) {
	s.hub.send("incident", glance(inc))
}

// tick measures the rates and sends them out every second.
func (s *Server) tick(ctx context.Context) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	s.meter.measure(s.now())
	for {
		select {
		case <-ctx.Done():
			return
		case <-second.C:
			if r, ok := s.meter.measure(s.now()); ok {
				s.hub.send("rates", r)
			}
		}
	}
}
