// Package webhook sends alerts to programs and chats over HTTP: as JSON of our
// own, or through shoutrrr in the shape that Slack, Teams, Discord, ntfy and
// some thirty other services take.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"firetower/internal/alert"
	"firetower/internal/secret"
)

// Config is one place to post to.
type Config struct {
	Name string `yaml:"name" json:"name"`
	// URL is an http(s) address that gets JSON, or an address of a service in
	// shoutrrr's form, "slack://...", "ntfy://ntfy.sh/topic". It is a secret: who
	// has it can post.
	URL     secret.Text `yaml:"url,omitempty" json:"url,omitempty"`
	URLFile string      `yaml:"url_file,omitempty" json:"url_file,omitempty"`
	// Secret signs the JSON: X-Firetower-Signature is "sha256=" and the HMAC in hex.
	Secret     secret.Text  `yaml:"secret,omitempty" json:"secret,omitempty"`
	SecretFile string       `yaml:"secret_file,omitempty" json:"secret_file,omitempty"`
	Token      secret.Text  `yaml:"token,omitempty" json:"token,omitempty"` // sent as "Authorization: Bearer ..."
	TokenFile  string       `yaml:"token_file,omitempty" json:"token_file,omitempty"`
	CAFile     string       `yaml:"ca_file,omitempty" json:"ca_file,omitempty"`
	Policy     alert.Policy `yaml:"policy" json:"policy"`

	Dashboard string `yaml:"-" json:"-"`
	Sensor    string `yaml:"-" json:"-"`
}

// DefaultConfig needs a URL.
func DefaultConfig() Config {
	return Config{Name: "webhook", Policy: alert.MachinePolicy()}
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
	if (c.URL == "") == (c.URLFile == "") {
		return errors.New("set url or url_file")
	}
	if c.Secret != "" && c.SecretFile != "" || c.Token != "" && c.TokenFile != "" {
		return errors.New("set a secret or the file for it, not both")
	}
	return c.Policy.Validate()
}

// New makes the sink that the URL asks for. It opens no connection.
func New(c Config) (alert.Sink, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("webhook %s: %w", c.Name, err)
	}
	address, err := secret.Read(c.URL, c.URLFile)
	if err != nil {
		return nil, fmt.Errorf("webhook %s: url: %w", c.Name, err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return nil, fmt.Errorf("webhook %s: the url is none", c.Name) // its text is a secret
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return newChat(c, address)
	}
	if u.Host == "" {
		return nil, fmt.Errorf("webhook %s: the url has no host", c.Name)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if c.CAFile != "" {
		pem, err := secret.File(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("webhook %s: ca_file: %w", c.Name, err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("webhook %s: ca_file %s has no certificate in PEM", c.Name, c.CAFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	h := &hook{config: c, url: address, client: &http.Client{Timeout: 30 * time.Second, Transport: transport,
		// A redirect would carry the alert, and the token, to somewhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if _, _, err := h.secrets(); err != nil {
		return nil, fmt.Errorf("webhook %s: %w", c.Name, err)
	}
	return h, nil
}

// Payload is the JSON that a webhook gets.
type Payload struct {
	Version   int           `json:"version"` // 1
	MessageID string        `json:"message_id"`
	Sensor    string        `json:"sensor,omitempty"`
	HeldBack  string        `json:"held_back,omitempty"`
	Alerts    []PayloadItem `json:"alerts"`
}

// PayloadItem is one alert.
type PayloadItem struct {
	alert.Item
	Headline string `json:"headline"`
	Link     string `json:"link,omitempty"`
}

type hook struct {
	config Config
	url    string
	client *http.Client
}

// Deliver posts. Nil means a status of 2xx.
func (h *hook) Deliver(ctx context.Context, m *alert.Message) error {
	p := Payload{Version: 1, MessageID: m.ID, Sensor: h.config.Sensor, HeldBack: m.HeldBack}
	for _, it := range m.Items {
		p.Alerts = append(p.Alerts, PayloadItem{Item: it, Headline: alert.Headline(it), Link: alert.Link(h.config.Dashboard, it)})
	}
	body, err := json.Marshal(p)
	if err != nil {
		return alert.Permanent(err)
	}
	req, err := h.request(ctx, m, body)
	if err != nil {
		return alert.Permanent(err)
	}
	res, err := h.client.Do(req)
	if err != nil {
		return redact(err)
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 2048))
	return status(res, said)
}

func (h *hook) request(ctx context.Context, m *alert.Message, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return nil, redact(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Firetower")
	req.Header.Set("Idempotency-Key", m.ID)
	token, key, err := h.secrets()
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write(body)
		req.Header.Set("X-Firetower-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	return req, nil
}

// secrets reads the bearer token and the key of the signature: at the start, so that
// one that can not be read is found, and at each delivery, so that a changed one
// needs no restart.
func (h *hook) secrets() (token, key string, err error) {
	if token, err = secret.Read(h.config.Token, h.config.TokenFile); err != nil {
		return "", "", fmt.Errorf("token: %w", err)
	}
	if key, err = secret.Read(h.config.Secret, h.config.SecretFile); err != nil {
		return "", "", fmt.Errorf("secret: %w", err)
	}
	return token, key, nil
}

// status reads the answer: 4xx will be the same next time, except for "too
// early", "too many" and a time-out.
func status(res *http.Response, said []byte) error {
	if res.StatusCode/100 == 2 {
		return nil
	}
	err := fmt.Errorf("the webhook answered %s: %s", res.Status, alert.Line(string(said), 200))
	switch {
	case res.StatusCode == http.StatusRequestTimeout, res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusTooEarly:
		return err
	case res.StatusCode/100 == 3:
		return alert.Permanent(fmt.Errorf("%w (a redirect is not followed; set the final address)", err))
	case res.StatusCode/100 == 4:
		return alert.Permanent(err)
	}
	return err
}

var addresses = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s"']+`)

// redact takes paths and queries out of the addresses in an error: that is
// where webhooks have their secrets.
func redact(err error) error {
	return errors.New(addresses.ReplaceAllStringFunc(err.Error(), func(s string) string {
		u, parse := url.Parse(strings.TrimRight(s, ":"))
		if parse != nil || (u.Scheme != "http" && u.Scheme != "https") {
			scheme, _, _ := strings.Cut(s, "://")
			return scheme + "://..."
		}
		return u.Scheme + "://" + u.Host + "/..."
	}))
}

// withhold takes every part of an address that could be a secret out of what a
// library says about it.
func withhold(err error, address string) error {
	text := redact(err).Error()
	_, rest, _ := strings.Cut(address, "://")
	for _, part := range strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("/:@?&=#,", r) }) {
		if len(part) >= 5 {
			text = strings.ReplaceAll(text, part, "...")
		}
	}
	return errors.New(text)
}
