package dashboard

import (
	"net/http"
	"strings"
	"time"

	"firetower/internal/store"
	"firetower/internal/words"
)

const (
	sessionStamp = "stamp" // of the password it was opened with
	sessionFlash = "flash" // what the next page says once
)

// known says whether the request belongs to a session that still counts.
func (s *Server) known(r *http.Request) bool {
	stamp := s.sessions.GetString(r.Context(), sessionStamp)
	return stamp != "" && stamp == s.password.stamp(r.Context(), s.now())
}

// loginPage asks for the password.
type loginPage struct {
	layout
	Next   string
	Wrong  string
	Failed bool
}

func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) {
	if s.known(r) {
		http.Redirect(w, r, inside(r.FormValue("next")), http.StatusSeeOther)
		return
	}
	s.render(w, r, http.StatusOK, "login", loginPage{layout: s.layout(r, "Log in", ""), Next: inside(r.FormValue("next"))})
}

func (s *Server) doLogin(w http.ResponseWriter, r *http.Request) {
	next := inside(r.PostFormValue("next"))
	refuse := func(status int, why string) {
		s.render(w, r, status, "login", loginPage{layout: s.layout(r, "Log in", ""), Next: next, Wrong: why})
	}
	if wait := s.logins.wait(r.RemoteAddr, s.now()); wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		s.log.Warn("too many log-ins", "from", r.RemoteAddr)
		refuse(http.StatusTooManyRequests, "Too many attempts. Wait "+seconds(wait)+" seconds and try again.")
		return
	}
	ok, err := s.password.check(r.Context(), s.now(), r.PostFormValue("password"))
	if err != nil {
		s.log.Error("log-in", "error", err)
		refuse(http.StatusServiceUnavailable, "The store does not answer, so that the password can not be checked. The daemon's log has the reason.")
		return
	}
	if !ok {
		s.log.Warn("wrong password for the dashboard", "from", r.RemoteAddr)
		refuse(http.StatusUnauthorized, "That is not the password. “firetower dashboard password” sets a new one.")
		return
	}
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		s.log.Error("log-in", "error", err)
		refuse(http.StatusServiceUnavailable, "The session could not be opened. The daemon's log has the reason.")
		return
	}
	s.sessions.Put(r.Context(), sessionStamp, s.password.stamp(r.Context(), s.now()))
	s.logins.forgive(r.RemoteAddr)
	s.audit(r, "login", User, "from "+r.RemoteAddr)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *Server) doLogout(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.log.Error("log-out", "error", err)
		http.Error(w, "The session could not be ended. The daemon's log has the reason.", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// inside gives a path on this server, "/" for anything that leads elsewhere.
func inside(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(next, "/log") {
		return "/"
	}
	return next
}

// audit writes who did what; a store that does not take it is no reason to refuse.
func (s *Server) audit(r *http.Request, action, subject, detail string) {
	err := s.deps.Store.AppendAudit(r.Context(), store.AuditEntry{At: s.now(), Author: s.author(r), Action: action, Subject: subject, Detail: detail})
	if err != nil {
		s.log.Warn("not in the audit", "action", action, "error", err)
	}
}

func seconds(d time.Duration) string { return words.Count(int64(max(1, d/time.Second))) }
