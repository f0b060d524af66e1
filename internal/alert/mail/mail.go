package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"firetower/internal/alert"
	"firetower/internal/secret"
)

// Sink sends each message as one mail over a connection of its own.
type Sink struct {
	config Config
	now    func() time.Time
}

var _ alert.Sink = (*Sink)(nil)

// New makes a sink. It opens no connection, and reads the password at each
// delivery, so that a changed one needs no restart.
func New(c Config) (*Sink, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("mail %s: %w", c.Name, err)
	}
	return &Sink{config: c, now: time.Now}, nil
}

// Deliver hands the mail to the server. Nil means that the server has taken the
// responsibility for it (RFC 5321, 6.1).
func (s *Sink) Deliver(ctx context.Context, m *alert.Message) error {
	msg, err := s.build(m)
	if err != nil {
		return alert.Permanent(err)
	}
	client, err := s.client()
	if err != nil {
		return alert.Permanent(err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	var send *gomail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &send) && send.Reason == gomail.ErrSMTPReset:
		return nil // taken already; only the farewell failed
	case errors.As(err, &send) && !send.IsTemp() && send.ErrorCode() >= 500:
		return alert.Permanent(fmt.Errorf("%s refuses the mail: %w", s.config.Host, err))
	}
	return fmt.Errorf("%s:%d: %w", s.config.Host, s.config.port(), err)
}

func (s *Sink) client() (*gomail.Client, error) {
	c := s.config
	tlsConfig, err := c.tlsConfig()
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{gomail.WithPort(c.port()), gomail.WithTimeout(30 * time.Second), gomail.WithTLSConfig(tlsConfig)}
	switch c.TLS {
	case TLS:
		options = append(options, gomail.WithSSL())
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if c.Helo != "" {
		options = append(options, gomail.WithHELO(c.Helo))
	}
	if c.Username != "" {
		password, err := secret.Read(c.Password, c.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("password: %w", err)
		}
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(c.Username), gomail.WithPassword(password))
	}
	return gomail.NewClient(c.Host, options...)
}

// build makes the mail. Whatever comes from packets passes alert.Line before it
// is near a header.
func (s *Sink) build(m *alert.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(s.config.From); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if err := msg.To(s.config.To...); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	v := newView(m, s.config, s.now())
	msg.Subject(v.Subject)
	msg.SetDateWithValue(s.now())
	id, thread := messageIDs(m, s.config.domain())
	msg.SetMessageIDWithValue(id)
	if thread != "" && thread != id {
		msg.SetGenHeaderPreformatted("In-Reply-To", "<"+thread+">")
		msg.SetGenHeaderPreformatted("References", "<"+thread+">")
	}
	// RFC 3834: no vacation reply wanted.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader("X-Firetower-Kind", v.Kind)
	msg.SetGenHeader("X-Firetower-Severity", strconv.Itoa(m.Severity()))
	if len(m.Items) == 1 && m.Items[0].Incident != nil {
		msg.SetGenHeader("X-Firetower-Class", alert.Line(string(m.Items[0].Incident.Class), 40))
		msg.SetGenHeader("X-Firetower-Incident", alert.Line(m.Items[0].Incident.ID, 100))
	}
	if m.Severity() == 1 {
		msg.SetImportance(gomail.ImportanceHigh)
	}
	text, err := v.text()
	if err != nil {
		return nil, err
	}
	html, err := v.html()
	if err != nil {
		return nil, err
	}
	msg.SetBodyString(gomail.TypeTextPlain, text)
	msg.AddAlternativeString(gomail.TypeTextHTML, html)
	return msg, nil
}

// messageIDs gives the mail's own Message-ID, the same at every attempt, so that
// a server or reader can drop a mail that came twice, and that of the incident's
// first mail, so that all its mails are one thread.
func messageIDs(m *alert.Message, domain string) (id, thread string) {
	if m.Digest || len(m.Items) != 1 || m.Items[0].Incident == nil {
		return "firetower." + clean(m.ID) + "@" + domain, ""
	}
	it := m.Items[0]
	sum := sha256.Sum256([]byte(it.Incident.ID))
	thread = "firetower." + hex.EncodeToString(sum[:12]) + "@" + domain
	if it.Kind == alert.New {
		return thread, thread
	}
	return "firetower." + hex.EncodeToString(sum[:12]) + "." + strconv.Itoa(it.Incident.Revision) + "@" + domain, thread
}

func clean(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, id)
}
