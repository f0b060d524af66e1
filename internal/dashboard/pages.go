package dashboard

import (
	stdbytes "bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"time"

	"firetower/internal/attack"
	"firetower/internal/behaviour"
	"firetower/internal/store"
	"firetower/internal/words"
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
	Health  []HealthItem
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
	if here != "" && here != nowhere {
		l.Health = s.health(r.Context())
	}
	return l
}

// nowhere is the place of a page that no entry of the navigation leads to.
const nowhere = "-"

// Failing are the parts that do not do their work, which every page says.
func (l layout) Failing() []HealthItem {
	var out []HealthItem
	for _, item := range l.Health {
		if item.Condition == Failing {
			out = append(out, item)
		}
	}
	return out
}

// parsePages parses each page with the layout around it.
func parsePages() (map[string]*template.Template, error) {
	base, err := template.New("layout.html").Funcs(functions()).ParseFS(templates, "templates/layout.html", "templates/parts.html", "templates/keys.html")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	files, err := templates.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	pages := make(map[string]*template.Template)
	for _, f := range files {
		if slices.Contains([]string{"layout.html", "parts.html", "keys.html"}, f.Name()) {
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
		"count":      words.Count[int],
		"short":      short,
		"bytes":      bytes,
		"span":       span,
		"urgency":    urgency,
		"state":      stateWord,
		"percent":    func(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) },
		"utc":        func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"between":    func(a, z time.Time) string { return span(max(0, z.Sub(a))) },
		"iso":        func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		"more":       func(total, shown int) int { return max(0, total-shown) },
		"title":      func(c attack.Class) string { return c.Title() },
		"figure":     figure,
		"deed":       deed,
		"way":        behaviour.Way,
		"capital":    capital,
		"plural":     words.Plural[int],
		"listed":     func(r store.Record) row { return row{r, false} },
		"selectable": func(r store.Record) row { return row{r, true} },
		"spans":      func() []choice { return spans },
		"mitre":      mitre,
		"rule":       ruleWords,
		"clip":       clip,
		"technique":  technique,
		"level":      func(severity int) int { return min(max(severity, 1), 3) },
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

// message answers with a page that says what is wrong and what to do. Who is not
// logged in sees no navigation.
func (s *Server) message(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	here := ""
	if s.known(r) {
		here = nowhere
	}
	s.render(w, r, status, "message", messagePage{s.layout(r, title, here), text})
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.message(w, r, http.StatusNotFound, "Not found", "There is no such page, or what it was about is no longer kept.")
}

// broken says that a page could not be made because something failed.
func (s *Server) broken(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	s.log.Error("dashboard", "path", r.URL.Path, "error", err)
	s.message(w, r, http.StatusServiceUnavailable, "It did not work",
		"The store does not answer as it should. Detection goes on; the daemon's log has the reason.")
}

// back returns to a page and says there what was done.
func (s *Server) back(w http.ResponseWriter, r *http.Request, to, said string) {
	s.sessions.Put(r.Context(), sessionFlash, said)
	http.Redirect(w, r, to, http.StatusSeeOther)
}
