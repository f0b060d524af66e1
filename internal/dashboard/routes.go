package dashboard

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"firetower/internal/store"
)

//go:embed assets
var assets embed.FS

// routes lays out everything that is served.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", s.serveAssets())
	mux.HandleFunc("GET /healthz", s.serveHealthz)
	mux.HandleFunc("GET /metrics", s.serveMetrics)
	mux.HandleFunc("GET /login", s.showLogin)
	mux.HandleFunc("POST /login", s.doLogin)
	mux.HandleFunc("POST /logout", s.page(s.doLogout))

	mux.HandleFunc("GET /{$}", s.page(s.showLive))
	mux.HandleFunc("GET /events", s.page(s.serveEvents))
	mux.HandleFunc("GET /incidents", s.page(s.showIncidents))
	mux.HandleFunc("POST /incidents/judge", s.page(s.judgeIncidents))
	mux.HandleFunc("GET /incidents/{id}", s.page(s.showIncident))
	mux.HandleFunc("POST /incidents/{id}/state", s.page(s.judgeIncident))
	mux.HandleFunc("GET /incidents/{id}/evidence/{kind}", s.page(s.serveEvidence))
	mux.HandleFunc("GET /suppressions", s.page(s.showSuppressions))
	mux.HandleFunc("POST /suppressions", s.page(s.changeSuppression))
	mux.HandleFunc("POST /suppressions/{id}/remove", s.page(s.removeSuppression))
	mux.HandleFunc("GET /alerts", s.page(s.showAlerts))
	mux.HandleFunc("POST /alerts/{sink}/retry", s.page(s.retryAlerts))
	mux.HandleFunc("GET /model", s.page(s.showModel))
	mux.HandleFunc("GET /model/report", s.page(s.serveReport))
	mux.HandleFunc("GET /settings", s.page(s.showSettings))
	mux.HandleFunc("POST /settings/password", s.page(s.changePassword))
	mux.HandleFunc("POST /settings/tokens", s.page(s.createToken))
	mux.HandleFunc("POST /settings/tokens/{id}/revoke", s.page(s.revokeToken))
	s.apiRoutes(mux)
	mux.HandleFunc("/", s.page(s.notFound))
	return s.harden(s.sessions.LoadAndSave(s.sameOrigin(mux)))
}

// page lets only those through who have logged in.
func (s *Server) page(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.known(r) {
			h(w, r)
			return
		}
		if r.Method != http.MethodGet || r.URL.Path == "/events" {
			s.message(w, r, http.StatusUnauthorized, "You are not logged in", "The session has ended, so that nothing was changed. Log in and do it once more.")
			return
		}
		to := "/login"
		if r.URL.Path != "/" {
			to += "?next=" + url.QueryEscape(r.URL.RequestURI())
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
}

type authorKey struct{}

// author is who the audit says did it.
func (s *Server) author(r *http.Request) string {
	if name, ok := r.Context().Value(authorKey{}).(string); ok {
		return name
	}
	return User
}

// token gives the bearer token of a request; given is false if it has none.
func (s *Server) token(r *http.Request) (t Token, given bool, err error) {
	head := r.Header.Get("Authorization")
	if head == "" {
		return Token{}, false, nil
	}
	scheme, text, _ := strings.Cut(head, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Token{}, true, store.ErrNotFound
	}
	t, err = s.tokens.find(r.Context(), s.now(), strings.TrimSpace(text))
	return t, true, err
}

// api lets a token of enough scope or a session through.
func (s *Server) api(need Scope, h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, given, err := s.token(r)
		switch {
		case given && errors.Is(err, store.ErrNotFound), !given && !s.known(r):
			w.Header().Set("WWW-Authenticate", `Bearer realm="firetower"`)
			apiError(w, http.StatusUnauthorized, "no such token, or it has expired: give one as 'Authorization: Bearer ...'")
			return
		case err != nil:
			s.fail(w, r, err)
			return
		case given && need == ReadWrite && t.Scope != ReadWrite:
			apiError(w, http.StatusForbidden, "this token may only read")
			return
		}
		if given {
			r = r.WithContext(context.WithValue(r.Context(), authorKey{}, "token:"+t.Name))
		}
		if r.Method != http.MethodGet && r.Method != http.MethodDelete && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			apiError(w, http.StatusUnsupportedMediaType, "send Content-Type: application/json")
			return
		}
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

func (s *Server) serveAssets() http.Handler {
	sub, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	files := http.StripPrefix("/assets/", http.FileServerFS(sub))
	started := time.Now().UTC().Format(http.TimeFormat)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") { // no listing
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Last-Modified", started)
		if r.Header.Get("If-Modified-Since") == started {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		files.ServeHTTP(w, r)
	})
}

// serveHealthz answers whether the daemon is well, and nothing else: anyone may ask.
func (s *Server) serveHealthz(w http.ResponseWriter, r *http.Request) {
	for _, item := range s.health(r.Context()) {
		if item.Condition == Failing {
			http.Error(w, "failing: "+item.Name, http.StatusServiceUnavailable)
			return
		}
	}
	_, _ = w.Write([]byte("ok\n"))
}

// serveMetrics serves Prometheus on this machine, or with a token.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if s.deps.Metrics == nil {
		http.NotFound(w, r)
		return
	}
	if _, given, err := s.token(r); (given && err != nil) || (!given && !s.local(r) && !s.known(r)) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="firetower"`)
		http.Error(w, "From another machine the metrics need a token.", http.StatusUnauthorized)
		return
	}
	s.deps.Metrics.ServeHTTP(w, r)
}
