package dashboard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// policy lets a page load what this server serves and nothing else: no inline
// script or style, no frame, no other origin.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// maxBody bounds what a request may send; the longest is a suppression.
const maxBody = 64 << 10

// harden puts in front of h what every request passes.
func (s *Server) harden(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("X-Frame-Options", "DENY")
		head.Set("Referrer-Policy", "no-referrer")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		head.Set("Cache-Control", "no-store")
		if s.cfg.TLSCert != "" {
			head.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !s.named(r.Host) {
			http.Error(w, "This dashboard is not known by that name. Add it to dashboard.hosts in the configuration.", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		h.ServeHTTP(w, r)
	})
}

// sameOrigin refuses requests that change something and come from another origin.
func (s *Server) sameOrigin(h http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	if u, err := url.Parse(s.cfg.URL); err == nil && u.Host != "" {
		_ = csrf.AddTrustedOrigin(u.Scheme + "://" + u.Host) // behind a proxy that rewrites Host
	}
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			apiError(w, http.StatusForbidden, "the request comes from another origin")
			return
		}
		s.message(w, r, http.StatusForbidden, "Refused", "The request came from a page of another site, so that nothing was changed. "+
			"Behind a proxy, dashboard.url in the configuration has to be the address that people use.")
	}))
	return csrf.Handler(h)
}

// hostNames are the names that requests may give for this server.
func hostNames(cfg Config) map[string]bool {
	names := map[string]bool{"localhost": true}
	for _, h := range cfg.Hosts {
		names[strings.ToLower(h)] = true
	}
	if u, err := url.Parse(cfg.URL); err == nil && u.Hostname() != "" {
		names[strings.ToLower(u.Hostname())] = true
	}
	if h, err := os.Hostname(); err == nil {
		names[strings.ToLower(h)] = true
	}
	return names
}

// named says whether a request's Host is this server's. A name that somebody else's
// DNS points here is not (DNS rebinding); an address can not be rebound.
func (s *Server) named(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return s.names[strings.ToLower(strings.TrimSuffix(host, "."))]
}

// local says whether a request comes from this machine and from no proxy on it.
func (s *Server) local(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !loopback(host) || s.cfg.URL != "" || s.cfg.PlainHTTP {
		return false
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	return true
}
