package dashboard

import (
	stdbytes "bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"firetower/internal/attack"
	"firetower/internal/suppress"
)

//go:embed templates
var templates embed.FS

// layout is what every page has.
type layout struct {
	Title   string
	Here    string // path of the navigation's entry, "" on the log-in
	Flash   string // what the page before did
	Version string
	Nav     []navigation
}

type navigation struct{ Path, Name string }

func navigationEntries() []navigation {
	return []navigation{
		{"/", "Live"}, {"/incidents", "Incidents"}, {"/suppressions", "Suppressions"},
		{"/alerts", "Alerts"}, {"/model", "Model"}, {"/settings", "Settings"},
	}
}

func (s *Server) layout(r *http.Request, title, here string) layout {
	l := layout{Title: title, Here: here, Version: s.deps.Version}
	if here != "" {
		l.Nav = navigationEntries()
		l.Flash = s.sessions.PopString(r.Context(), sessionFlash)
	}
	return l
}

// parsePages parses each page with the layout around it.
func parsePages() (map[string]*template.Template, error) {
	base, err := template.New("layout.html").Funcs(functions()).ParseFS(templates, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	files, err := templates.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	pages := make(map[string]*template.Template)
	for _, f := range files {
		if f.Name() == "layout.html" || f.Name() == "parts.html" {
			continue
		}
		t, err := base.Clone()
		if err == nil {
			t, err = t.ParseFS(templates, "templates/"+f.Name())
		}
		if err != nil {
			return nil, fmt.Errorf("dashboard: %w", err)
		}
		pages[f.Name()[:len(f.Name())-len(".html")]] = t
	}
	return pages, nil
}

// functions are what the templates may call.
func functions() template.FuncMap {
	return template.FuncMap{
		"count":     func(n int) string { return count(int64(n)) },
		"short":     short,
		"bytes":     bytes,
		"span":      span,
		"urgency":   urgency,
		"state":     stateWord,
		"percent":   func(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) },
		"utc":       func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"iso":       func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		"more":      func(total, shown int) int { return max(0, total-shown) },
		"title":     func(c attack.Class) string { return c.Title() },
		"rule":      func(r suppress.Rule) string { return r.String() },
		"clip":      clip,
		"technique": technique,
		"level":     func(severity int) int { return min(max(severity, 1), 3) },
	}
}

// render writes a page; a template that fails leaves no half of one.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b stdbytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&b, "layout.html", data); err != nil {
		s.log.Error("dashboard page", "page", name, "error", err)
		http.Error(w, "The page could not be made. The daemon's log has the reason.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
}

// messagePage says one thing.
type messagePage struct {
	layout
	Text string
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusNotFound, "message", messagePage{s.layout(r, "Not found", "-"), "There is no such page, or what it was about is no longer kept."})
}

// broken says that a page could not be made because something failed.
func (s *Server) broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	s.log.Error("dashboard", "path", r.URL.Path, "error", err)
	s.render(w, r, http.StatusServiceUnavailable, "message", messagePage{s.layout(r, "It did not work", "-"),
		"The store does not answer as it should. Detection goes on; the daemon's log has the reason."})
}

// back returns to a page and says there what was done.
func (s *Server) back(w http.ResponseWriter, r *http.Request, to, said string) {
	s.sessions.Put(r.Context(), sessionFlash, said)
	http.Redirect(w, r, to, http.StatusSeeOther)
}
