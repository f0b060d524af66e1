package mail

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"firetower/internal/alert"
	"firetower/internal/secret"
)

// Sink sends each message as one mail over a connection of its own.
type Sink struct {
	config Config
	now    func() time.Time
	taken  map[string][]string // by message: who has it, when others were refused
}

// maxTaken bounds Sink.taken; a person who falls out of it gets a mail twice.
const maxTaken = 1000

var _ alert.Sink = (*Sink)(nil)

// New makes a sink. It opens no connection. It reads the password and the
// certificates, so that one that can not be read is found now, and again at each
// delivery, so that a changed one needs no restart.
func New(c Config) (*Sink, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("mail %s: %w", c.Name, err)
	}
	s := &Sink{config: c, now: time.Now, taken: make(map[string][]string)}
	if _, err := s.client(&line{}); err != nil {
		return nil, fmt.Errorf("mail %s: %w", c.Name, err)
	}
	return s, nil
}

// Deliver hands the mail to the server. Nil means that the server has taken the
// responsibility for it (RFC 5321, 6.1), for every recipient. If it refuses one of
// several, the others get theirs at once and only the one is tried again.
func (s *Sink) Deliver(ctx context.Context, m *alert.Message) error {
	if _, split := s.taken[m.ID]; !split {
		err := s.send(ctx, m, s.config.To)
		if !alert.IsPermanent(err) || len(s.config.To) == 1 {
			return err
		}
		if len(s.taken) >= maxTaken {
			clear(s.taken)
		}
		s.taken[m.ID] = nil
	}
	var failed []error
	for _, to := range s.config.To {
		if slices.Contains(s.taken[m.ID], to) {
			continue
		}
		if err := s.send(ctx, m, []string{to}); err != nil {
			failed = append(failed, err)
			continue
		}
		s.taken[m.ID] = append(s.taken[m.ID], to)
	}
	if len(failed) == 0 {
		delete(s.taken, m.ID)
	}
	for _, err := range failed {
		if !alert.IsPermanent(err) {
			return err
		}
	}
	return errors.Join(failed...)
}

func (s *Sink) send(ctx context.Context, m *alert.Message, to []string) error {
	msg, err := s.build(m, to)
	if err != nil {
		return alert.Permanent(err)
	}
	line := &line{}
	defer line.hangUp()
	client, err := s.client(line)
	if err != nil {
		return alert.Permanent(err)
	}
	defer context.AfterFunc(ctx, line.hangUp)() // go-mail looks at ctx while dialling only
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("%s:%d: %w", s.config.Host, s.config.port(), err)
	}
	err = client.SendWithSMTPClient(session, msg)
	var send *gomail.SendError
	switch {
	case err == nil, errors.As(err, &send) && send.Reason == gomail.ErrSMTPReset:
		_ = session.Quit() // the mail is taken, whatever the farewell brings
		return nil
	case errors.As(err, &send) && !send.IsTemp() && send.ErrorCode() >= 500:
		return alert.Permanent(fmt.Errorf("%s refuses the mail: %w", s.config.Host, err))
	}
	return fmt.Errorf("%s:%d: %w", s.config.Host, s.config.port(), err)
}

// line is the connection of one delivery. go-mail leaves it open when TLS or the
// log-in fails, so it is closed here in every case.
type line struct {
	mu   sync.Mutex
	conn net.Conn
}

func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

func (l *line) dialer(t *tls.Config) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		if t != nil {
			conn, err = (&tls.Dialer{Config: t}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		if err == nil {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.conn = conn
		}
		return conn, err
	}
}

func (s *Sink) client(l *line) (*gomail.Client, error) {
	c := s.config
	tlsConfig, err := c.tlsConfig()
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{gomail.WithPort(c.port()), gomail.WithTimeout(30 * time.Second), gomail.WithTLSConfig(tlsConfig)}
	switch c.TLS {
	case TLS:
		// The dialer insists on TLS; the policy lets go-mail find that it is there.
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithDialContextFunc(l.dialer(tlsConfig)))
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithDialContextFunc(l.dialer(nil)))
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithDialContextFunc(l.dialer(nil)))
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
func (s *Sink) build(m *alert.Message, to []string) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(s.config.From); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if err := msg.To(to...); err != nil {
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
