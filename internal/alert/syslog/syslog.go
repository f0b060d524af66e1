// Package syslog sends alerts to a syslog daemon or a SIEM: RFC 5424 messages
// over UDP (RFC 5426), TCP with octet counting (RFC 6587) or TLS (RFC 5425),
// with the text in words or as CEF.
package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"firetower/internal/alert"
	"firetower/internal/secret"
)

// Config is one syslog receiver.
type Config struct {
	Name       string       `yaml:"name" json:"name"`
	Network    string       `yaml:"network" json:"network"` // udp, tcp or tls
	Address    string       `yaml:"address" json:"address"` // "192.0.2.5:514"
	Format     string       `yaml:"format" json:"format"`   // rfc5424 or cef
	Facility   string       `yaml:"facility" json:"facility"`
	Hostname   string       `yaml:"hostname,omitempty" json:"hostname,omitempty"` // "": this machine's
	CAFile     string       `yaml:"ca_file,omitempty" json:"ca_file,omitempty"`
	ServerName string       `yaml:"server_name,omitempty" json:"server_name,omitempty"`
	CertFile   string       `yaml:"cert_file,omitempty" json:"cert_file,omitempty"` // ours, if the receiver asks for one
	KeyFile    string       `yaml:"key_file,omitempty" json:"key_file,omitempty"`
	Policy     alert.Policy `yaml:"policy" json:"policy"`

	Dashboard string `yaml:"-" json:"-"`
	Sensor    string `yaml:"-" json:"-"`
	Version   string `yaml:"-" json:"-"` // of Firetower, for CEF
}

// The formats.
const (
	RFC5424 = "rfc5424"
	CEF     = "cef"
)

// DefaultConfig needs an address.
func DefaultConfig() Config {
	return Config{Name: "syslog", Network: "udp", Format: RFC5424, Facility: "daemon", Policy: alert.MachinePolicy()}
}

// facilities in the order of their numbers (RFC 5424, table 1).
func facilities() []string {
	return []string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}
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
	if !slices.Contains([]string{"udp", "tcp", "tls"}, c.Network) {
		return fmt.Errorf("network %q is none of udp, tcp, tls", c.Network)
	}
	if _, _, err := net.SplitHostPort(c.Address); err != nil {
		return fmt.Errorf("address %q is not host:port: %w", c.Address, err)
	}
	if c.Format != RFC5424 && c.Format != CEF {
		return fmt.Errorf("format %q is neither %s nor %s", c.Format, RFC5424, CEF)
	}
	if !slices.Contains(facilities(), c.Facility) {
		return fmt.Errorf("facility %q is none of %s", c.Facility, strings.Join(facilities(), ", "))
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		return errors.New("cert_file and key_file belong together")
	}
	return c.Policy.Validate()
}

// Sink sends each message over a connection of its own: alerts are rare, and an
// idle connection is one that a firewall forgets.
type Sink struct {
	config Config
	host   string
}

var _ alert.Sink = (*Sink)(nil)

// New makes a sink. It opens no connection. It reads the certificates, so that one
// that can not be read is found now.
func New(c Config) (*Sink, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("syslog %s: %w", c.Name, err)
	}
	host := c.Hostname
	if host == "" {
		host, _ = os.Hostname()
	}
	s := &Sink{config: c, host: host}
	if _, err := s.tls(); err != nil {
		return nil, fmt.Errorf("syslog %s: %w", c.Name, err)
	}
	return s, nil
}

// Deliver sends one syslog message for each item. Syslog has no acknowledgement.
// Over TCP and TLS nil means that the receiver has read everything and closed
// its side, or kept the connection without complaint; over UDP only that no
// error came back.
func (s *Sink) Deliver(ctx context.Context, m *alert.Message) error {
	var lines [][]byte
	for _, it := range m.Items {
		line, err := s.format(it)
		if err != nil {
			return alert.Permanent(err)
		}
		lines = append(lines, line)
	}
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	for _, line := range lines {
		if s.config.Network != "udp" {
			line = append([]byte(strconv.Itoa(len(line))+" "), line...)
		}
		if _, err := conn.Write(line); err != nil {
			return fmt.Errorf("syslog at %s: %w", s.config.Address, err)
		}
	}
	return s.farewell(conn)
}

// How long a receiver has to object.
const (
	udpPatience = 50 * time.Millisecond // ICMP port unreachable
	tcpPatience = 2 * time.Second       // its FIN after ours
)

// farewell waits for a sign that the message was lost.
func (s *Sink) farewell(conn net.Conn) error {
	patience := udpPatience
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		patience = tcpPatience
		if err := c.CloseWrite(); err != nil {
			return fmt.Errorf("syslog at %s: %w", s.config.Address, err)
		}
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	_, err := io.Copy(io.Discard, io.LimitReader(conn, 4096))
	var timeout net.Error
	if err == nil || errors.Is(err, io.EOF) || (errors.As(err, &timeout) && timeout.Timeout()) {
		return nil
	}
	return fmt.Errorf("syslog at %s: %w", s.config.Address, err)
}

func (s *Sink) dial(ctx context.Context) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if s.config.Network != "tls" {
		return dialer.DialContext(ctx, s.config.Network, s.config.Address)
	}
	config, err := s.tls()
	if err != nil {
		return nil, alert.Permanent(err)
	}
	d := tls.Dialer{NetDialer: dialer, Config: config}
	return d.DialContext(ctx, "tcp", s.config.Address)
}

// tls reads the certificates of a connection over TLS.
func (s *Sink) tls() (*tls.Config, error) {
	c := s.config
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.ServerName}
	if c.CAFile != "" {
		pem, err := secret.File(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca_file %s has no certificate in PEM", c.CAFile)
		}
	}
	if c.CertFile == "" {
		return config, nil
	}
	cert, err := secret.File(c.CertFile)
	if err != nil {
		return nil, fmt.Errorf("cert_file: %w", err)
	}
	key, err := secret.File(c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("key_file: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("cert_file %s, key_file %s: %w", c.CertFile, c.KeyFile, err)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}
