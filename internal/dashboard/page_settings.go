package dashboard

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"firetower/internal/store"
)

// settingsPage holds the password and the tokens.
type settingsPage struct {
	layout
	Tokens []Token
	Fresh  string // a token just made, shown once
	Wrong  string
	Least  int
}

func (s *Server) showSettings(w http.ResponseWriter, r *http.Request) {
	s.settings(w, r, http.StatusOK, "", "")
}

func (s *Server) settings(w http.ResponseWriter, r *http.Request, status int, fresh, wrong string) {
	p := settingsPage{layout: s.layout(r, "Settings", "/settings"), Fresh: fresh, Wrong: wrong, Least: MinPassword}
	var err error
	if p.Tokens, err = ListTokens(r.Context(), s.deps.Store, s.now()); err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, status, "settings", p)
}

// changePassword needs the old one, so that a browser left open is not enough.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request) {
	if wait := s.logins.wait(r.RemoteAddr, s.now()); wait > 0 {
		s.settings(w, r, http.StatusTooManyRequests, "", "Too many attempts. Wait "+seconds(wait)+" seconds.")
		return
	}
	ok, err := s.password.check(r.Context(), s.now(), r.PostFormValue("old"))
	switch {
	case err != nil:
		s.broken(w, r, err)
		return
	case !ok:
		s.settings(w, r, http.StatusBadRequest, "", "The current password is another one.")
		return
	case r.PostFormValue("new") != r.PostFormValue("again"):
		s.settings(w, r, http.StatusBadRequest, "", "The new password and its repetition differ.")
		return
	}
	if err := SetPassword(r.Context(), s.deps.Store, s.now(), r.PostFormValue("new")); err != nil {
		s.settings(w, r, http.StatusBadRequest, "", sentence(err.Error()))
		return
	}
	s.audit(r, "password", User, "")
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (s *Server) createToken(w http.ResponseWriter, r *http.Request) {
	var expires time.Time
	if days, err := strconv.Atoi(r.PostFormValue("days")); err == nil && days > 0 && days <= 3650 {
		expires = s.now().Add(time.Duration(days) * 24 * time.Hour)
	}
	text, t, err := CreateToken(r.Context(), s.deps.Store, s.now(), r.PostFormValue("name"), Scope(r.PostFormValue("scope")), expires)
	if err != nil {
		s.settings(w, r, http.StatusBadRequest, "", sentence(err.Error()))
		return
	}
	s.audit(r, "token.create", t.ID, t.Name+" ("+string(t.Scope)+")")
	s.settings(w, r, http.StatusOK, text, "")
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	switch err := RevokeToken(r.Context(), s.deps.Store, s.now(), id); {
	case errors.Is(err, store.ErrNotFound):
		s.notFound(w, r)
	case err != nil:
		s.broken(w, r, err)
	default:
		s.audit(r, "token.revoke", id, "")
		s.back(w, r, "/settings", "The token is revoked.")
	}
}
