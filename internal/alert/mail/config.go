// Package mail sends alerts by e-mail over SMTP with TLS (RFC 5321, 3207, 8314):
// text and HTML, one thread for each incident.
package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"

	"firetower/internal/alert"
	"firetower/internal/secret"
)

// The ways to protect the connection.
const (
	StartTLS = "starttls" // required, never fallen back from
	TLS      = "tls"      // from the first byte
	None     = "none"     // to this machine only
)

// Config is one mail server and who is written to.
type Config struct {
	Name         string       `yaml:"name" json:"name"`
	Host         string       `yaml:"host" json:"host"`
	Port         int          `yaml:"port" json:"port"` // 0: 587 for starttls, 465 for tls, 25 for none
	TLS          string       `yaml:"tls" json:"tls"`
	CAFile       string       `yaml:"ca_file,omitempty" json:"ca_file,omitempty"` // for a server with a private CA
	ServerName   string       `yaml:"server_name,omitempty" json:"server_name,omitempty"`
	Username     string       `yaml:"username,omitempty" json:"username,omitempty"`
	Password     secret.Text  `yaml:"password,omitempty" json:"password,omitempty"`
	PasswordFile string       `yaml:"password_file,omitempty" json:"password_file,omitempty"`
	From         string       `yaml:"from" json:"from"`
	To           []string     `yaml:"to" json:"to"`
	Helo         string       `yaml:"helo,omitempty" json:"helo,omitempty"`
	Policy       alert.Policy `yaml:"policy" json:"policy"`

	// Dashboard and Sensor are taken from the settings common to all sinks.
	Dashboard string `yaml:"-" json:"-"`
	Sensor    string `yaml:"-" json:"-"`
}

// DefaultConfig needs host, from and to.
func DefaultConfig() Config {
	return Config{Name: "mail", TLS: StartTLS, Policy: alert.DefaultPolicy()}
}

// UnmarshalYAML starts each entry of a list from the defaults. The signature is
// the one that the YAML libraries share, so none is imported.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	type plain Config
	p := plain(DefaultConfig())
	if err := unmarshal(&p); err != nil {
		return err
	}
	*c = Config(p)
	return nil
}

// Validate names the first setting that can not work.
func (c Config) Validate() error {
	switch {
	case c.Host == "":
		return errors.New("host is missing")
	case c.TLS != StartTLS && c.TLS != TLS && c.TLS != None:
		return fmt.Errorf("tls %q is none of %s, %s, %s", c.TLS, StartTLS, TLS, None)
	case c.TLS == None && !loopback(c.Host):
		return fmt.Errorf("tls: none would send alerts readable by anyone on the way to %s; it is for a server on this machine", c.Host)
	case c.TLS == None && c.Username != "":
		return errors.New("tls: none would send the password readable; use starttls or tls")
	case c.Username != "" && c.Password == "" && c.PasswordFile == "":
		return errors.New("username without password or password_file")
	case len(c.To) == 0:
		return errors.New("to is empty: who should get the mail?")
	case c.Port < 0 || c.Port > 65535:
		return fmt.Errorf("port %d is not between 1 and 65535; 0 takes the usual one", c.Port)
	}
	for _, a := range append([]string{c.From}, c.To...) {
		if _, err := mail.ParseAddress(a); err != nil {
			return fmt.Errorf("%q is not an address such as admin@example.org: %w", a, err)
		}
	}
	return c.Policy.Validate()
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func (c Config) port() int {
	switch {
	case c.Port != 0:
		return c.Port
	case c.TLS == TLS:
		return 465
	case c.TLS == None:
		return 25
	}
	return 587
}

// domain is that of the sender, for Message-IDs.
func (c Config) domain() string {
	if a, err := mail.ParseAddress(c.From); err == nil {
		if i := strings.LastIndexByte(a.Address, '@'); i >= 0 {
			return a.Address[i+1:]
		}
	}
	return "firetower.invalid"
}

func (c Config) tlsConfig() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.Host}
	if c.ServerName != "" {
		t.ServerName = c.ServerName
	}
	if c.CAFile == "" {
		return t, nil
	}
	pem, err := secret.File(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file %s has no certificate in PEM", c.CAFile)
	}
	return t, nil
}
