package dashboard

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"
)

// Config says where the dashboard listens and who may reach it.
type Config struct {
	// Listen is an address such as 127.0.0.1:8900; empty: no dashboard.
	Listen string `yaml:"listen"`
	// TLSCert and TLSKey are PEM files. An address that others can reach needs them.
	TLSCert string `yaml:"tls_cert"`
	TLSKey  string `yaml:"tls_key"`
	// PlainHTTP allows an address that others can reach without TLS, for a proxy in
	// front that ends it.
	PlainHTTP bool `yaml:"plain_http"`
	// URL is where people reach the dashboard through a proxy or a name, such as
	// https://firetower.example.org.
	URL string `yaml:"url"`
	// Hosts are further names under which it is reached. Requests for any other
	// name are refused, so that no web page can reach it by rebinding its own.
	Hosts []string `yaml:"hosts"`
	// Session is how long a log-in lasts.
	Session time.Duration `yaml:"session"`
}

// DefaultConfig serves this machine alone.
func DefaultConfig() Config {
	return Config{Listen: "127.0.0.1:8900", Session: 12 * time.Hour}
}

// Validate names the first setting that can not work.
func (c Config) Validate() error {
	if c.Listen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("dashboard.listen: %w: give an address such as 127.0.0.1:8900", err)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("dashboard: tls_cert and tls_key belong together: set both or none")
	}
	if !loopback(host) && c.TLSCert == "" && !c.PlainHTTP {
		return fmt.Errorf("dashboard.listen: others can reach %s, and without TLS they could read the password: set tls_cert and tls_key, or plain_http if a proxy in front ends TLS", c.Listen)
	}
	if c.URL != "" {
		if u, err := url.Parse(c.URL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("dashboard.url: %q is not such as https://firetower.example.org", c.URL)
		}
	}
	if c.Session < time.Minute {
		return fmt.Errorf("dashboard.session: %s is too short to work with: give a minute or more", c.Session)
	}
	return nil
}

// certificate reads the certificate, while there still is the right to.
func (c Config) certificate() (*tls.Config, error) {
	if c.TLSCert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("dashboard.tls_cert: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// secure says whether browsers reach it over TLS.
func (c Config) secure() bool {
	u, err := url.Parse(c.URL)
	return c.TLSCert != "" || (err == nil && u.Scheme == "https")
}

// loopback says whether only this machine can reach a host.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
